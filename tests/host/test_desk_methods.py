"""Methods that pages and apps ask beside documents and lists: many at once, mentions, settings of lists, mapped documents."""

from __future__ import annotations

from collections.abc import Iterator

import frappe
import pytest
from frappe.core.doctype.user.user import get_timezones, user_query
from frappe.core.doctype.user_permission.user_permission import add_user_permissions
from frappe.desk.doctype.bulk_update.bulk_update import submit_cancel_or_update_docs
from frappe.desk.doctype.dashboard import dashboard
from frappe.desk.doctype.dashboard_chart import dashboard_chart
from frappe.desk.doctype.number_card import number_card
from frappe.desk.form import assign_to
from frappe.desk.listview import get_group_by_count
from frappe.desk.search import get_names_for_mentions, search_widget
from frappe.model.mapper import get_mapped_doc
from frappe.model.utils import user_settings
from frappe.utils.file_manager import save_file
from host import kit
from host.visits import LINE, VISIT

CLERK = kit.email("clerk")
BILL, BILL_LINE = "Host Bill", "Host Bill Line"


@pytest.fixture(scope="module")
def bills_made(make_doctype, visits_made) -> None:
    make_doctype(BILL_LINE, [kit.field("item"), kit.field("price", "Float")], [], istable=1)
    make_doctype(
        BILL,
        [kit.field("subject"), kit.field("visit", "Link", options=VISIT), kit.field("total_score", "Int"),
         kit.field("note", no_copy=1), kit.field("status"), kit.field("rows", "Table", options=BILL_LINE)],
    )  # fmt: skip


def bills(*subjects: str) -> list[str]:
    """Bills of the clerk; the actions on many store each of them, so they go with their DocType."""
    frappe.set_user(CLERK)
    return [frappe.get_doc(doctype=BILL, subject=subject).insert().name for subject in subjects]


def test_many_documents_are_changed_at_once(site, bills_made):
    names = bills("a", "b")
    assert (
        submit_cancel_or_update_docs(
            BILL, frappe.as_json(names), "update", frappe.as_json({"status": "Paid"})
        )
        == []
    )
    assert {frappe.db.get_value(BILL, name, "status") for name in names} == {"Paid"}


def test_those_that_fail_are_named(site, bills_made):
    [name] = bills("a")
    failed = submit_cancel_or_update_docs(
        BILL, frappe.as_json([name]), "update", frappe.as_json({"visit": "nothing"})
    )
    assert failed == [name] and not frappe.db.get_value(BILL, name, "visit")


def test_rows_by_the_values_of_a_field(visit):
    for status in ("Open", "Open", "Late"):
        visit(status=status)
    found = get_group_by_count(VISIT, "[]", "status")
    assert [(row["name"], row["count"]) for row in found] == [("Open", 2), ("Late", 1)]
    assert [
        row["count"]
        for row in get_group_by_count(VISIT, frappe.as_json([[VISIT, "status", "=", "Late"]]), "status")
    ] == [1]
    with pytest.raises((ValueError, frappe.ValidationError)):
        get_group_by_count(VISIT, "[]", "nothing")


def test_rows_by_their_assignees(visit):
    doc = visit()
    visit()
    assign_to.add({"doctype": VISIT, "name": doc.name, "assign_to": [CLERK], "description": "x"})
    assert [(row["name"], row["count"]) for row in get_group_by_count(VISIT, "[]", "assigned_to")] == [
        (CLERK, 1)
    ]


def test_everybodys_work_ends(visit):
    doc = visit()
    assert not assign_to.close_all_assignments(VISIT, doc.name)
    assign_to.add({"doctype": VISIT, "name": doc.name, "assign_to": [CLERK], "description": "x"})
    assert assign_to.close_all_assignments(VISIT, doc.name)
    assert frappe.get_all("ToDo", {"reference_name": doc.name}, pluck="status") == ["Closed"]
    assign_to.add({"doctype": VISIT, "name": doc.name, "assign_to": [CLERK], "description": "x"})
    assert assign_to.clear(VISIT, doc.name)
    assert set(frappe.get_all("ToDo", {"reference_name": doc.name}, pluck="status")) == {"Cancelled"}


def test_the_rows_of_a_search(visit):
    doc = visit(subject="a special visit")
    assert [row[0] for row in search_widget(VISIT, "special")] == [doc.name]


def test_people_who_may_be_mentioned(site):
    assert "Guest" not in [row["id"] for row in get_names_for_mentions("")]


def test_people_for_link_fields(site):
    names = [row[0] for row in user_query("User", "host.cl", "name", 0, 10, {})]
    assert names == [CLERK]
    assert "Administrator" not in [row[0] for row in user_query("User", "admin", "name", 0, 10, {})]


def test_time_zones(site):
    assert "Asia/Shanghai" in get_timezones()["timezones"]


def test_what_a_list_remembers(site, as_user):
    as_user("clerk")
    assert user_settings.save("ToDo", frappe.as_json({"List": {"filters": [1]}}))["List"] == {"filters": [1]}
    assert frappe.parse_json(user_settings.get("ToDo"))["List"] == {"filters": [1]}
    as_user("chief")
    assert frappe.parse_json(user_settings.get("ToDo")) == {}


