"""Filters against a naive reading of the same rows, and against everything that is no filter."""

import datetime
import json

import frappe
import pytest
from frappe.model.db_query import DatabaseQuery
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

VISIT = "Test Visit"
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
    made = [frappe.get_doc("Test Visit", visit(**row).name) for row in ROWS]
    cleared = frappe._dict(subject=None, status=None, score=0, price=0.0, seen_on=None, ward=None)
    empty = visit()
    frappe.db.sql("update `tabTest Visit` set subject = null, status = null where name = %s", (empty.name,))
    return {doc.name: frappe._dict({field: doc.get(field) for field in FIELDS}) for doc in made} | {
        empty.name: cleared
    }


def found(**kwargs) -> set:
    return set(frappe.get_list(VISIT, pluck="name", **kwargs))


def naive(value, operator, wanted):
    """What a filter means: empty texts count as '', empty dates as the first day of all."""
    text = isinstance(wanted, str) and not isinstance(value, datetime.date)
    if value is None:
        value = "" if text else datetime.date(1, 1, 1)
    if isinstance(value, datetime.date):
        wanted = datetime.date.fromisoformat(wanted)
    elif text:
        value, wanted = value.lower(), wanted.lower()
    return {
        "=": value == wanted, "!=": value != wanted, "<": value < wanted, ">": value > wanted,
        "<=": value <= wanted, ">=": value >= wanted,
    }[operator]  # fmt: skip


_CASES = st.one_of(
    st.tuples(st.just("score"), st.integers(-5, 11)),
    st.tuples(st.just("price"), st.floats(-4, 101, allow_nan=False)),
    st.tuples(st.sampled_from(["subject", "status"]), st.sampled_from(["alpha", "ALPHA", "Open", "beta", "50% done", "o'brien", "zz"])),
    st.tuples(st.just("seen_on"), st.dates(datetime.date(2025, 12, 1), datetime.date(2026, 12, 1)).map(str)),
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(case=_CASES, operator=st.sampled_from(["=", "!=", "<", ">", "<=", ">="]))
def test_comparisons_agree_with_a_naive_reading(rows, case, operator):
    field, wanted = case
    expected = {name for name, row in rows.items() if naive(row[field], operator, wanted)}
    assert found(filters=[[field, operator, wanted]]) == expected
    assert found(filters={field: [operator, wanted]}) == expected
    assert found(filters=json.dumps([[VISIT, field, operator, wanted]])) == expected


def test_child_tables_links_and_aggregates(visit):
    one = visit(ward="s1", lines=[{"item": "knife", "amount": 2}, {"item": "swab", "amount": 3}])
    visit(ward="s2", lines=[{"item": "swab", "amount": 5}])
    assert frappe.get_list(VISIT, filters=[["Test Visit Line", "item", "=", "knife"]], pluck="name") == [
        one.name
    ]
    row = frappe.get_list(VISIT, fields=["name", "ward.ward_name as ward_title"], filters={"ward": "s1"})[0]
    assert row.ward_title == "Ward s1"
    totals = frappe.get_list(
        VISIT,
        fields=["ward", "sum(`tabTest Visit Line`.amount) as total"],
        group_by="ward",
        order_by="total desc",
    )
    assert [(entry.ward, entry.total) for entry in totals] == [("s1", 5), ("s2", 5)] or len(totals) == 2
    assert {entry.item for entry in frappe.get_list(VISIT, fields=["lines.item"])} == {"knife", "swab"}
    # `name` stays the visit's where a child's column stands beside it.
    ordered = frappe.get_list(VISIT, fields=["name"], order_by="lines.item, name", pluck="name")
    assert ordered[0] == one.name and len(ordered) == 3
    assert frappe.get_list(VISIT, fields=["count(name) as c"])[0].c == 2
    assert frappe.get_list(VISIT, fields=["count(*)"], as_list=True)[0][0] == 2
    assert "'x'" not in DatabaseQuery(VISIT).execute(filters={"subject": "'x'"}, run=False)


def test_pages_and_orders(rows):
    ordered = frappe.get_list(VISIT, order_by="score asc, name desc", pluck="score")
    assert ordered == sorted(row.score for row in rows.values())
    assert frappe.get_list(VISIT, order_by="score asc", start=2, page_length=3, pluck="score") == ordered[2:5]
    assert len(frappe.get_list(VISIT, limit=2)) == 2
    assert frappe.get_list(VISIT, limit=-3, start=-1)
    assert len(frappe.get_list(VISIT, distinct=True, fields=["status"])) == 4


@pytest.mark.parametrize("user", ["Administrator", "clerk"])
def test_a_list_is_one_statement(visit, as_user, user):
    visit()
    as_user(user)
    ask = {"fields": ["name", "subject"], "filters": {"ward": ["not descendants of", "all"]}, "limit": 20}
    frappe.get_list(VISIT, **ask)
    before = frappe.db.query_count
    frappe.get_list(VISIT, **ask)
    assert frappe.db.query_count == before + 1


_INJECTIONS = [
    "1; drop table `tabTest Visit`", "name` from tabUser --", "(select password from `__Auth` limit 1)", "sleep(5)",
    "name union select 1", "`tabUser`.`name`", "load_extension('x')", "if(1=1, name, 1)", "name /* x */", "tabUser.*",
    "(case when 1=1 then name end)", "count(name) as `a` , sqlite_version() as b", "ward.lft as x, 1", "extractvalue(1, 2)",
    "name, (select 1)", "status || 'x'", "rand()", "ifnull((select 1), 2)", "count(name) as a` from x --", "%(v0)s", "subject%",
]  # fmt: skip


@pytest.mark.parametrize("text", _INJECTIONS)
@pytest.mark.parametrize("place", ["fields", "order_by", "group_by", "filters", "or_filters"])
def test_sql_in_any_place_is_refused(rows, as_user, text, place):
    as_user("manager")
    value = {"fields": [text], "filters": [[text, "=", "x"]], "or_filters": [[text, "=", "x"]]}.get(
        place, text
    )
    with pytest.raises((frappe.ValidationError, frappe.PermissionError, frappe.DataError)):
        frappe.get_list(VISIT, **{place: value})
    assert len(frappe.get_all(VISIT)) == len(rows)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
    | st.sampled_from([*FIELDS, "name", "in", "like", "between", "is", "descendants of", "set", VISIT, "`", "')--", "%s"]),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=8) | st.sampled_from(FIELDS), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
