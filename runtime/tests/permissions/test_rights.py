"""What a user may not read cannot be asked for either: fields of other levels, fields beside the title."""

import frappe
import pytest

VISIT = "Test Visit"


def test_levels_hide_fields(visit, as_user):
    visit(id_no="420101", lines=[{"item": "x", "secret_note": "hush"}])
    as_user("manager")
    assert frappe.get_list(VISIT, fields=["id_no"])[0].id_no == "420101"
    as_user("clerk")
    assert "id_no" not in frappe.get_list(VISIT, fields=["*"])[0]
    assert "id_no" not in frappe.get_list(VISIT, fields=["name", "id_no"])[0]
    for asked in ({"filters": {"id_no": "420101"}}, {"order_by": "id_no asc"}, {"fields": ["max(id_no) as top"]},
                  {"filters": [["Test Visit Line", "secret_note", "=", "hush"]]}):  # fmt: skip
        with pytest.raises(frappe.DataError):
            frappe.get_list(VISIT, **asked)


def test_who_may_only_select_sees_names_and_titles(visit, as_user):
    visit(score=7)
    as_user("selector")
    row = frappe.get_list(VISIT, fields=["*"])[0]
    assert set(row) == {"name", "subject", "status"}
    with pytest.raises(frappe.DataError):
        frappe.get_list(VISIT, filters={"score": 7})
