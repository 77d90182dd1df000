"""F36: acts without a privilege by department, person, kind, month, reason or state, and how often they happen.

The rate is acts per 1,000 operations: refused or unchecked surgical acts over the operations of the same
department, person or month that were not cancelled. Where no operations are known there is no rate.
"""

from __future__ import annotations

from datetime import date, timedelta

import frappe
from frappe import _
from frappe.query_builder.functions import Count
from frappe.utils import cint, cstr, getdate

from medaffairs import reporting
from medaffairs.privileging.rules import MESSAGES, MESSAGES_WITHOUT_BOUND

GROUPS = ("Department", "Person", "Kind", "Month", "Reason", "Processing State")
STATES = ("Open", "Explained", "Confirmed", "Dismissed")
FIELDS = {
    "Department": "department",
    "Person": "practitioner",
    "Kind": "kind",
    "Reason": "decision_reason",
    "Processing State": "status",
}
RATED = ("Department", "Person", "Month")
SURGERY = "SURGERY"
PER = 1_000
COLOURS = (reporting.RED, reporting.AMBER, reporting.VIOLET, reporting.GREY)


def execute(filters: dict | None = None) -> reporting.Result:
    """One row per group with its acts by state and, where operations are known, the rate."""
    filters = frappe._dict(filters or {})
    group = reporting.text(filters, "group_by", GROUPS) or "Department"
    start, end = reporting.period(filters)
    acts = _acts(filters, start, end)
    operations = _operations(group, filters, start, end)
    rows = _rows(group, acts, operations, start, end)
    message = reporting.nothing(
        rows,
        _("No act without a privilege between {0} and {1}. Please choose a longer period.").format(
            start, end
        ),
    )
    return _columns(group), rows, message, _chart(group, rows), _summary(acts, operations)


def _acts(filters: dict, start: date, end: date) -> list:
    conditions: list = [["occurred_at", ">=", start], ["occurred_at", "<", end + timedelta(days=1)]]
    department = reporting.text(filters, "department")
    if department:
        conditions.append(["department", "in", reporting.departments_within(department) or [department]])
    for key in ("kind", "status"):
        value = reporting.text(filters, key)
        if value:
            conditions.append([key, "=", value])
    emergency = reporting.text(filters, "emergency", ("Only", "Without"))
    if emergency:
        conditions.append(["was_emergency", "=", int(emergency == "Only")])
    return frappe.get_list(
        "Unauthorized Act",
        filters=conditions,
        fields=["name", "department", "practitioner", "practitioner_name", "kind", "occurred_at", "status",
                "decision_reason", "was_emergency"],
        limit_page_length=0,
    )  # fmt: skip


def _operations(group: str, filters: dict, start: date, end: date) -> dict[str, int]:
    """Operations that were not cancelled, by the group's key; empty when there is nothing to compare with."""
    kind = reporting.text(filters, "kind")
    if group not in RATED or kind not in ("", SURGERY) or not reporting.may_read("Operation Record"):
        return {}
    record = frappe.qb.DocType("Operation Record")
    department = reporting.text(filters, "department")
    query = (
        frappe.qb.from_(record)
        .where((record.scheduled_at >= cstr(start)) & (record.scheduled_at < cstr(end + timedelta(days=1))))
        .where(record.status != "Cancelled")
    )
    if department:
        query = query.where(record.department.isin(reporting.departments_within(department) or [department]))
    query = reporting.seen(query, "Operation Record")
    if group == "Month":
        counted: dict[str, int] = {}
        for (moment,) in query.select(record.scheduled_at).run():
            month = cstr(moment)[:7]
            counted[month] = counted.get(month, 0) + 1
        return counted
    field = record.department if group == "Department" else record.surgeon
    return {key or "": number for key, number in query.select(field, Count("*")).groupby(field).run()}


def _key(act: dict, group: str) -> str:
    return cstr(act.occurred_at)[:7] if group == "Month" else cstr(act.get(FIELDS[group]))


