"""What departments owe and how they improve: actions by state, late ones, shares in time and at the first re-inspection."""

from __future__ import annotations

from datetime import date

import frappe
from frappe import _
from frappe.utils import cstr, get_datetime, getdate

from medaffairs import reporting
from medaffairs.improvement import rules
from medaffairs.improvement.rules import Task

GROUPS = ("Department", "Source", "Cause", "Month")
FIELDS = {"Department": "department", "Source": "source_doctype", "Cause": "cause"}


def execute(filters: dict | None = None) -> reporting.Result:
    """One row per group; the period is that of the opening of the actions."""
    filters = frappe._dict(filters or {})
    group = reporting.text(filters, "group_by", GROUPS) or "Department"
    start, end = reporting.period(filters)
    actions = _actions(filters, start, end)
    today = getdate()
    rows = _rows(group, actions, today, start, end)
    message = reporting.nothing(
        rows, _("No improvement action was opened between {0} and {1}.").format(start, end)
    )
    return _columns(group), rows, message, _chart(group, rows), _summary(actions, today)


def _actions(filters: dict, start: date, end: date) -> list:
    conditions: list = [["opened_on", "between", [start, end]], ["workflow_state", "!=", rules.CALLED_OFF]]
    department = reporting.text(filters, "department")
    if department:
        conditions.append(["department", "in", reporting.departments_within(department) or [department]])
    rows = frappe.get_list(
        "Improvement Action",
        filters=conditions,
        fields=["name", "department", "source_doctype", "cause", "workflow_state", "due_date", "handed_in_at", "opened_on"],
        limit_page_length=0,
    )  # fmt: skip
    rounds: dict[str, int] = {}
    for parent in frappe.get_all(
        "Improvement Round", filters={"parent": ("in", [row.name for row in rows])}, pluck="parent", limit_page_length=0
    ) if rows else []:  # fmt: skip
        rounds[parent] = rounds.get(parent, 0) + 1
    for row in rows:
        handed = get_datetime(row.handed_in_at) if row.handed_in_at else None
        row.task = Task(row.workflow_state, getdate(row.due_date), handed, rounds.get(row.name, 0))
    return rows


def _rows(group: str, actions: list, today: date, start: date, end: date) -> list[dict]:
    names, grouped = _names(group), {}
    for action in actions:
        key = cstr(action.opened_on)[:7] if group == "Month" else cstr(action.get(FIELDS[group]))
        grouped.setdefault(key, []).append(action)
    rows = []
    for key, members in grouped.items():
        figures = rules.standing([action.task for action in members], today)._asdict()
        drill = None
        if group in FIELDS and key:
            bounds = (("opened_on", ">=", start), ("opened_on", "<=", end), (FIELDS[group], "=", key))
            drill = reporting.drill("Improvement Action", *bounds)
        rows.append({"group": names.get(key) or _(key) or _("Not filled in"), **figures, "drill": drill})
    order = (
        (lambda row: row["group"])
        if group == "Month"
        else (lambda row: (-row["late"], -row["owed"], row["group"]))
    )
    return sorted(rows, key=order)


def _names(group: str) -> dict[str, str]:
    if group == "Department":
        return reporting.department_names()
    return reporting.names_of("Dictionary Item", "item_name") if group == "Cause" else {}


def _columns(group: str) -> list[dict]:
    return [
        reporting.column("group", _(group), width=180),
        reporting.column("total", _("Actions"), "Int", 80),
        reporting.column("owed", _("Owed"), "Int", 80),
        reporting.column("late", _("Late"), "Int", 80),
        reporting.column("awaiting", _("Awaiting Re-inspection"), "Int", 100),
        reporting.column("improved", _("Improved"), "Int", 90),
        reporting.column("in_time", _("Handed In in Time (%)"), "Float", 120),
        reporting.column("first_time", _("Passed at Once (%)"), "Float", 120),
    ]


def _chart(group: str, rows: list[dict]) -> dict | None:
    shown = rows if group == "Month" else rows[:20]
    parts = {"Owed": "owed", "Awaiting Re-inspection": "awaiting", "Improved": "improved"}
    return reporting.chart(
        "bar", _("Improvement by {0}").format(_(group)), [row["group"] for row in shown],
        {_(label): [row[field] for row in shown] for label, field in parts.items()},
        (reporting.RED, reporting.AMBER, reporting.GREEN), stacked=True,
    )  # fmt: skip


def _summary(actions: list, today: date) -> list[dict]:
    figures = rules.standing([action.task for action in actions], today)
    cards = [
        reporting.figure(_("Actions"), figures.total),
        reporting.figure(_("Owed"), figures.owed, "Orange"),
        reporting.figure(_("Late"), figures.late, "Red" if figures.late else "Green"),
        reporting.figure(_("Improved"), figures.improved, "Green"),
    ]
    if figures.in_time is not None:
        cards.append(reporting.figure(_("Handed In in Time (%)"), figures.in_time, datatype="Percent"))
    return cards
