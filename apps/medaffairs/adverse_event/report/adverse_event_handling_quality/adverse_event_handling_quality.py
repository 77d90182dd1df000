"""F42: how well events are handled: closed, in time, analysed where the grade asks for it, improvements that met the standard."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import frappe
from frappe import _
from frappe.query_builder import DocType
from frappe.query_builder.functions import Count
from frappe.utils import cint, cstr, getdate, now_datetime
from pypika.functions import Substring

from medaffairs import reporting
from medaffairs.adverse_event import figures, rules, statistics
from medaffairs.improvement import rules as improvement

FIELDS = (
    "events",
    "archived",
    "under_way",
    "late",
    "escalated",
    "rca_required",
    "rca_done",
    "rca_in_time",
    "actions",
    "improved",
)


def execute(filters: dict | None = None) -> reporting.Result:
    """One row per managing department."""
    scope = figures.Scope(frappe._dict(filters or {}))
    found: dict[str, dict[str, Any]] = {}
    _count_states(scope, found)
    _count_days(scope, found)
    _count_analyses(scope, found)
    _count_improvements(scope, found)
    names = reporting.department_names()
    rows = [_row(scope, names, key, values) for key, values in found.items()]
    rows.sort(key=lambda row: (-row["events"], row["group"]))
    message = reporting.nothing(rows, _("No events between {0} and {1}.").format(scope.first, scope.last))
    return _columns(), rows, message, _chart(rows), _summary(rows, found.values())


def _of(found: dict[str, dict[str, Any]], key: Any) -> dict[str, Any]:
    return found.setdefault(cstr(key), {**dict.fromkeys(FIELDS, 0), "days": []})


def _count_states(scope: figures.Scope, found: dict[str, dict[str, Any]]) -> None:
    for (department, state), count in figures.counted(scope, "managing_department", "workflow_state").items():
        values = _of(found, department)
        values["events"] += count
        values["archived"] += count if state == rules.ARCHIVED else 0
        values["under_way"] += count if state in rules.UNDER_WAY else 0
    event = DocType(figures.DOCTYPE)
    query = (
        frappe.qb.from_(event)
        .select(event.managing_department, Count(event.name))
        .groupby(event.managing_department)
    )
    late = query.where(event.workflow_state.isin(rules.UNDER_WAY)).where(event.due_at < now_datetime())
    for department, count in scope.narrowed(late, event).run():
        _of(found, department)["late"] = cint(count)
    for department, count in scope.narrowed(query.where(event.escalated_at.notnull()), event).run():
        _of(found, department)["escalated"] = cint(count)


def _count_days(scope: figures.Scope, found: dict[str, dict[str, Any]]) -> None:
    """Days from report to archive, each as often as it occurs."""
    event = DocType(figures.DOCTYPE)
    begun, ended = Substring(event.reported_at, 1, 10), Substring(event.archived_at, 1, 10)
    query = frappe.qb.from_(event).select(event.managing_department, begun, ended, Count(event.name))
    query = query.where(event.workflow_state == rules.ARCHIVED).where(event.archived_at.notnull())
    query = query.groupby(event.managing_department, begun, ended)
    for department, first, last, count in scope.narrowed(query, event).run():
        days = (date.fromisoformat(last) - date.fromisoformat(first)).days
        _of(found, department)["days"] += [days] * cint(count)


def _count_analyses(scope: figures.Scope, found: dict[str, dict[str, Any]]) -> None:
    event = DocType(figures.DOCTYPE)
    query = frappe.qb.from_(event).select(event.managing_department, event.analysed_at, event.rca_due_on)
    for department, analysed, due in scope.narrowed(query.where(event.rca_required == 1), event).run():
        values = _of(found, department)
        values["rca_required"] += 1
        values["rca_done"] += int(bool(analysed))
        values["rca_in_time"] += int(bool(analysed) and (not due or getdate(analysed) <= getdate(due)))


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
