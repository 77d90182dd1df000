"""Statistics of events: shares, control limits, bed-days, and reports whose numbers agree with each other."""

from __future__ import annotations

from datetime import date, timedelta
from math import isclose, sqrt

import frappe
import pytest
from frappe.desk import query_report
from frappe.utils import now_datetime
from hypothesis import given
from hypothesis import strategies as st

from medaffairs.adverse_event import figures, statistics

from .conftest import OFFICER, PHARMACY, QUALITY, WARD, hours_ago

COUNTS = st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.integers(0, 500), max_size=8)


@given(COUNTS)
def test_a_pareto_chart_falls_and_adds_up(counts):
    slices = statistics.pareto(counts)
    assert [part.count for part in slices] == sorted((n for n in counts.values() if n), reverse=True)
    if slices:
        assert slices[-1].cumulative == 100 and slices[0].vital
        total = sum(counts.values())
        vital = sum(part.count for part in slices if part.vital)
        assert vital >= 0.8 * total or all(part.vital for part in slices)
        assert (
            sum(part.count for part in slices if part.vital) - [p for p in slices if p.vital][-1].count
            < 0.8 * total
        )


@given(st.lists(st.tuples(st.integers(0, 60), st.just(0.0) | st.floats(0.001, 50)), max_size=24))
def test_limits_lie_around_the_centre_and_narrow_with_exposure(rows):
    points = statistics.control_chart([(str(n), count, exposure) for n, (count, exposure) in enumerate(rows)])
    assert len(points) == sum(exposure > 0 for _, exposure in rows)
    for point in points:
        assert 0 <= point.lower <= point.centre <= point.upper
        assert isclose(point.upper, point.centre + 3 * sqrt(point.centre / point.exposure), abs_tol=1e-9)
        assert (point.signal == "Above") == (point.rate > point.upper)
        assert (point.signal == "Below") == (point.rate < point.lower)
    if points:
        weighed = sum(point.centre * point.exposure for point in points)
        assert isclose(weighed, sum(point.count for point in points), abs_tol=1e-6)


@given(st.lists(st.sampled_from([-1.0, 0.0, 1.0, 2.0]), max_size=30))
def test_a_run_is_eight_on_one_side(differences):
    naive = set()
    for begin in range(len(differences) - statistics.RUN + 1):
        window = differences[begin : begin + statistics.RUN]
        if all(value > 0 for value in window) or all(value < 0 for value in window):
            naive.update(range(begin, begin + statistics.RUN))
    assert statistics._runs(differences) == naive


STAYS = st.lists(st.tuples(st.integers(0, 40), st.none() | st.integers(0, 20)), max_size=20)


@given(STAYS, st.integers(5, 30), st.integers(0, 12))
def test_bed_days_are_the_nights_of_all_stays(stays, begin, length):
    zero = date(2026, 3, 1)
    first, last = zero + timedelta(begin), zero + timedelta(begin + length)
    moves = [(zero + timedelta(a), None if n is None else zero + timedelta(a + n)) for a, n in stays]
    admitted: dict[date, int] = {}
    discharged: dict[date, int] = {}
    before = 0
    for came, left in moves:
        before += (came < first) - (left is not None and left < first)
        for day, table in ((came, admitted), (left, discharged)):
            if day and first <= day <= last:
                table[day] = table.get(day, 0) + 1
    found = statistics.nights(before, admitted, discharged, first, last)
    for day, census in found.items():
        assert census == sum(came <= day and (left is None or left > day) for came, left in moves)
    assert sum(statistics.by_month(found).values()) == sum(found.values())
    assert list(statistics.by_month(found)) == statistics.months(first, last)


@given(st.dates(date(2024, 1, 1), date(2027, 1, 1)), st.integers(0, 200))
def test_whole_months_have_all_their_days(first, length):
    last = first + timedelta(length)
    days = [first + timedelta(number) for number in range(length + 1)]
    inside = statistics.by_month(dict.fromkeys(days, 1))
    around = statistics.by_month(
        dict.fromkeys(
            [first - timedelta(40 - n) for n in range(40)]
            + days
            + [last + timedelta(n + 1) for n in range(40)],
            1,
        )
    )
    assert statistics.whole_months(first, last) == [
        month for month in inside if inside[month] == around[month]
    ]


def test_rates_of_nothing_are_nothing():
    assert statistics.per_bed_days(3, 0) is None and statistics.per_beds(3, 0, 365) is None
    assert statistics.per_bed_days(3, 1500) == 2.0
    assert statistics.overall_rate({"2026-04": 90, "2026-05": 3}, {"2026-04": 0, "2026-05": 1500}) == 2.0
    assert statistics.per_beds(15, 1500, 365) == 1.0
    assert (
        statistics.median([]) is None
        and statistics.median([1, 9, 2]) == 2
        and statistics.median([1, 2]) == 1.5
    )


