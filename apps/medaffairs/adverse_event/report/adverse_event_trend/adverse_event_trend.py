"""F42: events month by month with control limits: what is chance and what is not (u-chart, or c-chart of plain counts)."""

from __future__ import annotations

import frappe
from frappe import _
from frappe.utils import get_first_day, get_last_day, getdate

from medaffairs import reporting
from medaffairs.adverse_event import figures, statistics

RATE, COUNT = "Per 1,000 Bed-Days", "Events"


def execute(filters: dict | None = None) -> reporting.Result:
    """One row per month; the centre and the limits are of all shown months."""
    filters = frappe._dict(filters or {})
    measure = reporting.text(filters, "measure", (RATE, COUNT)) or RATE
    scope = figures.Scope(filters)
    events = {month: count for (month,), count in figures.counted(scope, "month").items()}
    days = figures.bed_days_by_month(scope)
    months = statistics.months(scope.first, scope.last)
    points = statistics.control_chart(
        [(month, events.get(month, 0), _exposure(measure, days, month)) for month in months]
    )
    beds = figures.beds(scope)
    known = {point.label: point for point in points}
    rows = [
        _row(scope, month, events.get(month, 0), days.get(month, 0), beds, known.get(month))
        for month in months
    ]
    return (
        _columns(),
        rows,
        _message(points, measure),
        _chart(measure, points),
        _summary(scope, events, days, beds, points),
    )


def _exposure(measure: str, days: dict[str, int], month: str) -> float:
    return 1.0 if measure == COUNT else days.get(month, 0) / statistics.PER_BED_DAYS


def _span(scope: figures.Scope, month: str) -> tuple:
    first = getdate(f"{month}-01")
    return max(first, scope.first), min(getdate(get_last_day(get_first_day(first))), scope.last)


def _row(
    scope: figures.Scope, month: str, events: int, days: int, beds: int, point: statistics.Point | None
) -> dict:
    first, last = _span(scope, month)
    conditions = [row for row in scope.conditions() if row[0] != "occurred_at"]
    between = [("occurred_at", ">=", first), ("occurred_at", "<", frappe.utils.add_days(last, 1))]
    limits = (
        {name: round(getattr(point, name), 2) for name in ("rate", "centre", "lower", "upper")}
        if point
        else dict.fromkeys(("rate", "centre", "lower", "upper"))
    )
    return {
        "month": month, "events": events, "bed_days": days, **limits,
        "per_beds": statistics.per_beds(events, beds, (last - first).days + 1),
        "per_bed_days": statistics.per_bed_days(events, days),
        "signal": _signal(point.signal) if point else "",
        "drill": reporting.drill(figures.DOCTYPE, *between, *conditions),
    }  # fmt: skip


def _signal(signal: str) -> str:
    return {"Above": _("Above the upper limit"), "Below": _("Below the lower limit"), "Run": _("Eight in a row on one side")}.get(signal, "")  # fmt: skip


def _message(points: list[statistics.Point], measure: str) -> str | None:
    if points:
        return None
    if measure == RATE:
        return _("There are no bed-days in this period: choose the number of events, or a period with stays.")
    return _("No events in this period.")


def _columns() -> list[dict]:
    return [
        reporting.column("month", _("Month"), width=90),
        reporting.column("events", _("Events"), "Int", 90),
        reporting.column("bed_days", _("Bed-Days"), "Int", 100),
        reporting.column("per_bed_days", _("Per 1,000 Bed-Days"), "Float", 120),
        reporting.column("per_beds", _("Per 100 Beds and Year"), "Float", 140),
        reporting.column("rate", _("Plotted Value"), "Float", 100),
        reporting.column("centre", _("Centre Line"), "Float", 100),
        reporting.column("lower", _("Lower Limit"), "Float", 100),
        reporting.column("upper", _("Upper Limit"), "Float", 100),
        reporting.column("signal", _("Signal"), width=170),
    ]


def _chart(measure: str, points: list[statistics.Point]) -> dict | None:
    lines = {
        _(measure): "rate",
        _("Centre Line"): "centre",
        _("Upper Limit"): "upper",
        _("Lower Limit"): "lower",
    }
    return reporting.chart(
        "line", _("Trend with Control Limits"), [point.label for point in points],
        {name: [round(getattr(point, field), 2) for point in points] for name, field in lines.items()},
        (reporting.BLUE, reporting.GREY, reporting.RED, reporting.RED),
    )  # fmt: skip


def _summary(
    scope: figures.Scope,
    events: dict[str, int],
    days: dict[str, int],
    beds: int,
    points: list[statistics.Point],
) -> list[dict]:
    total = sum(events.values())
    return [
        reporting.figure(_("Events"), total),
        figures.card(_("Per 1,000 Bed-Days"), statistics.overall_rate(events, days)),
        figures.card(_("Per 100 Beds and Year"), statistics.per_beds(total, beds, scope.days)),
        reporting.figure(_("Months with a Signal"), sum(bool(point.signal) for point in points), "Orange"),
    ]
