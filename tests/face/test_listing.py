"""Lists on a host: rows of a page, who sees which, and-or conditions, counts, changes of many with undo, views."""

import json

import frappe
import pytest
from support import staff

from medaffairs.face.listing import api, bulk, views

OFFICE, HEAD, OTHER = "lists-office@test.example", "lists-head@test.example", "lists-other@test.example"


@pytest.fixture
def people(site):
    """Eleven practitioners of two departments; LD1 has a head, who sees his department."""
    for code in ("LD1", "LD2"):
        staff.department(code)
    staff.person(OFFICE, "Medical Affairs Officer", "LP00", "LD2")
    staff.person(HEAD, "Department Head", "LP01", "LD1")
    staff.person(OTHER, "Medical Affairs Manager", "LP02", "LD2")
    for number in range(3, 11):
        values = {
            "department": f"LD{1 + number % 2}",
            "employment_status": ("Active", "Left")[number % 3 == 0],
        }
        frappe.get_doc(
            doctype="Practitioner", staff_no=f"LP{number:02}", practitioner_name=f"列表{number:02}", profession="Physician",
            mobile="" if number % 2 else f"1390000{number:04}", **values,
        ).insert()  # fmt: skip
    return [f"LP{number:02}" for number in range(11)]


OURS = [["name", "like", "LP"]]


def listed(where=OURS, **more):
    answer = api.page("Practitioner", fields=["department", "mobile"], where=json.dumps(where), **more)
    return [dict(zip(answer["keys"], values, strict=True)) for values in answer["values"]], answer


def names(where):
    return sorted(row["name"] for row in listed(where)[0])


def test_pages_follow_each_other_without_a_gap_also_over_empty_values(people, as_user):
    as_user(OFFICE)
    for sort in (
        [["mobile", "asc"]],
        [["mobile", "desc"]],
        [["employment_status", "desc"], ["mobile", "asc"]],
    ):
        seen, after = [], None
        while True:
            rows, answer = listed(sort=json.dumps(sort), limit=3, after=json.dumps(after) if after else None)
            seen += [row["name"] for row in rows]
            after = answer["next"]
            if not after:
                break
        assert sorted(seen) == people
        assert seen == api.names("Practitioner", where=OURS, sort=sort)


def test_titles_of_links_come_with_the_page(people, as_user):
    as_user(OFFICE)
    _rows, answer = listed()
    assert answer["titles"]["Clinical Department::LD1"] == "测试科 LD1"


def test_a_head_sees_and_counts_his_department_only(people, as_user):
    as_user(HEAD)
    rows, _answer = listed()
    assert {row["department"] for row in rows} == {"LD1"}
    assert api.count("Practitioner", where=OURS) == len(rows)
    assert api.groups("Practitioner", "department", where=OURS)["values"] == [["LD1", len(rows)]]
    assert set(api.names("Practitioner", where=OURS)) == {row["name"] for row in rows}
    assert "LP02" not in api.rights("Practitioner", ["LP01", "LP02"])


def test_conditions_are_joined_by_and_and_or(people, as_user):
    as_user(OFFICE)
    retired = ["LP03", "LP06", "LP09"]
    assert names([*OURS, ["employment_status", "=", "Left"]]) == retired
    either = {"any": True, "parts": [["employment_status", "=", "Left"], ["name", "in", ["LP01", "LP02"]]]}
    assert names([*OURS, either]) == ["LP01", "LP02", *retired]
    assert names([*OURS, either, ["department", "!=", "LD1"]]) == ["LP02", "LP03", "LP09"]
    assert names([*OURS, ["mobile", "is", "set"]]) == ["LP04", "LP06", "LP08", "LP10"]
    assert names([*OURS, ["mobile", "not in", ["13900000004", ""]]]) == ["LP06", "LP08", "LP10"]
    assert names([*OURS, ["creation", "timespan", "today"]]) == people
    assert names([*OURS, ["creation", "<", frappe.utils.nowdate()]]) == []
    assert names([*OURS, ["creation", "<=", frappe.utils.nowdate()]]) == people
    assert names([*OURS, ["user", "=", "@me"]]) == ["LP00"]