def test_a_file_beside_a_document(visit):
    doc = visit()
    file = save_file("note.txt", b"a few words", VISIT, doc.name, is_private=1)
    assert (file.attached_to_name, file.is_private, file.get_content()) in {
        (doc.name, 1, "a few words"),
        (doc.name, 1, b"a few words"),
    }
    file.delete()


def limits() -> list[tuple]:
    rows = frappe.get_all(
        "User Permission", {"user": CLERK}, ["for_value", "applicable_for", "apply_to_all_doctypes"]
    )
    return sorted((row.for_value, row.applicable_for or "", row.apply_to_all_doctypes) for row in rows)


def test_limits_of_a_user(wards):
    given = {"user": CLERK, "doctype": "Host Ward", "docname": "s1", "is_default": 0, "hide_descendants": 0}
    everywhere = frappe.as_json({**given, "apply_to_all_doctypes": 1, "applicable_doctypes": []})
    assert (add_user_permissions(everywhere), add_user_permissions(everywhere)) == (1, 0)
    assert limits() == [("s1", "", 1)]
    some = frappe.as_json(
        {**given, "docname": "s2", "apply_to_all_doctypes": 0, "applicable_doctypes": [VISIT, "ToDo"]}
    )
    assert add_user_permissions(some) == 1
    assert limits() == [("s1", "", 1), ("s2", VISIT, 0), ("s2", "ToDo", 0)]


def bill_of(name: str, **more: object):
    maps = {
        VISIT: {
            "doctype": BILL,
            "field_map": {"name": "visit", "score": "total_score"},
            "field_no_map": ["status"],
        },
        LINE: {
            "doctype": BILL_LINE,
            "field_map": {"amount": "price"},
            "condition": lambda row: row.amount > 1,
        },
    }
    return get_mapped_doc(VISIT, name, maps, **more)


def test_a_document_made_of_another(visit, bills_made):
    source = visit(
        subject="the source", score=7, lines=[{"item": "a", "amount": 1}, {"item": "b", "amount": 2}]
    )
    bill = bill_of(source.name)
    assert (bill.doctype, bill.subject, bill.visit, bill.total_score, bill.status) == (
        BILL,
        "the source",
        source.name,
        7,
        None,
    )
    assert [(row.item, row.price, row.idx) for row in bill.rows] == [("b", 2, 1)]
    assert bill.is_new() and bill.insert().name


def test_what_is_done_to_it_afterwards(visit, bills_made):
    source = visit(subject="the source")

    def finish(source_doc, target) -> None:
        target.note = f"of {source_doc.name}"

    assert bill_of(source.name, postprocess=finish).note == f"of {source.name}"


def test_only_from_a_state(visit, bills_made):
    source = visit(subject="the source")
    maps = {VISIT: {"doctype": BILL, "validation": {"docstatus": ["=", 1]}}}
    with pytest.raises(frappe.ValidationError):
        get_mapped_doc(VISIT, source.name, maps)


def test_only_of_what_one_may_read(visit, bills_made, as_user):
    source = visit()
    as_user("nobody")
    with pytest.raises(frappe.PermissionError):
        bill_of(source.name)


@pytest.fixture
def board(site) -> Iterator[str]:
    """A dashboard with a card and a chart of things to do; gone afterwards, though Frappe commits in the middle."""
    _remove_board()
    frappe.get_doc(
        doctype="Number Card",
        label="Host Card",
        type="Document Type",
        document_type="ToDo",
        function="Count",
        filters_json="[]",
    ).insert()
    frappe.get_doc(
        doctype="Dashboard Chart", chart_name="Host Chart", chart_type="Count", document_type="ToDo", based_on="creation",
        timeseries=1, timespan="Last Year", time_interval="Monthly", type="Line", filters_json="[]",
    ).insert()  # fmt: skip
    board = frappe.get_doc(doctype="Dashboard", dashboard_name="Host Board", charts=[{"chart": "Host Chart"}])
    yield board.insert().name
    frappe.db.rollback()
    _remove_board()


def _remove_board() -> None:
    for doctype, name in (
        ("Dashboard", "Host Board"),
        ("Dashboard Chart", "Host Chart"),
        ("Number Card", "Host Card"),
    ):
        frappe.delete_doc(doctype, name, force=True, ignore_permissions=True)
    frappe.db.commit()


def test_cards_and_charts_are_put_on_a_dashboard(board):
    number_card.add_card_to_dashboard(frappe.as_json({"name": "Host Card", "dashboard": board}))
    dashboard_chart.add_chart_to_dashboard(frappe.as_json({"chart_name": "Host Chart", "dashboard": board}))
    assert [row.card for row in dashboard.get_permitted_cards(board)] == ["Host Card"]
    assert [row.chart for row in dashboard.get_permitted_charts(board)] == ["Host Chart", "Host Chart"]
    with pytest.raises(frappe.DoesNotExistError):
        number_card.add_card_to_dashboard(frappe.as_json({"name": "Host Card", "dashboard": "Host No Board"}))


def test_cards_and_charts_for_link_fields(board):
    assert [row[0] for row in number_card.get_cards_for_user("Number Card", "Host C", "name", 0, 10, {})] == [
        "Host Card"
    ]
    assert ["Host Chart"] in [
        list(row) for row in dashboard_chart.get_charts_for_user("Dashboard Chart", "Host", "name", 0, 10, {})
    ]


def test_who_has_a_table(site):
    assert {"User", "Role Profile"} <= set(dashboard_chart.get_parent_doctypes("Has Role"))
