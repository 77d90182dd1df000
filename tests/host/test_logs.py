"""What was exported and printed is noted in Access Log, with who and what."""

import json

import frappe
import pytest
from host.sign_in import inside


@pytest.fixture
def reader(account, browser):
    """Somebody who may export roles, at the door; his notes are gone afterwards."""
    user, door = account("exporter", "System Manager"), browser()
    door.login(user)
    yield user, door
    inside(lambda: frappe.db.delete("Access Log", {"user": user}))


def noted(user: str) -> list[dict]:
    fields = ["export_from", "reference_document", "file_type", "method", "filters"]
    return inside(lambda: [dict(row) for row in frappe.get_all("Access Log", {"user": user}, fields)])


@pytest.mark.parametrize("kind", ["CSV", "Excel"])
def test_an_export_is_noted_with_its_filters(reader, kind):
    user, door = reader
    form = {
        "doctype": "Role",
        "fields": '["name"]',
        "filters": '[["Role", "name", "like", "S%"]]',
        "title": "Roles",
        "view": "Report",
    }
    assert door.call("frappe.desk.reportview.export_query", file_format_type=kind, **form).status == 200
    (row,) = noted(user)
    assert row["export_from"] == "Role" and row["file_type"] == kind and "S%" in row["filters"]


def test_a_refused_export_is_not(account, browser):
    user, door = account("curious"), browser()
    door.login(user)
    form = {
        "doctype": "Role",
        "fields": '["name"]',
        "filters": "[]",
        "file_format_type": "CSV",
        "title": "Roles",
    }
    assert door.call("frappe.desk.reportview.export_query", **form).status == 403
    assert noted(user) == []


def test_a_print_is_noted_with_its_document(reader):
    user, door = reader
    assert (
        door.send("GET", "/printview", doctype="Role", name="System Manager", format="Standard").status == 200
    )
    (row,) = noted(user)
    assert (row["export_from"], row["reference_document"], row["method"]) == (
        "Role",
        "System Manager",
        "Print",
    )


def test_reading_a_list_is_not_noted(reader):
    user, door = reader
    assert door.send("GET", "/api/resource/Role").status == 200
    assert noted(user) == []


def test_code_may_note_what_it_hands_out(reader):
    from frappe.core.doctype.access_log.access_log import make_access_log

    user, _door = reader

    def note() -> None:
        frappe.set_user(user)
        make_access_log(
            doctype="Role", document="x", file_type="CSV", method="Export", filters={"a": 1}, columns='["a"]'
        )

    inside(note)
    (row,) = noted(user)
    assert row["reference_document"] == "x" and json.loads(row["filters"].replace("'", '"')) == {"a": 1}


def test_nobody_writes_the_logs_by_hand(reader):
    _user, door = reader
    for doctype in ("Access Log", "Activity Log"):
        made = door.send("POST", f"/api/resource/{doctype}", json={"subject": "forged"})
        assert made.status == 403, doctype
