"""What happens to approvals by themselves. Every job may run again at once and then changes nothing."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.utils import getdate, now_datetime

from medaffairs.approval import engine, rules
from medaffairs.organization import clock

DOCTYPES = ("Privilege Application",)
OFFICE = ("Medical Affairs Manager", "Medical Affairs Officer")
#: Who is told beside those who decide when a step is late.
ABOVE = {
    "Department Review": OFFICE,
    "Branch Review": OFFICE,
    "Pharmacy Review": OFFICE,
    "Office Review": ("Medical Affairs Manager", "Hospital Leader"),
    "Committee Vote": OFFICE,
}


def escalate_overdue() -> int:
    """Reminds those who decide of steps that are late and tells those above them, on every working day; how many."""
    today = getdate()
    if not clock.working_days()(today):
        return 0
    count = 0
    for doctype in DOCTYPES:
        for row in frappe.get_all(
            doctype,
            # Without "is set" a step that has no limit counts as long late.
            filters=[
                ["workflow_state", "in", list(rules.STEP_FIELDS)],
                ["due_at", "is", "set"],
                ["due_at", "<=", now_datetime()],
            ],
            fields=["name", "escalated_at"],
        ):
            if row.escalated_at and getdate(row.escalated_at) >= today:
                continue
            _escalate(frappe.get_doc(doctype, row.name))
            count += 1
    return count


def _escalate(doc: Any) -> None:
    state, applicant = doc.workflow_state, engine.applicant_of(doc)
    deciding = engine.deciders(doc)
    if state == "Committee Vote" and doc.get("ballot"):
        deciding = frappe.get_all(
            "Ballot Voter", filters={"parent": doc.ballot, "voted": 0, "recused": 0}, pluck="user"
        )
    above = engine.users_with(ABOVE.get(state, ()))
    for user in dict.fromkeys(user for user in [*deciding, *above] if user and user != applicant):
        engine.tell(user, "Late: {0}, {1}", (engine.subject_of(doc), state), doc.doctype, doc.name)
    doc.db_set("escalated_at", now_datetime(), update_modified=False)


def refresh_delegations() -> int:
    """Shows which delegations have begun or ended; how many changed. Decisions ask the clock themselves."""
    moment, changed = now_datetime(), 0
    for row in frappe.get_all(
        "Approval Delegation",
        filters={"status": ("in", ("Planned", "Active"))},
        fields=["name", "status", "from_time", "to_time"],
    ):
        status = rules.period_state(row.status, row.from_time, row.to_time, moment)
        if status != row.status:
            frappe.db.set_value("Approval Delegation", row.name, "status", status, update_modified=False)
            changed += 1
    return changed