def test_search_looks_at_the_title(people, as_user):
    as_user(OFFICE)
    assert [row["name"] for row in listed(search="列表07")[0]] == ["LP07"]


@pytest.mark.parametrize(
    ("where", "sort"),
    [
        ([["no_such_field", "=", 1]], None),
        ([["name", "or 1=1", 1]], None),
        ([["name) or (1=1", "=", 1]], None),
        (None, [["no_such_field", "asc"]]),
        (None, [["name", "sideways"]]),
    ],
)
def test_what_is_no_condition_and_no_order_is_refused(people, as_user, where, sort):
    as_user(OFFICE)
    with pytest.raises(frappe.DataError):
        api.page("Practitioner", where=where, sort=sort)


def test_secret_columns_are_nobody_s_to_filter_by(site):
    with pytest.raises(frappe.DataError):
        api.count("User", where=[["new_password", "is", "set"]])


def test_a_list_that_somebody_may_not_read_is_refused(people, as_user):
    as_user(HEAD)
    for ask in (api.page, api.count, api.probe, api.names):
        with pytest.raises(frappe.PermissionError):
            ask("HL7 Message")


def test_facets_keep_the_values_that_are_not_chosen(people, as_user):
    as_user(OFFICE)
    where = [*OURS, ["employment_status", "=", "Left"]]
    counts = api.facets("Practitioner", ["employment_status", "department"], where=where)["counts"]
    assert counts["employment_status"] == [["Active", 8], ["Left", 3]]
    assert dict(map(tuple, counts["department"])) == {"LD1": 1, "LD2": 2}


def test_the_mark_changes_with_the_rows_and_with_nothing_else(people, as_user):
    as_user(OFFICE)
    before = api.probe("Practitioner", where=OURS)
    assert api.probe("Practitioner", where=OURS) == before
    assert api.probe("Practitioner", where=[]) != before
    frappe.get_doc("Practitioner", "LP05").update({"mobile": "13911112222"}).save()
    changed = api.probe("Practitioner", where=OURS)
    assert changed != before
    assert str(api.count("Practitioner", where=OURS)) not in (before, changed)


def test_fields_of_many_are_changed_and_changed_back(people, as_user):
    as_user(OFFICE)
    chosen = ["LP03", "LP04", "LP-gone"]
    answer = bulk.change("Practitioner", chosen, {"mobile": "13900000000"})
    assert set(answer["done"]) == {"LP03", "LP04"}
    assert set(answer["failed"]) == {"LP-gone"}
    back = {name: row["before"] for name, row in answer["done"].items()}
    seen = {name: row["modified"] for name, row in answer["done"].items()}
    frappe.db.set_value("Practitioner", "LP04", "modified", "2001-01-01 00:00:00")
    undone = bulk.change("Practitioner", list(back), back, seen)
    assert set(undone["done"]) == {"LP03"}
    assert "meanwhile" in undone["failed"]["LP04"]
    assert not frappe.db.get_value("Practitioner", "LP03", "mobile")


def test_a_moment_is_the_same_however_it_is_written(people, as_user):
    as_user(OFFICE)
    frappe.db.set_value("Practitioner", "LP03", "modified", "2026-01-02 07:30:00", update_modified=False)
    seen = {"LP03": "2026-01-02 07:30:00.000000"}
    assert set(bulk.change("Practitioner", ["LP03"], {"mobile": "13900000001"}, seen)["done"]) == {"LP03"}


def test_a_value_that_the_document_refuses_changes_nothing_of_it(people, as_user):
    as_user(OFFICE)
    answer = bulk.change("Practitioner", ["LP03"], {"employment_status": "Nonsense"})
    assert list(answer["failed"]) == ["LP03"]
    assert frappe.db.get_value("Practitioner", "LP03", "employment_status") == "Left"


