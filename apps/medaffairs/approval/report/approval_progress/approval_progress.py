"""Where applications are, how long they have waited there, and which are late by the hospital's time limits.

A step begins with the last opinion that led to it. It is due when the application says so; applications that came
to their step before there was a limit are measured by the present `Handling Time Limit`, without one nothing is late.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import frappe
from frappe import _
from frappe.utils import get_datetime, now_datetime

from medaffairs import reporting
from medaffairs.approval.rules import STEP_FIELDS
from medaffairs.organization import clock, rules

STAGES = ("Waiting", "Late", "Decided", "Returned")
WAITING = tuple(STEP_FIELDS)
SOON_HOURS = 24
COLOURS = (reporting.BLUE, reporting.AMBER, reporting.RED)
OFFICE_ROLES = {
    "Pharmacy Review": "Pharmacy",
    "Office Review": "Medical Affairs Office",
    "Committee Vote": "Committee",
}


def execute(filters: dict | None = None) -> reporting.Result:
    """One row per application that was handed in, the longest waiting first."""
    filters = frappe._dict(filters or {})
    now, is_working = now_datetime(), clock.working_days()
    sheets = _sheets(filters)
    began = _beginnings(sheets)
    limits, handlers, names = clock.limits("Privilege Application"), _handlers(sheets), _names()
    rows = []
    for sheet in sheets:
        since = began.get(sheet.name) or get_datetime(sheet.submitted_at or sheet.modified)
        rows.append(
            {
                **_identity(sheet, names, handlers),
                **_waiting(sheet, since, limits.get(sheet.workflow_state), now, is_working),
            }
        )
    rows = [row for row in rows if _wanted(row, reporting.text(filters, "stage", STAGES))]
    rows.sort(key=lambda row: (row["state_order"], -row["waited_days"]))
    advice = _("No application fits. Please choose another step or a longer period.")
    message = reporting.nothing(rows, advice) or reporting.shortened(len(sheets) >= reporting.MOST_ROWS)
    return _columns(), rows, message, _chart(rows), _summary(rows)


def _sheets(filters: dict) -> list:
    conditions: list = [["workflow_state", "not in", ["", "Draft"]]]
    state, kind = reporting.text(filters, "workflow_state"), reporting.text(filters, "kind")
    department = reporting.text(filters, "department")
    start, end = reporting.day(filters, "from_date"), reporting.day(filters, "to_date")
    if state:
        conditions.append(["workflow_state", "=", state])
    if kind:
        conditions.append(["kind", "=", kind])
    if department:
        conditions.append(["department", "in", reporting.departments_within(department) or [department]])
    if start:
        conditions.append(["submitted_at", ">=", start])
    if end:
        conditions.append(["submitted_at", "<=", f"{end} 23:59:59"])
    return frappe.get_list(
        "Privilege Application",
        filters=conditions,
        fields=["name", "practitioner", "practitioner_name", "department", "kind", "workflow_state", "submitted_at",
                "decided_at", "due_at", "modified"],
        order_by="submitted_at desc",
        limit_page_length=reporting.MOST_ROWS,
    )  # fmt: skip


def _beginnings(sheets: list) -> dict[str, datetime]:
    """When each application came to where it is."""
    opinion = frappe.qb.DocType("Approval Opinion")
    states = {sheet.name: sheet.workflow_state for sheet in sheets}
    names, found = list(states), {}
    for start in range(0, len(names), 500):
        rows = (
            frappe.qb.from_(opinion)
            .select(opinion.reference_name, opinion.next_state, opinion.decided_at)
            .where(opinion.reference_doctype == "Privilege Application")
            .where(opinion.reference_name.isin(names[start : start + 500]))
            .orderby(opinion.decided_at)
            .run()
        )
        for name, state, decided in rows:
            if state == states[name]:
                found[name] = get_datetime(decided)
    return found


def _handlers(sheets: list) -> dict[tuple[str, str], str]:
    """The leaders of the departments concerned, by (department, state)."""
    codes = list({sheet.department for sheet in sheets if sheet.department})
    rows = frappe.get_all(
        "Clinical Department", filters={"name": ("in", codes)}, fields=["name", "head", "party_secretary"]
    )
    people = [person for row in rows for person in (row.head, row.party_secretary) if person]
    known = dict(
        frappe.get_all(
            "Practitioner",
            filters={"name": ("in", people)},
            fields=["name", "practitioner_name"],
            as_list=True,
        )
    )
    found = {}
    for row in rows:
        found[row.name, "Department Review"] = known.get(row.head, "")
        found[row.name, "Branch Review"] = known.get(row.party_secretary, "")
    return found


def _names() -> tuple[dict[str, str], dict[str, str]]:
    return reporting.department_names(), reporting.kind_names()


def _identity(sheet: dict, names: tuple[dict, dict], handlers: dict) -> dict:
    state = sheet.workflow_state
    office = OFFICE_ROLES.get(state)
    return {
        "application": sheet.name,
        "practitioner_name": sheet.practitioner_name or sheet.practitioner,
        "department_name": names[0].get(sheet.department, sheet.department),
        "kind_name": names[1].get(sheet.kind, sheet.kind),
        "state": _(state),
        "state_key": state,
        "handler": _(office) if office else handlers.get((sheet.department, state), ""),
        "submitted_at": sheet.submitted_at,
        "decided_at": sheet.decided_at,
    }


def _waiting(
    sheet: dict, since: datetime, limit: clock.Limit | None, now: datetime, is_working: Callable[[date], bool]
) -> dict:
    """How long an application has been where it is, and whether that is too long."""
    waits = sheet.workflow_state in WAITING
    until = now if waits else get_datetime(sheet.decided_at or since)
    begins = since if waits else get_datetime(sheet.submitted_at or since)
    due = get_datetime(sheet.due_at) if sheet.due_at else clock.due_at(since, limit, is_working)
    due = due if waits else None
    late = bool(due and now >= due)
    soon = bool(due and not late and (due - now).total_seconds() < SOON_HOURS * 3600)
    return {
        "since": since,
        "waited_days": rules.working_days_between(begins.date(), until.date(), is_working),
        "due": due,
        "timeliness": _("Late") if late else _("Due Soon") if soon else _("In Time") if waits else "",
        "late": late,
        "soon": soon,
        "waits": waits,
        "state_order": 0 if late else 1 if waits else 2,
    }


def _wanted(row: dict, stage: str) -> bool:
    if stage == "Late":
        return row["late"]
    if stage == "Waiting":
        return row["waits"]
    if stage == "Decided":
        return row["state_key"] in ("Approved", "Rejected")
    return stage != "Returned" or row["state_key"] == "Returned"


def _columns() -> list[dict]:
    return [
        reporting.link("application", _("Application"), "Privilege Application", 140),
        reporting.column("practitioner_name", _("Practitioner"), width=100),
        reporting.column("department_name", _("Department"), width=140),
        reporting.column("kind_name", _("Kind of Privilege"), width=130),
        reporting.column("state", _("Current Step"), width=110),
        reporting.column("handler", _("Waits For"), width=110),
        reporting.column("since", _("There Since"), "Datetime", 150),
        reporting.column("waited_days", _("Working Days"), "Int", 90),
        reporting.column("due", _("Due"), "Datetime", 150),
        reporting.column("timeliness", _("Timeliness"), width=90),
        reporting.column("submitted_at", _("Submitted At"), "Datetime", 150),
        reporting.column("decided_at", _("Decided At"), "Datetime", 150),
    ]


def _chart(rows: list[dict]) -> dict | None:
    waiting = [row for row in rows if row["waits"]]
    if not waiting:
        return None
    states = [state for state in WAITING if any(row["state_key"] == state for row in waiting)]

    def count(state: str, late: bool, soon: bool) -> int:
        return sum(
            row["state_key"] == state and row["late"] == late and row["soon"] == soon for row in waiting
        )

    return reporting.chart(
        "bar",
        _("Applications waiting by step"),
        [_(state) for state in states],
        {
            _("In Time"): [count(state, False, False) for state in states],
            _("Due Soon"): [count(state, False, True) for state in states],
            _("Late"): [count(state, True, False) for state in states],
        },
        COLOURS,
        stacked=True,
    )


def _summary(rows: list[dict]) -> list[dict]:
    waiting = [row for row in rows if row["waits"]]
    decided = [row for row in rows if row["state_key"] in ("Approved", "Rejected")]
    late = sum(row["late"] for row in rows)
    days = [row["waited_days"] for row in decided]
    average = round(sum(days) / len(days), 1) if days else None
    return [
        reporting.figure(_("Waiting"), len(waiting)),
        reporting.figure(_("Late"), late, "Red" if late else "Green"),
        reporting.figure(_("Due Soon"), sum(row["soon"] for row in rows), "Orange"),
        reporting.figure(_("Returned"), sum(row["state_key"] == "Returned" for row in rows)),
        reporting.figure(_("Decided"), len(decided)),
        reporting.figure(
            _("Average Working Days to a Decision"),
            "—" if average is None else average,
            datatype="Data" if average is None else "Float",
        ),
    ]
