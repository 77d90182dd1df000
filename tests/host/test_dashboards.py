"""Number cards, dashboard charts, link search and start pages: the figures of what a user may see."""

from __future__ import annotations

import json

import frappe
import pytest
from frappe.desk.doctype.dashboard_chart.dashboard_chart import get as chart
from frappe.desk.doctype.number_card.number_card import get_result
from frappe.desk.search import search_link
from frappe.permissions import add_user_permission, remove_user_permission
from host.kit import ALL_RIGHTS, CLERK, email, field, rule

SALE, REGION = "Host Sale", "Host Region"


@pytest.fixture(scope="module")
def made(make_doctype):
    make_doctype(REGION, [field("title")], [rule(CLERK, *ALL_RIGHTS)], autoname="field:title")
    make_doctype(
        SALE, [field("title"), field("amount", "Int"), field("day", "Date"), field("region", "Link", options=REGION), field("kind", "Select", options="A\nB")],
        [rule(CLERK, *ALL_RIGHTS)], autoname="hash", title_field="title", search_fields="kind,region", show_title_field_in_link=1,
    )  # fmt: skip
    for name in ("east", "west"):
        frappe.get_doc(doctype=REGION, title=name).insert()
    for title, amount, day, region, kind in (
        ("red tea", 1, "2026-01-15", "east", "A"),
        ("green tea", 2, "2026-01-20", "west", "A"),
        ("coffee", 6, "2026-03-01", "east", "B"),
    ):
        frappe.get_doc(doctype=SALE, title=title, amount=amount, day=day, region=region, kind=kind).insert()
    frappe.db.commit()


@pytest.mark.parametrize(
    ("function", "filters", "result"),
    [("Count", [], 3), ("Sum", [], 9), ("Average", [], 3), ("Minimum", [], 1), ("Maximum", [], 6), ("Sum", [[SALE, "region", "=", "east", False]], 7), ("Count", [[SALE, "kind", "=", "none", False]], 0)],
)  # fmt: skip
def test_a_card(made, site, function, filters, result):
    card = {
        "doctype": "Number Card",
        "document_type": SALE,
        "function": function,
        "aggregate_function_based_on": "amount",
    }
    assert get_result(json.dumps(card), json.dumps(filters)) == result


def test_a_card_counts_what_its_reader_may_see(made, as_user):
    add_user_permission(REGION, "west", email("clerk"))
    as_user("clerk")
    card = {
        "doctype": "Number Card",
        "document_type": SALE,
        "function": "Sum",
        "aggregate_function_based_on": "amount",
    }
    assert get_result(json.dumps(card), "[]") == 2
    as_user("Administrator")
    # What is remembered of a user's limits does not go with the transaction.
    remove_user_permission(REGION, "west", email("clerk"))


def chart_of(**values):
    base = {"doctype": "Dashboard Chart", "chart_name": "Host Chart", "document_type": SALE, "based_on": "day", "time_interval": "Monthly", "timeseries": 1,
            "timespan": "Select Date Range", "from_date": "2026-01-01", "to_date": "2026-03-31", "filters_json": "[]", "chart_type": "Count", "type": "Line"}  # fmt: skip
    doc = frappe.get_doc({**base, **values}).insert()
    return chart(chart_name=doc.name, refresh=1)


@pytest.mark.parametrize(
    ("values", "points"),
    [({}, [2, 0, 1]), ({"chart_type": "Sum", "value_based_on": "amount"}, [3, 0, 6]), ({"chart_type": "Average", "value_based_on": "amount"}, [1.5, 0, 6]), ({"time_interval": "Quarterly"}, [3]),
     ({"filters_json": json.dumps([[SALE, "region", "=", "east", False]])}, [1, 0, 1])],
)  # fmt: skip
def test_a_chart_over_time(made, site, values, points):
    assert chart_of(**values)["datasets"][0]["values"] == points


def test_a_chart_by_groups(made, site):
    answer = chart_of(
        chart_type="Group By",
        group_by_type="Sum",
        group_by_based_on="region",
        aggregate_function_based_on="amount",
        timeseries=0,
    )
    assert dict(zip(answer["labels"], answer["datasets"][0]["values"], strict=True)) == {"east": 7, "west": 2}


def test_links_are_found_by_title_and_shown_with_it(made, as_user):
    as_user("clerk")
    rows = search_link(SALE, "tea")
    assert {row["label"] for row in rows} == {"red tea", "green tea"} and all(
        "A" in row["description"] for row in rows
    )
    assert [row["label"] for row in search_link(SALE, "tea", filters={"region": "east"})] == ["red tea"]
    assert len(search_link(SALE, "", page_length=1)) == 1
    assert search_link(SALE, "%' or 1=1 --") == []


def test_links_are_found_by_who_may_read(made, as_user):
    as_user("nobody")
    with pytest.raises(frappe.PermissionError):
        search_link(SALE, "tea")
