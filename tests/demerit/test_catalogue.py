"""The negative list: versions that follow each other, items that do not change once records may refer to them."""

from __future__ import annotations

import frappe
import pytest
from demerit.conftest import MANAGER, OFFICE
from frappe.desk.search import search_link

from medaffairs.demerit import catalogue


def test_a_new_version_takes_the_place_of_the_one_before(house, as_user):
    as_user(MANAGER)
    frappe.db.set_value(
        "Negative List Version", {"name": ("!=", house.version), "status": "In Force"}, "status", "Retired"
    )
    name = catalogue.draft("T 新版", house.version)
    item = frappe.get_doc("Negative List Item", f"{name}-A")
    item.points = 3
    item.save()
    catalogue.put_in_force(name, "2030-01-01")
    rows = {
        row.name: (row.status, str(row.effective_from), str(row.effective_to))
        for row in frappe.get_all("Negative List Version", filters={"name": ("like", "T %")}, fields=["*"])
    }
    assert rows == {
        "T 版": ("Retired", "2020-01-01", "2029-12-31"), "T 新版": ("In Force", "2030-01-01", "None"),
    }  # fmt: skip
    assert frappe.db.get_value("Negative List Item", f"{house.version}-A", "points") == 1


def test_items_in_force_are_disabled_and_nothing_else(house, as_user):
    as_user(MANAGER)
    item = frappe.get_doc("Negative List Item", f"{house.version}-A")
    item.points = 3
    with pytest.raises(frappe.ValidationError, match="do not change"):
        item.save()
    item.reload()
    item.disabled = 1
    item.save()
    with pytest.raises(frappe.ValidationError, match="stay on record"):
        frappe.delete_doc("Negative List Item", item.name)
    with pytest.raises(frappe.ValidationError, match="do not change"):
        frappe.get_doc(
            doctype="Negative List Item", version=house.version, item_code="Z", behaviour="新", points=1
        ).insert()


def test_a_disabled_item_is_not_recorded_any_more(house, record):
    frappe.db.set_value("Negative List Item", f"{house.version}-A", "disabled", 1)
    with pytest.raises(frappe.ValidationError, match="not an item that is in force"):
        record("A")


def test_states_of_versions_are_not_typed(house, as_user):
    as_user(MANAGER)
    doc = frappe.get_doc("Negative List Version", house.version)
    doc.status = "Draft"
    doc.save()
    assert frappe.db.get_value("Negative List Version", house.version, "status") == "In Force"


def test_an_empty_draft_is_not_put_in_force_and_the_office_decides_nothing(house, as_user):
    as_user(MANAGER)
    name = catalogue.draft("T 空")
    with pytest.raises(frappe.ValidationError, match="no items"):
        catalogue.put_in_force(name)
    as_user(OFFICE)
    with pytest.raises(frappe.PermissionError):
        catalogue.put_in_force(name)


def test_the_delivered_list_is_there_with_its_bases(site):
    rows = frappe.get_all(
        "Negative List Item", filters={"version": "院内试行版"}, fields=["points", "basis", "certainty"]
    )
    assert len(rows) >= 50 and all(row.points > 0 and row.basis and row.certainty for row in rows)


def test_items_in_force_are_offered_before_retired_ones(house, as_user):
    old = catalogue.draft("T 旧版", house.version)
    frappe.db.set_value("Negative List Version", old, {"status": "Retired", "effective_to": "2019-12-31"})
    as_user(OFFICE)
    # The host answers with the rows or puts them into the response.
    found = search_link("Negative List Item", "行为B", page_length=5) or frappe.response.get("results")
    assert [row["value"] for row in found] == [f"{house.version}-B", f"{old}-B"]
    assert [row["label"] for row in found] == ["行为B", "行为B"]
    assert "Retired" in found[1]["description"] and "Retired" not in found[0]["description"]
