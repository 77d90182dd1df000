"""Lists: what each filter means, rows of tables, columns behind links, groups, orders and pages."""

from __future__ import annotations

import frappe
import pytest
from host.visits import LINE, VISIT

FIELDS = ("subject", "status", "score", "price", "seen_on", "ward")
ROWS = [
    {"subject": subject, "status": status, "score": score, "price": price, "seen_on": day, "ward": ward}
    for subject, status, score, price, day, ward in [
        ("alpha", "Open", 0, 1.5, "2026-01-01", "s1"), ("Beta", "Closed", 3, 0.0, "2026-02-28", "medicine"),
        ("50% done", "Late", -4, 2.25, None, None), ("alphabet", "Open", 10, 100.0, "2025-12-31", "surgery"),
        ("o'brien", "Open", 7, -3.5, "2026-11-24", "s2"), ("a_c", "Closed", 1, 7.0, None, "all"),
    ]
]  # fmt: skip


@pytest.fixture
def rows(visit):
    made = [visit(**row) for row in ROWS]
    cleared = frappe._dict(subject=None, status=None, score=0, price=0.0, seen_on=None, ward=None)
    empty = visit()
    frappe.db.sql("update `tabHost Visit` set subject = null, status = null where name = %s", (empty.name,))
    return {doc.name: frappe._dict({field: doc.get(field) for field in FIELDS}) for doc in made} | {
        empty.name: cleared
    }


def found(**kwargs) -> set:
    return set(frappe.get_list(VISIT, pluck="name", **kwargs))


def test_every_other_operator(rows):
    by = {row.subject: name for name, row in rows.items()}
    assert found(filters={"subject": ["like", "alpha%"]}) == {by["alpha"], by["alphabet"]}
    assert found(filters={"subject": ["not like", "%a%"]}) == {by["50% done"], by["o'brien"], by[None]}
    assert found(filters={"status": ["in", ["Late", "Closed"]]}) == {by["Beta"], by["50% done"], by["a_c"]}
    assert found(filters={"status": ["in", "Late, Closed"]}) == {by["Beta"], by["50% done"], by["a_c"]}
    assert found(filters={"status": ["not in", ["Open", "Closed"]]}) == {by["50% done"], by[None]}
    assert found(filters={"subject": ["is", "not set"]}) == {by[None]}
    assert found(filters={"seen_on": ["is", "set"]}) == {
        by["alpha"],
        by["Beta"],
        by["alphabet"],
        by["o'brien"],
    }
    assert found(filters={"seen_on": ["between", ["2026-01-01", "2026-03-01"]]}) == {by["alpha"], by["Beta"]}
    assert found(filters={"creation": ["timespan", "today"]}) == set(rows)
    assert found(filters={"creation": ["timespan", "last year"]}) == set()
    assert found(filters={"ward": ["descendants of", "surgery"]}) == {by["alpha"], by["o'brien"]}
    assert found(filters={"ward": ["descendants of (inclusive)", "surgery"]}) == {
        by["alpha"],
        by["o'brien"],
        by["alphabet"],
    }
    assert found(filters={"ward": ["ancestors of", "s1"]}) == {by["alphabet"], by["a_c"]}
    assert found(filters={"ward": ["not descendants of", "all"]}) == {by["50% done"], by["a_c"], by[None]}
    assert found(or_filters=[["score", ">", 9], ["status", "=", "Late"]]) == {by["alphabet"], by["50% done"]}


def test_child_tables_links_and_aggregates(visit):
    one = visit(ward="s1", lines=[{"item": "knife", "amount": 2}, {"item": "swab", "amount": 3}])
    visit(ward="s2", lines=[{"item": "swab", "amount": 5}])
    assert frappe.get_list(VISIT, filters=[[LINE, "item", "=", "knife"]], pluck="name") == [one.name]
    row = frappe.get_list(VISIT, fields=["name", "ward.ward_name as ward_title"], filters={"ward": "s1"})[0]
    assert row.ward_title == "Ward s1"
    assert {entry.item for entry in frappe.get_list(VISIT, fields=["lines.item"])} == {"knife", "swab"}
    assert frappe.get_list(VISIT, fields=["count(name) as c"])[0].c == 2
    assert frappe.get_list(VISIT, fields=["count(*)"], as_list=True)[0][0] == 2


def test_pages_and_orders(rows):
    ordered = frappe.get_list(VISIT, order_by="score asc, name desc", pluck="score")
    assert ordered == sorted(row.score for row in rows.values())
    assert frappe.get_list(VISIT, order_by="score asc", start=2, page_length=3, pluck="score") == ordered[2:5]
    assert len(frappe.get_list(VISIT, limit=2)) == 2
    assert len(frappe.get_list(VISIT, distinct=True, fields=["status"])) == 4


def test_groups_are_put_in_order_by_their_count(rows):
    found = frappe.get_list(
        VISIT, fields=["status", "count(name) as n"], group_by="status", order_by="count(name) desc, status"
    )
    assert [row.n for row in found] == sorted((row.n for row in found), reverse=True)