def _rows(group: str, acts: list, operations: dict[str, int], start: date, end: date) -> list[dict]:
    names, counted = _names(group, acts), {}
    for act in acts:
        key = _key(act, group)
        row = counted.setdefault(
            key, {"key": key, "acts": 0, "surgical": 0, "emergency": 0, **dict.fromkeys(STATES, 0)}
        )
        row["acts"] += 1
        row["surgical"] += act.kind == SURGERY
        row["emergency"] += cint(act.was_emergency)
        row[act.status or "Open"] += 1
    rows = []
    for row in counted.values():
        done = operations.get(row["key"])
        made = {
            "group": names.get(row["key"]) or row["key"] or _("Not filled in"),
            **{frappe.scrub(state): row[state] for state in STATES},
            **{name: row[name] for name in ("acts", "emergency")},
            "operations": done,
            "rate": reporting.share(row["surgical"], done or 0, PER, 2),
            "drill": _drill(group, row["key"], start, end),
        }
        rows.append(made | ({"practitioner": row["key"]} if group == "Person" else {}))
    order = (lambda row: row["group"]) if group == "Month" else (lambda row: (-row["acts"], row["group"]))
    return sorted(rows, key=order)


def _names(group: str, acts: list) -> dict[str, str]:
    if group == "Department":
        return reporting.department_names()
    if group == "Kind":
        return reporting.kind_names()
    if group == "Person":
        return {act.practitioner: act.practitioner_name for act in acts if act.practitioner} | _people(acts)
    if group == "Reason":
        return {key: _(MESSAGES_WITHOUT_BOUND.get(key, words)) for key, words in MESSAGES.items()}
    return {state: _(state) for state in STATES}


def _people(acts: list) -> dict[str, str]:
    names = {act.practitioner for act in acts if act.practitioner and not act.practitioner_name}
    return dict(
        frappe.get_all(
            "Practitioner",
            filters={"name": ("in", list(names))},
            fields=["name", "practitioner_name"],
            as_list=True,
        )
    )


def _drill(group: str, key: str, start: date, end: date) -> dict | None:
    if group == "Month":
        first = getdate(f"{key}-01")
        start = max(start, first)
        end = min(end, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))
    elif not key:
        return None
    own = [] if group == "Month" else [(FIELDS[group], "=", key)]
    bounds = (("occurred_at", ">=", start), ("occurred_at", "<=", f"{end} 23:59:59"))
    return reporting.drill("Unauthorized Act", *bounds, *own)


def _columns(group: str) -> list[dict]:
    columns = [reporting.column("group", _(group), width=180)]
    if group == "Person":
        columns.insert(0, reporting.link("practitioner", _("Staff No"), "Practitioner", 100))
    columns.append(reporting.column("acts", _("Acts"), "Int", 80))
    columns += [reporting.column(frappe.scrub(state), _(state), "Int", 90) for state in STATES]
    columns.append(reporting.column("emergency", _("In an Emergency"), "Int", 90))
    if group in RATED:
        columns.append(reporting.column("operations", _("Operations"), "Int", 90))
        columns.append(reporting.column("rate", _("Per 1,000 Operations"), "Float", 120))
    return columns


def _chart(group: str, rows: list[dict]) -> dict | None:
    shown = rows if group == "Month" else rows[:20]
    return reporting.chart(
        "bar",
        _("Acts without a privilege by {0}").format(_(group)),
        [row["group"] for row in shown],
        {_(state): [row[frappe.scrub(state)] for row in shown] for state in STATES},
        COLOURS,
        stacked=True,
    )


def _summary(acts: list, operations: dict[str, int]) -> list[dict]:
    waiting = sum(act.status == "Open" for act in acts)
    surgical = sum(act.kind == SURGERY for act in acts)
    cards = [
        reporting.figure(_("Acts"), len(acts)),
        reporting.figure(_("Open"), waiting, "Red" if waiting else "Green"),
        reporting.figure(_("Confirmed"), sum(act.status == "Confirmed" for act in acts), "Orange"),
        reporting.figure(_("In an Emergency"), sum(cint(act.was_emergency) for act in acts)),
        reporting.figure(_("Persons"), len({act.practitioner for act in acts if act.practitioner})),
    ]
    rate = reporting.share(surgical, sum(operations.values()), PER, 2)
    if rate is not None:
        cards.append(reporting.figure(_("Per 1,000 Operations"), rate, datatype="Float"))
    return cards
