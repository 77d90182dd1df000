"""All cases but drafts, each with what was done about it: steps, circulations with replies, switches, handing over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import frappe
from frappe import _
from frappe.utils import cstr

from medaffairs import reporting
from medaffairs.dispute import rules
from medaffairs.dispute.statistics import COUNTED_BY, WORDS

MOST_ROWS = 500
#: Longer texts are read on the case itself.
LONGEST_CELL = 300
SWITCHES, HANDED, REPLIES = ("Switch Mode",), ("Hand Over",), ("Reply",)


def execute(doctype: str, filters: Mapping[str, Any]) -> reporting.Result:
    """One row per case, the latest first.

    :raises frappe.ValidationError: for filters that are not understood
    """
    filters = frappe._dict(filters)
    start, end = reporting.period(filters)
    rows = frappe.get_list(
        doctype, filters=_conditions(doctype, filters, start, end), or_filters=_contains(doctype, filters), fields=_fields(doctype),
        order_by=f"{COUNTED_BY[doctype]} desc", limit_page_length=MOST_ROWS + 1,
    )  # fmt: skip
    cut = len(rows) > MOST_ROWS
    rows = rows[:MOST_ROWS]
    _add_history(doctype, rows)
    departments, items = reporting.department_names(), reporting.names_of("Dictionary Item", "item_name")
    for row in rows:
        row.department_name = departments.get(row.department) or row.department
        row.state = _(row.workflow_state, context=doctype)
        for field in ("cause", "source", "level", "route", "mode"):
            if row.get(field):
                row[field] = items.get(row[field]) or row[field]
        row.handler_name = frappe.utils.get_fullname(row.handler) if row.handler else ""
        row.drill = reporting.drill(doctype, ("name", "=", row.name))
    message = (
        _("Only the first {0} rows are shown; please narrow the filters.").format(MOST_ROWS)
        if cut
        else reporting.nothing(
            rows, _("There is nothing between {0} and {1}: please choose another period.").format(start, end)
        )
    )
    return _columns(doctype), rows, message, None, [reporting.figure(_(WORDS[doctype]), len(rows))]


def _conditions(doctype: str, filters: Mapping[str, Any], start: Any, end: Any) -> list[list[Any]]:
    moment = COUNTED_BY[doctype]
    found = [
        [moment, ">=", cstr(start)],
        [moment, "<=", f"{end} 23:59:59"],
        ["workflow_state", "!=", rules.DRAFT],
    ]
    department = reporting.text(filters, "department")
    if department:
        found.append(["department", "in", reporting.departments_within(department) or [department]])
    for key, field in (("state", "workflow_state"), ("cause", "cause"), ("source", "source")):
        value = reporting.text(filters, key)
        if value and (field != "source" or doctype == rules.COMPLAINT):
            found.append([field, "=", value])
    return found


def _contains(doctype: str, filters: Mapping[str, Any]) -> list[list[Any]]:
    words = reporting.text(filters, "text")
    fields = ("name", "subject", "patient_name") + (() if doctype == rules.WARNING else ("complainant",))
    return [[field, "like", f"%{words}%"] for field in fields] if words else []


def _fields(doctype: str) -> list[str]:
    more = {
        rules.WARNING: ["level"],
        rules.COMPLAINT: ["source", "mode", "complainant", "answered_at"],
        rules.DISPUTE: ["route", "complainant", "paid_amount"],
    }
    return [
        "name", "subject", "department", "patient_name", "cause", "workflow_state", "handler", "closed_at", "closing_reason",
        COUNTED_BY[doctype], *more[doctype],
    ]  # fmt: skip


def _add_history(doctype: str, rows: list[Any]) -> None:
    names = [row.name for row in rows]
    about = {"reference_doctype": doctype, "reference_name": ("in", names or [""])}
    steps: dict[str, list[Any]] = {}
    for step in frappe.get_all(
        "Approval Opinion", filters=about, fields=["reference_name", "action", "actor", "decided_at", "opinion"],
        order_by="decided_at, creation", limit_page_length=0,
    ):  # fmt: skip
        steps.setdefault(step.reference_name, []).append(step)
    given: dict[str, list[Any]] = {}
    for row in frappe.get_all(
        rules.CIRCULATION,
        filters=about,
        fields=["reference_name", "reader_name", "status", "reply"],
        order_by="asked_at",
        limit_page_length=0,
    ):
        given.setdefault(row.reference_name, []).append(row)
    for row in rows:
        mine, read = steps.get(row.name, []), given.get(row.name, [])
        kept = [step for step in mine if step.action not in (*SWITCHES, *HANDED, *REPLIES, "Circulate")]
        row.handling = _told(doctype, kept, with_action=True)
        row.switches = _told(doctype, [step for step in mine if step.action in SWITCHES])
        row.handed_over = _told(doctype, [step for step in mine if step.action in HANDED])
        row.circulated = "；".join(f"{one.reader_name}（{_(one.status)}）" for one in read)[:LONGEST_CELL]
        row.replies = "；".join(f"{one.reader_name}：{one.reply}" for one in read if one.reply)[:LONGEST_CELL]


def _told(doctype: str, steps: list[Any], with_action: bool = False) -> str:
    parts = []
    for step in steps:
        action = _(step.action, context=doctype) if with_action else ""
        parts.append(" ".join(filter(None, (cstr(step.decided_at)[:10], action, step.opinion or ""))))
    return "；".join(parts)[:LONGEST_CELL]


def _columns(doctype: str) -> list[dict]:
    columns = [
        reporting.link("name", _("Number"), doctype, 150),
        reporting.column(COUNTED_BY[doctype], _({"filed_on": "Filed On", "received_at": "Received At"}.get(COUNTED_BY[doctype], "Occurred At"), context=doctype),
                         "Date" if doctype == rules.DISPUTE else "Datetime", 140),
        reporting.column("subject", _("Subject", context=doctype), width=200),
        reporting.column("department_name", _("Department"), width=120),
        reporting.column("patient_name", _("Patient Name"), width=90),
    ]  # fmt: skip
    if doctype == rules.WARNING:
        columns.append(reporting.column("level", _("Level", context=doctype), width=100))
    else:
        columns.append(reporting.column("complainant", _("Complainant"), width=90))
    if doctype == rules.COMPLAINT:
        columns += [
            reporting.column("source", _("Source"), width=120),
            reporting.column("mode", _("Handling Mode"), width=100),
        ]
    if doctype == rules.DISPUTE:
        columns += [
            reporting.column("route", _("Way of Settlement"), width=110),
            reporting.column("paid_amount", _("Paid Altogether"), "Float", 110),
        ]
    columns += [
        reporting.column("cause", _("Cause", context=doctype), width=140),
        reporting.column("state", _("State"), width=100),
        reporting.column("handler_name", _("Handler"), width=90),
        reporting.column("handling", _("Handling"), width=260),
        reporting.column("circulated", _("Circulated To"), width=180),
        reporting.column("replies", _("Replies"), width=220),
    ]
    if doctype != rules.WARNING:
        columns += [
            reporting.column("switches", _("Switches of Mode"), width=180),
            reporting.column("handed_over", _("Handed Over"), width=180),
        ]
    return [*columns, reporting.column("closing_reason", _("Result"), width=180)]