@pytest.fixture
def events(report, as_user):
    """Six events of the ward: falls and a drug, one of them a near miss, one long ago and late."""
    report()
    report(occurred_at=str(hours_ago(5)))
    report(occurred_at=str(hours_ago(6)), place="EVENT_PLACE-WARD")
    report(category="AE03", occurred_at=str(hours_ago(4)), visit_no="T-AEIN")
    report(near_miss=1, harm_level="B", occurred_at=str(hours_ago(3)))
    report(occurred_at=str(hours_ago(24 * 8)), harm_level="G")
    frappe.db.set_value("Clinical Department", WARD, "beds", 50)
    as_user(OFFICER)


def run(name: str, **filters) -> dict:
    period = {"from_date": str(now_datetime().date() - timedelta(29)), "to_date": str(now_datetime().date())}
    return query_report.run(name, filters=period | {"department": WARD} | filters)


def cards(answer: dict) -> dict:
    return {card["label"]: card["value"] for card in answer["report_summary"]}


def test_all_reports_count_the_same_events(events):
    for name in ("Analysis", "Trend", "Heat Map", "Report Quality", "Handling Quality"):
        answer = run(f"Adverse Event {name}")
        assert cards(answer)["Events"] == 6, name
        assert sum(row["events"] for row in answer["result"]) == 6, name
    for group in ("Subtype", "Place", "Grade", "Harm Level", "Hour", "Month"):
        assert sum(row["events"] for row in run("Adverse Event Analysis", group_by=group)["result"]) == 6, (
            group
        )


def test_the_analysis_ranks_and_leads_to_its_events(events):
    rows = run("Adverse Event Analysis")["result"]
    assert [(row["key"], row["events"], row["cumulative"]) for row in rows] == [
        ("AE02", 5, 83.3),
        ("AE03", 1, 100.0),
    ]
    behind = frappe.get_list(rows[0]["drill"]["doctype"], filters=rows[0]["drill"]["filters"])
    assert len(behind) == 5
    assert cards(run("Adverse Event Analysis", near_misses="Only"))["Events"] == 1
    assert cards(run("Adverse Event Analysis", near_misses="Without"))["Events"] == 5


def test_rates_are_of_the_beds_and_the_nights(events):
    scope = figures.Scope({"from_date": str(now_datetime().date() - timedelta(29)), "department": WARD})
    # One patient is in bed since nine days, another was from the ninth to the fifth day before today.
    assert sum(figures.bed_days(scope).values()) == 10 + 4
    found = cards(run("Adverse Event Trend"))
    assert found["Per 100 Beds and Year"] == round(100 * 6 / 50 * 365 / 30, 2)
    assert found["Per 1,000 Bed-Days"] == round(1000 * 6 / 14, 2)


def test_the_hospital_s_own_bed_days_go_before_what_is_counted(ward, as_user):
    as_user(OFFICER)
    frappe.get_doc(doctype="Bed Occupancy", department=WARD, month="2026-05", bed_days=900).insert()
    scope = figures.Scope({"from_date": "2026-04-20", "to_date": "2026-06-10", "department": WARD})
    assert figures.bed_days_by_month(scope) == {"2026-04": 0, "2026-05": 900, "2026-06": 0}
    part = figures.Scope({"from_date": "2026-05-02", "to_date": "2026-05-31", "department": WARD})
    assert figures.bed_days_by_month(part) == {"2026-05": 0}
    for month, words in (("2026-13", "no month"), ("2999-01", "future")):
        with pytest.raises(frappe.ValidationError, match=words):
            frappe.get_doc(doctype="Bed Occupancy", department=WARD, month=month, bed_days=1).insert()


def test_quality_of_reports_and_of_handling(events):
    (row,) = run("Adverse Event Report Quality")["result"]
    assert (row["events"], row["near_misses"], row["first_attempt"]) == (6, 16.7, 100.0)
    assert row["in_time"] == 83.3
    rows = {row["group"]: row for row in run("Adverse Event Handling Quality")["result"]}
    assert sum(row["under_way"] for row in rows.values()) == 6
    assert sum(row["rca_required"] for row in rows.values()) == 1


def test_withdrawn_events_count_nowhere(events, as_user):
    as_user("Administrator")
    name = frappe.get_all(figures.DOCTYPE, {"department": WARD}, pluck="name")[0]
    frappe.db.set_value(figures.DOCTYPE, name, "workflow_state", "Withdrawn")
    as_user(OFFICER)
    assert cards(run("Adverse Event Analysis"))["Events"] == 5


def test_a_heat_map_shows_hours_of_places(events):
    rows = run("Adverse Event Heat Map")["result"]
    assert {row["events"] for row in rows} == {5, 1}
    for row in rows:
        assert sum(value for key, value in row.items() if key.startswith("hour_")) == row["events"]
    assert {QUALITY, PHARMACY}.isdisjoint(row["group"] for row in rows)
