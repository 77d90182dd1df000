"""F42: what happens where and why: events by one part, the largest first, with the vital few that make up 80 %."""

from __future__ import annotations

from collections.abc import Mapping

import frappe
from frappe import _
from frappe.query_builder import DocType
from frappe.query_builder.functions import Count
from frappe.utils import cint, cstr

from medaffairs import reporting
from medaffairs.adverse_event import figures, statistics

GROUPS = {
    "Category": "category", "Subtype": "subtype", "Department": "department", "Place": "place", "Grade": "grade",
    "Harm Level": "harm_level", "Hour": "hour", "Month": "month", "Cause Kind": "kind",
}  # fmt: skip
# Groups that have an order of their own, which their chart keeps.
ORDERED = ("Hour", "Month", "Grade", "Harm Level")


def execute(filters: dict | None = None) -> reporting.Result:
    """One row per group with its share; of causes one row per kind, counted once for each event that names it."""
    filters = frappe._dict(filters or {})
    group = reporting.text(filters, "group_by", tuple(GROUPS)) or "Category"
    scope = figures.Scope(filters)
    counts = _causes(scope) if group == "Cause Kind" else _counts(scope, GROUPS[group])
    slices = statistics.pareto(counts)
    names = figures.names_of("place" if group == "Cause Kind" else GROUPS[group])
    rows = [_row(scope, group, names, part) for part in slices]
    message = reporting.nothing(rows, _("No events between {0} and {1}.").format(scope.first, scope.last))
    return _columns(group), rows, message, _chart(group, rows), _summary(scope, slices)


def _counts(scope: figures.Scope, part: str) -> dict[str, int]:
    return {key: count for (key,), count in figures.counted(scope, part).items()}


def _causes(scope: figures.Scope) -> dict[str, int]:
    event, cause = DocType(figures.DOCTYPE), DocType("Adverse Event Cause")
    query = frappe.qb.from_(event).inner_join(cause).on(cause.parent == event.name)
    query = query.where(cause.parenttype == figures.DOCTYPE)
    query = query.select(cause.kind, Count(event.name).distinct()).groupby(cause.kind)
    return {cstr(kind): cint(count) for kind, count in scope.narrowed(query, event).run()}


def _row(scope: figures.Scope, group: str, names: Mapping[str, str], part: statistics.Slice) -> dict:
    field = GROUPS[group]
    filled = part.key not in ("", "None")
    conditions = [*scope.conditions(), (field, "=", part.key)]
    drillable = filled and group not in ("Hour", "Month", "Cause Kind")
    return {
        "group": names.get(part.key, part.key) if filled else _("Not filled in"),
        "events": part.count,
        "share": part.share,
        "cumulative": part.cumulative,
        "vital": _("Yes") if part.vital else "",
        "key": part.key,
        "drill": reporting.drill(figures.DOCTYPE, *conditions) if drillable else None,
    }


def _columns(group: str) -> list[dict]:
    return [
        reporting.column("group", _(group), width=240),
        reporting.column("events", _("Events"), "Int", 90),
        reporting.column("share", _("Share (%)"), "Float", 100),
        reporting.column("cumulative", _("Cumulative Share (%)"), "Float", 140),
        reporting.column("vital", _("Vital Few"), width=100),
    ]


def _chart(group: str, rows: list[dict]) -> dict | None:
    if group in ORDERED:
        shown = sorted(rows, key=lambda row: row["key"])
        events = {_("Events"): [row["events"] for row in shown]}
        return reporting.chart(
            "bar", _("Events by {0}").format(_(group)), [row["group"] for row in shown], events
        )
    shown = rows[:20]
    drawn = reporting.chart(
        "axis-mixed", _("Pareto Chart: {0}").format(_(group)), [row["group"] for row in shown],
        {_("Share (%)"): [row["share"] for row in shown], _("Cumulative Share (%)"): [row["cumulative"] for row in shown]},
        (reporting.BLUE, reporting.RED),
    )  # fmt: skip
    if drawn:
        for dataset, kind in zip(drawn["data"]["datasets"], ("bar", "line"), strict=True):
            dataset["chartType"] = kind
    return drawn


def _summary(scope: figures.Scope, slices: list[statistics.Slice]) -> list[dict]:
    # Of causes an event has several: the events themselves are counted.
    by_month = {month: count for (month,), count in figures.counted(scope, "month").items()}
    events = sum(by_month.values())
    return [
        reporting.figure(_("Events"), events),
        reporting.figure(_("Groups"), len(slices)),
        reporting.figure(_("Vital Few"), sum(part.vital for part in slices)),
        figures.card(_("Per 100 Beds and Year"), statistics.per_beds(events, figures.beds(scope), scope.days)),
        figures.card(_("Per 1,000 Bed-Days"), statistics.overall_rate(by_month, figures.bed_days_by_month(scope))),
    ]  # fmt: skip
