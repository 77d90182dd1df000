"""F42: how well departments report: in time, complete, accepted at the first attempt, near misses among it."""

from __future__ import annotations

from typing import Any

import frappe
from frappe import _
from frappe.query_builder import DocType
from frappe.query_builder.functions import Count, Sum
from frappe.utils import cint, cstr
from pypika import Case

from medaffairs import reporting
from medaffairs.adverse_event import figures, rules, statistics

# What a report's quality consists of, in points of a hundred.
POINTS = {"in_time": 40, "complete": 30, "first_attempt": 30}


def execute(filters: dict | None = None) -> reporting.Result:
    """One row per reporting department, the best first."""
    scope = figures.Scope(frappe._dict(filters or {}))
    names, beds = reporting.department_names(), reporting.names_of("Clinical Department", "beds")
    rows = [_row(scope, names, beds, found) for found in _counted(scope)]
    rows.sort(key=lambda row: (-row["quality"], row["group"]))
    message = reporting.nothing(rows, _("No events between {0} and {1}.").format(scope.first, scope.last))
    return _columns(), rows, message, _chart(rows), _summary(rows)


def _counted(scope: figures.Scope) -> list[Any]:
    event = DocType(figures.DOCTYPE)

    def when(condition: Any, name: str) -> Any:
        return Sum(Case().when(condition, 1).else_(0)).as_(name)

    query = frappe.qb.from_(event).groupby(event.department)
    query = query.select(
        event.department, Count(event.name).as_("events"),
        when(event.late_report == 0, "in_time"),
        when((event.place != "") & (event.measures != ""), "complete"),
        when(event.return_reason.isnull() | (event.return_reason == ""), "first_attempt"),
        when(event.near_miss == 1, "near_misses"),
        when(event.identity != rules.OPEN, "covered"),
    )  # fmt: skip
    return scope.narrowed(query, event).run(as_dict=True)


def _row(scope: figures.Scope, names: dict[str, str], beds: dict[str, int], found: Any) -> dict:
    events, department = cint(found.events), cstr(found.department)
    shares = {
        key: reporting.share(cint(found[key]), events) or 0.0 for key in (*POINTS, "near_misses", "covered")
    }
    return {
        "department": department, "group": names.get(department, department), "events": events, **shares,
        "quality": round(sum(shares[key] * points for key, points in POINTS.items()) / 100, 1),
        "per_beds": statistics.per_beds(events, cint(beds.get(department)), scope.days),
        **{f"{key}_count": cint(found[key]) for key in POINTS},
        "drill": reporting.drill(figures.DOCTYPE, *(row for row in scope.conditions() if row[0] != "department"), ("department", "=", department)),
    }  # fmt: skip


def _columns() -> list[dict]:
    return [
        reporting.column("group", _("Department"), width=160),
        reporting.column("events", _("Events"), "Int", 80),
        reporting.column("in_time", _("Reported in Time (%)"), "Float", 120),
        reporting.column("complete", _("Complete (%)"), "Float", 110),
        reporting.column("first_attempt", _("Never Returned (%)"), "Float", 120),
        reporting.column("quality", _("Report Quality (points)"), "Float", 130),
        reporting.column("near_misses", _("Near Misses (%)"), "Float", 110),
        reporting.column("covered", _("Protected or Anonymous (%)"), "Float", 140),
        reporting.column("per_beds", _("Per 100 Beds and Year"), "Float", 140),
    ]


def _chart(rows: list[dict]) -> dict | None:
    shown = rows[:20]
    return reporting.chart(
        "bar", _("Report Quality by Department"), [row["group"] for row in shown],
        {_("Report Quality (points)"): [row["quality"] for row in shown]}, (reporting.TEAL,),
    )  # fmt: skip


def _summary(rows: list[dict]) -> list[dict]:
    events = sum(row["events"] for row in rows)

    def overall(key: str) -> float | None:
        return reporting.share(sum(row[f"{key}_count"] for row in rows), events)

    return [
        reporting.figure(_("Events"), events),
        figures.card(_("Reported in Time (%)"), overall("in_time")),
        figures.card(_("Complete (%)"), overall("complete")),
        figures.card(_("Never Returned (%)"), overall("first_attempt")),
    ]
