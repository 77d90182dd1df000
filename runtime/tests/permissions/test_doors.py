"""Every door to a DocType's rows shows a user the same rows."""

import csv
import io

import frappe
import frappe.client
import pytest
from frappe.desk import reportview
from frappe.desk.doctype.number_card.number_card import get_result
from frappe.permissions import add_user_permission, get_row_filter

VISIT, WARD = "Test Visit", "Test Ward"


def ask(method, **form):
    frappe.local.form_dict = frappe._dict(form)
    return method()


def through_all_doors() -> dict[str, set | int]:
    from frappe.desk.search import search_link

    answer = ask(reportview.get, doctype=VISIT, fields=["name"])
    ask(
        reportview.export_query, doctype=VISIT, fields=["name"], file_format_type="CSV"
    ) if frappe.has_permission(VISIT, "export") else None
    exported = frappe.response.get("filecontent")
    condition = get_row_filter(VISIT)
    doors = {
        "list": set(frappe.get_list(VISIT, pluck="name")),
        "report view": {row[0] for row in answer["values"]} if answer else set(),
        "link search": {row["value"] for row in search_link(VISIT, "", page_length=50)},
        "reports": {
            row[0] for row in frappe.db.sql(f"select name from `tabTest Visit` where {condition or '1=1'}")
        },
        "documents": {
            name
            for name in frappe.get_all(VISIT, pluck="name")
            if frappe.has_permission(VISIT, "read", doc=name)
        },
    }
    if exported:
        doors["export"] = {row[1] for row in csv.reader(io.StringIO(exported.decode("utf-8-sig")))} - {"ID"}
    assert ask(reportview.get_count, doctype=VISIT) == len(doors["list"])
    assert get_result({"document_type": VISIT, "function": "Count"}, "[]") == len(doors["list"])
    return doors


@pytest.mark.parametrize("user", ["manager", "clerk", "own"])
def test_doors_agree(visit, as_user, user):
    for ward in ("s1", "medicine", None):
        visit(ward=ward)
    as_user(user)
    visit(ward="s2")
    as_user("Administrator")
    add_user_permission(WARD, "surgery", f"{user}@host.test")
    as_user(user)
    doors = through_all_doors()
    assert len({frozenset(rows) for rows in doors.values()}) == 1, doors
    assert 0 < len(doors["list"]) < 4


def test_export_needs_its_right(visit, as_user):
    visit()
    as_user("clerk")
    with pytest.raises(frappe.PermissionError):
        ask(reportview.export_query, doctype=VISIT, fields=["name"], file_format_type="CSV")


def test_callers_cannot_widen_their_rights(visit, as_user):
    visit()
    as_user("own")
    for trick in ({"ignore_permissions": 1}, {"user": "Administrator"}, {"run": 0}, {"join": "cross join"}):
        assert ask(reportview.get, doctype=VISIT, fields=["name"], **trick) == []


def test_hook_conditions_are_kept_with_percent_signs(visit, as_user, monkeypatch):
    kept = visit(subject="50% done")
    visit(subject="other")
    monkeypatch.setattr(
        frappe.permissions, "hook_condition", lambda *args: "`tabTest Visit`.`subject` like '%%50%%'"
    )
    as_user("clerk")
    assert frappe.get_list(VISIT, pluck="name") == [kept.name]


def test_answers_to_writing_keep_the_levels_of_reading(visit, as_user):
    name = visit(ward="s1", id_no="110101199001011234").name
    as_user("clerk")
    changed = frappe.client.set_value(VISIT, name, "ward", "s1")
    whole = frappe.client.save(frappe.client.get(VISIT, name))
    made = frappe.client.insert({"doctype": VISIT, "ward": "s1", "id_no": "written by a clerk"})
    assert [row.get("id_no") for row in (changed, whole, made)] == [None, None, None]
    assert frappe.db.get_value(VISIT, name, "id_no") == "110101199001011234"