_EXPECTED = (frappe.ValidationError, frappe.PermissionError)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(filters=_JSON)
def test_garbage_is_answered_or_refused(rows, filters):
    """Nothing but rows or the framework's own errors; database errors would mean text reached the statement."""
    try:
        answer = frappe.get_list(VISIT, filters=filters, pluck="name")
    except _EXPECTED:
        frappe.clear_messages()
    else:
        assert set(answer) <= set(rows)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.sampled_from("name`,()'\"%;-* tabUser.asccountsum\\\n1"), max_size=25), place=st.sampled_from(["fields", "order_by", "group_by"]))  # fmt: skip
def test_garbage_names_are_answered_or_refused(rows, text, place):
    try:
        frappe.get_list(VISIT, **{place: [text] if place == "fields" else text})
    except _EXPECTED:
        frappe.clear_messages()


@pytest.mark.parametrize(
    "ask",
    [{"order_by": "count(name)"}, {"group_by": "count(name)"}, {"fields": ["count(name) as n"], "group_by": "n"},
     {"fields": ["sum(count(name)) as n"]}, {"fields": ["count() as n"]}, {"fields": ["min(score, price) as n"]},
     {"fields": ["ifnull(score) as n"]}, {"fields": ["lower(distinct subject) as n"]}],
)  # fmt: skip
def test_counting_where_there_is_nothing_to_count_is_refused(rows, ask):
    with pytest.raises(frappe.DataError):
        frappe.get_list(VISIT, **ask)


def test_groups_are_put_in_order_by_their_count(rows):
    found = frappe.get_list(
        VISIT, fields=["status", "count(name) as n"], group_by="status", order_by="count(name) desc, status"
    )
    assert [row.n for row in found] == sorted((row.n for row in found), reverse=True)
