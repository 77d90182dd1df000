"""What happens to improvement actions by itself. Every job may run again at once and then changes nothing."""

from __future__ import annotations

import frappe
from frappe.utils import getdate

from medaffairs.improvement import rules, steps
from medaffairs.improvement.rules import Task


def remind() -> int:
    """Daily: reminds of what is due soon and, every day, of what is late; how many actions."""
    today, count = getdate(), 0
    for row in frappe.get_all(
        steps.DOCTYPE, filters={"workflow_state": ("in", rules.OWED)}, fields=["name", "workflow_state", "due_date"],
        limit_page_length=0,
    ):  # fmt: skip
        said = rules.reminder(Task(row.workflow_state, getdate(row.due_date)), today)
        if not said:
            continue
        doc = frappe.get_doc(steps.DOCTYPE, row.name)
        users = steps.owing(doc) + (steps.inspecting(doc) if said == "late" else [])
        steps.tell(doc, steps.DUE, users, f"{said}|{today}")
        count += 1
    return count