def test_fields_that_a_form_keeps_closed_are_closed_in_a_list(people, as_user):
    as_user(OFFICE)
    for field in ("name", "owner", "docstatus", "no_such_field", "staff_no", "pinyin_initials", "titles"):
        assert bulk.change("Practitioner", ["LP03"], {field: "x"})["failed"], field


def test_who_may_not_write_a_row_changes_none(people, as_user):
    as_user(HEAD)
    answer = bulk.change("Practitioner", ["LP03", "LP04"], {"mobile": "1"})
    assert answer["done"] == {}
    assert bulk.remove("Practitioner", ["LP03"])["done"] == {}


def test_what_somebody_deleted_he_brings_back_under_its_name(people, as_user):
    as_user(OTHER)
    exam = frappe.get_doc(
        doctype="Working Day Override", date="2031-05-01", is_working_day=0, reason="列表"
    ).insert()  # fmt: skip
    assert set(bulk.remove(exam.doctype, [exam.name])["done"]) == {exam.name}
    assert not frappe.db.exists(exam.doctype, exam.name)
    assert set(bulk.remove(exam.doctype, [exam.name])["done"]) == {exam.name}
    as_user(OFFICE)
    assert set(bulk.bring_back(exam.doctype, [exam.name])["failed"]) == {exam.name}
    as_user(OTHER)
    assert set(bulk.bring_back(exam.doctype, [exam.name])["done"]) == {exam.name}
    assert frappe.db.get_value(exam.doctype, exam.name, "reason") == "列表"
    assert set(bulk.bring_back(exam.doctype, [exam.name])["failed"]) == {exam.name}


def test_rows_are_assigned_and_taken_back(people, as_user):
    as_user(OFFICE)
    assert set(bulk.assign("Practitioner", ["LP03", "LP04"], [OTHER], "请核对")["done"]) == {"LP03", "LP04"}
    todo = {"reference_type": "Practitioner", "reference_name": "LP03", "allocated_to": OTHER}
    assert frappe.db.get_value("ToDo", todo, "status") == "Open"
    assert names([*OURS, ["_assign", "like", OTHER]]) == ["LP03", "LP04"]
    bulk.unassign("Practitioner", ["LP03"], [OTHER])
    assert frappe.db.get_value("ToDo", todo, "status") == "Cancelled"


def test_a_view_is_its_owner_s_until_a_manager_shares_it(people, as_user):
    as_user(OFFICE)
    mine = views.keep("Practitioner", "在岗医师", {"query": {"employment_status": "Active"}}, is_default=1)
    with pytest.raises(frappe.PermissionError):
        views.keep("Practitioner", "大家的", {}, shared_with="Everybody")
    as_user(OTHER)
    assert views.of_list("Practitioner") == []
    views.keep("Practitioner", "给科主任", {"query": {}}, shared_with="Role", role="Department Head")
    as_user(HEAD)
    assert [view["title"] for view in views.of_list("Practitioner")] == ["给科主任"]
    as_user(OFFICE)
    assert [(view["name"], view["is_default"]) for view in views.of_list("Practitioner")] == [(mine, True)]
    again = views.keep("Practitioner", "离岗", {"query": {}}, is_default=1)
    assert {view["name"]: view["is_default"] for view in views.of_list("Practitioner")} == {
        mine: False,
        again: True,
    }
    views.forget(mine)
    assert [view["name"] for view in views.of_list("Practitioner")] == [again]


def test_nobody_changes_somebody_else_s_view(people, as_user):
    as_user(OFFICE)
    mine = views.keep("Practitioner", "我的", {"query": {}})
    as_user(HEAD)
    for attempt in (lambda: views.keep("Practitioner", "改", {}, name=mine), lambda: views.forget(mine)):
        with pytest.raises(frappe.PermissionError):
            attempt()
