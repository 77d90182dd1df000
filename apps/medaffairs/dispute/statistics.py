"""Figures of warnings, complaints and disputes, counted by the database; every row leads to the cases behind it.

Drafts count nowhere. A month without a case is shown as 0, so that a line does not hide it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import frappe
from frappe import _
from frappe.query_builder.functions import Count, Date, Sum
from frappe.utils import cint, cstr, flt, getdate
from pypika.terms import Case

from medaffairs import reporting
from medaffairs.dispute import rules

#: The date by which a case counts.
COUNTED_BY = {rules.WARNING: "occurred_at", rules.COMPLAINT: "received_at", rules.DISPUTE: "filed_on"}
GROUPS: Mapping[str, Mapping[str, str]] = {
    rules.WARNING: {"Month": "", "Department": "department", "Level": "level", "Cause": "cause"},
    rules.COMPLAINT: {"Month": "", "Department": "department", "Source": "source", "Cause": "cause"},
    rules.DISPUTE: {"Month": "", "Department": "department", "Way of Settlement": "route", "Cause": "cause"},
}
WORDS = {rules.WARNING: "Warnings", rules.COMPLAINT: "Complaints", rules.DISPUTE: "Disputes"}
SHOWN_IN_CHART = 15
#: A level has the colour of its name.
COLOURS_OF_LEVELS = {
    "WARNING_LEVEL-01": reporting.RED, "WARNING_LEVEL-02": reporting.AMBER, "WARNING_LEVEL-03": "#eab308", "WARNING_LEVEL-04": reporting.BLUE,
}  # fmt: skip


def execute(doctype: str, filters: Mapping[str, Any]) -> reporting.Result:
    """One row per group, a chart and the sums.

    :raises frappe.ValidationError: for filters that are not understood
    """
    filters = frappe._dict(filters)
    groups = GROUPS[doctype]
    group = reporting.text(filters, "group_by", tuple(groups)) or "Month"
    start, end = reporting.period(filters)
    department = reporting.text(filters, "department")
    counted = _counted(doctype, groups[group], start, end, department)
    rows = _months(counted, start, end) if group == "Month" else _named(counted, group)
    for row in rows:
        row["share"] = reporting.share(row["cases"], sum(other["cases"] for other in counted))
        row["colour"] = COLOURS_OF_LEVELS.get(row["key"], reporting.GREY)
        row["drill"] = _drill(doctype, groups[group], row.pop("key"), start, end, department)
    message = reporting.nothing(
        counted, _("There is nothing between {0} and {1}: please choose another period.").format(start, end)
    )
    return (
        _columns(doctype, group),
        rows if counted else [],
        message,
        _chart(doctype, group, rows),
        _summary(doctype, counted),
    )


def _counted(doctype: str, field: str, start: date, end: date, department: str) -> list[Any]:
    table = frappe.qb.DocType(doctype)
    moment = table[COUNTED_BY[doctype]]
    key = table[field] if field else Date(moment)
    over = Case().when(table.workflow_state.isin(rules.OVER), 1).else_(0)
    query = (
        frappe.qb.from_(table)
        .select(key.as_("key"), Count("*").as_("cases"), Sum(over).as_("over"))
        .where((moment >= cstr(start)) & (moment < cstr(end + timedelta(days=1))))
        .where(table.workflow_state != rules.DRAFT)
        .groupby(key)
    )
    if doctype == rules.COMPLAINT:
        answered = Case().when(table.answered_at.isnotnull(), 1).else_(0)
        query = query.select(Sum(answered).as_("answered"), Sum(table.answered_late).as_("late"))
    elif doctype == rules.DISPUTE:
        query = query.select(Sum(table.claimed_amount).as_("claimed"), Sum(table.paid_amount).as_("paid"))
    if department:
        query = query.where(table.department.isin(reporting.departments_within(department) or [department]))
    return reporting.seen(query, doctype).run(as_dict=True)


def _months(counted: list[Any], start: date, end: date) -> list[dict[str, Any]]:
    months: dict[str, dict[str, Any]] = {}
    day = start.replace(day=1)
    while day <= end:
        months[cstr(day)[:7]] = _empty(cstr(day)[:7])
        day = (day + timedelta(days=32)).replace(day=1)
    for row in counted:
        _add(months[cstr(row.key)[:7]], row)
    return list(months.values())


def _named(counted: list[Any], group: str) -> list[dict[str, Any]]:
    names = (
        reporting.department_names()
        if group == "Department"
        else reporting.names_of("Dictionary Item", "item_name")
    )
    rows = []
    # Levels stand in their order, everything else by its number.
    for row in sorted(counted, key=lambda row: (0 if group == "Level" else -row.cases, cstr(row.key))):
        made = _empty(cstr(row.key))
        made["group"] = names.get(row.key) or row.key or _("Not filled in")
        _add(made, row)
        rows.append(made)
    return rows


def _empty(key: str) -> dict[str, Any]:
    return {
        "key": key,
        "group": key,
        "cases": 0,
        "over": 0,
        "answered": 0,
        "late": 0,
        "claimed": 0.0,
        "paid": 0.0,
    }


def _add(made: dict[str, Any], row: Any) -> None:
    for name in ("cases", "over", "answered", "late"):
        made[name] += cint(row.get(name))
    for name in ("claimed", "paid"):
        made[name] = round(made[name] + flt(row.get(name)), 2)


def _drill(doctype: str, field: str, key: str, start: date, end: date, department: str) -> dict | None:
    counted_by = COUNTED_BY[doctype]
    if not field:
        month = getdate(f"{key}-01")
        start = max(start, month)
        end = min(end, (month + timedelta(days=32)).replace(day=1) - timedelta(days=1))
    if field and not key:
        return None
    last = end if counted_by == "filed_on" else f"{end} 23:59:59"
    return reporting.drill(
        doctype, (counted_by, ">=", start), (counted_by, "<=", last), ("workflow_state", "!=", rules.DRAFT),
        (field or "name", "=", key if field else ""), ("department", "=", department if field != "department" else ""),
    )  # fmt: skip


def _columns(doctype: str, group: str) -> list[dict]:
    columns = [
        reporting.column("group", _(group), width=240),
        reporting.column("cases", _(WORDS[doctype]), "Int", 90),
        reporting.column("share", _("Share (%)"), "Float", 90),
        reporting.column("over", _("Settled"), "Int", 90),
    ]
    if doctype == rules.COMPLAINT:
        columns += [
            reporting.column("answered", _("Answered"), "Int", 90),
            reporting.column("late", _("Answered Late"), "Int", 110),
        ]
    if doctype == rules.DISPUTE:
        columns += [
            reporting.column("claimed", _("Amount Claimed"), "Float", 130),
            reporting.column("paid", _("Paid Altogether"), "Float", 130),
        ]
    return columns


def _chart(doctype: str, group: str, rows: list[dict[str, Any]]) -> dict | None:
    shown = rows if group == "Month" else rows[:SHOWN_IN_CHART]
    kind = {"Month": "line", "Level": "donut", "Way of Settlement": "donut"}.get(group, "bar")
    colour = {rules.WARNING: reporting.AMBER, rules.COMPLAINT: reporting.BLUE, rules.DISPUTE: reporting.RED}[
        doctype
    ]
    palette: tuple[str, ...] = (colour,)
    if group == "Level":
        palette = tuple(row["colour"] for row in shown)
    elif kind == "donut":
        palette = (reporting.BLUE, reporting.TEAL, reporting.AMBER, reporting.RED, reporting.GREY)
    word = _(WORDS[doctype])
    return reporting.chart(
        kind,
        _("{0} by {1}").format(word, _(group)),
        [row["group"] for row in shown],
        {word: [row["cases"] for row in shown]},
        palette,
    )


def _summary(doctype: str, counted: list[Any]) -> list[dict]:
    total, over = sum(row.cases for row in counted), sum(cint(row.over) for row in counted)
    found = [
        reporting.figure(_(WORDS[doctype]), total),
        reporting.figure(_("Open"), total - over, "Orange"),
        reporting.figure(_("Settled"), over, "Green"),
    ]
    if doctype == rules.COMPLAINT:
        answered, late = (sum(cint(row.get(name)) for row in counted) for name in ("answered", "late"))
        in_time = reporting.share(answered - late, answered)
        if in_time is not None:
            found.append(reporting.figure(_("Answered in Time (%)"), in_time, datatype="Float"))
    if doctype == rules.DISPUTE:
        found.append(
            reporting.figure(
                _("Paid Altogether"), round(sum(flt(row.paid) for row in counted), 2), datatype="Float"
            )
        )
    return found
