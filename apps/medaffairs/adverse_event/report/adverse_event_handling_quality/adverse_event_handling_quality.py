"""F42: how well events are handled: closed, in time, analysed where the grade asks for it, improvements that met the standard."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any

import frappe
from frappe import _
from frappe.query_builder import DocType
from frappe.query_builder.functions import Count, Sum
from frappe.utils import cint, cstr, now_datetime
from pypika import Case
from pypika.functions import Substring

from medaffairs import reporting
from medaffairs.adverse_event import figures, rules, statistics
from medaffairs.improvement import rules as improvement

OWN_FIELDS = (
    "events",
    "archived",
    "under_way",
    "late",
    "escalated",
    "rca_required",
    "rca_done",
    "rca_in_time",
)
FIELDS = (*OWN_FIELDS, "actions", "improved")


def execute(filters: dict | None = None) -> reporting.Result:
    """One row per managing department."""
    scope = figures.Scope(frappe._dict(filters or {}))
    found: dict[str, dict[str, Any]] = {}
    _count_events(scope, found)
    _count_days(scope, found)
    _count_improvements(scope, found)
    names = reporting.department_names()
    rows = [_row(scope, names, key, values) for key, values in found.items()]
    rows.sort(key=lambda row: (-row["events"], row["group"]))
    message = reporting.nothing(rows, _("No events between {0} and {1}.").format(scope.first, scope.last))
    return _columns(), rows, message, _chart(rows), _summary(rows, found.values())


def _of(found: dict[str, dict[str, Any]], key: Any) -> dict[str, Any]:
    return found.setdefault(cstr(key), {**dict.fromkeys(FIELDS, 0), "days": []})


def _count_events(scope: figures.Scope, found: dict[str, dict[str, Any]]) -> None:
    """All that the events themselves say, in one walk over them."""
    event = DocType(figures.DOCTYPE)

    def when(condition: Any, name: str) -> Any:
        return Sum(Case().when(condition, 1).else_(0)).as_(name)

    under_way, required = event.workflow_state.isin(rules.UNDER_WAY), event.rca_required == 1
    done = required & event.analysed_at.notnull()
    in_time = event.rca_due_on.isnull() | (Substring(event.analysed_at, 1, 10) <= event.rca_due_on)
    query = frappe.qb.from_(event).groupby(event.managing_department)
    query = query.select(
        event.managing_department, Count(event.name).as_("events"),
        when(event.workflow_state == rules.ARCHIVED, "archived"), when(under_way, "under_way"),
        when(under_way & (event.due_at < now_datetime()), "late"), when(event.escalated_at.notnull(), "escalated"),
        when(required, "rca_required"), when(done, "rca_done"), when(done & in_time, "rca_in_time"),
    )  # fmt: skip
    for row in scope.narrowed(query, event).run(as_dict=True):
        values = _of(found, row.managing_department)
        for name in OWN_FIELDS:
            values[name] += cint(row[name])


def _count_days(scope: figures.Scope, found: dict[str, dict[str, Any]]) -> None:
    """Days from report to archive; the database would group for longer than it takes to read them."""
    event = DocType(figures.DOCTYPE)
    query = frappe.qb.from_(event).select(
        event.managing_department, Substring(event.reported_at, 1, 10), Substring(event.archived_at, 1, 10)
    )
    query = query.where(event.workflow_state == rules.ARCHIVED).where(event.archived_at.notnull())
    days: dict[str | None, list[int]] = {}
    for department, first, last in scope.narrowed(query, event).run():
        days.setdefault(department, []).append(_day_number(last) - _day_number(first))
    for department, counted in days.items():
        _of(found, department)["days"] += counted


@lru_cache(maxsize=4096)
def _day_number(day: str) -> int:
    return date.fromisoformat(day).toordinal()


def _count_improvements(scope: figures.Scope, found: dict[str, dict[str, Any]]) -> None:
    if not reporting.may_read("Improvement Action"):
        return
    event, action = DocType(figures.DOCTYPE), DocType("Improvement Action")
    query = frappe.qb.from_(event).inner_join(action).on(action.source_name == event.name)
    query = query.where(action.source_doctype == figures.DOCTYPE).where(
        action.workflow_state != improvement.CALLED_OFF
    )
    query = query.select(event.managing_department, action.workflow_state, Count(action.name))
    query = query.groupby(event.managing_department, action.workflow_state)
    for department, state, count in scope.narrowed(query, event).run():
        values = _of(found, department)
        values["actions"] += cint(count)
        values["improved"] += cint(count) if state == improvement.IMPROVED else 0


def _row(scope: figures.Scope, names: dict[str, str], key: str, values: dict[str, Any]) -> dict:
    filled = key not in ("", "None")
    conditions = [*scope.conditions(), ("managing_department", "=", key)]
    return {
        "group": names.get(key, key) if filled else _("Not assigned yet"),
        **{name: values[name] for name in FIELDS},
        "closed_share": reporting.share(values["archived"], values["events"]),
        "median_days": statistics.median(values["days"]),
        "rca_share": reporting.share(values["rca_done"], values["rca_required"]),
        "rca_time_share": reporting.share(values["rca_in_time"], values["rca_required"]),
        "improved_share": reporting.share(values["improved"], values["actions"]),
        "drill": reporting.drill(figures.DOCTYPE, *conditions) if filled else None,
    }


def _columns() -> list[dict]:
    return [
        reporting.column("group", _("Managing Department"), width=160),
        reporting.column("events", _("Events"), "Int", 80),
        reporting.column("archived", _("Archived"), "Int", 80),
        reporting.column("closed_share", _("Archived (%)"), "Float", 100),
        reporting.column("under_way", _("Under Way"), "Int", 90),
        reporting.column("late", _("Late Now"), "Int", 90),
        reporting.column("escalated", _("Escalated"), "Int", 90),
        reporting.column("median_days", _("Days to Archive (median)"), "Float", 140),
        reporting.column("rca_required", _("Analyses Required"), "Int", 110),
        reporting.column("rca_share", _("Analyses Done (%)"), "Float", 120),
        reporting.column("rca_time_share", _("Analyses in Time (%)"), "Float", 130),
        reporting.column("actions", _("Improvement Actions"), "Int", 110),
        reporting.column("improved_share", _("Met the Standard (%)"), "Float", 130),
    ]


def _chart(rows: list[dict]) -> dict | None:
    shown = rows[:15]
    return reporting.chart(
        "bar", _("Events by {0}").format(_("Managing Department")), [row["group"] for row in shown],
        {_("Archived"): [row["archived"] for row in shown], _("Under Way"): [row["under_way"] for row in shown]},
        (reporting.GREEN, reporting.AMBER), stacked=True,
    )  # fmt: skip


def _summary(rows: list[dict], found: Iterable[dict[str, Any]]) -> list[dict]:
    sums = {name: sum(row[name] for row in rows) for name in FIELDS}
    days = [day for values in found for day in values["days"]]
    return [
        reporting.figure(_("Events"), sums["events"]),
        figures.card(_("Archived (%)"), reporting.share(sums["archived"], sums["events"])),
        reporting.figure(_("Late Now"), sums["late"], "Red"),
        figures.card(_("Days to Archive (median)"), statistics.median(days)),
        figures.card(_("Analyses in Time (%)"), reporting.share(sums["rca_in_time"], sums["rca_required"])),
        figures.card(_("Met the Standard (%)"), reporting.share(sums["improved"], sums["actions"])),
    ]
