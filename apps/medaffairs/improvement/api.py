"""What the face asks of improvement actions: steps, progress, what a department owes."""

from typing import Any

import frappe
from frappe.utils import getdate

from medaffairs.improvement import rules, steps
from medaffairs.improvement.rules import Task


@frappe.whitelist()
def possible_steps(name: str) -> list[str]:
    """The steps that the asking user may take on an action."""
    return steps.possible(_readable(name), frappe.session.user)


@frappe.whitelist(methods=["POST"])
def take(name: str, action: str, words: str = "", evidence: str = "") -> str:
    """Takes a step: the new state."""
    _readable(name)
    return steps.take(name, action, words, evidence).workflow_state


@frappe.whitelist(methods=["POST"])
def log_progress(name: str, text: str, evidence: str = "") -> str:
    """Notes what was done: the state."""
    _readable(name)
    return steps.log_progress(name, text, evidence).workflow_state


@frappe.whitelist(methods=["POST"])
def change_due_date(name: str, due_date: str, reason: str) -> str:
    """Gives an action another due date: the new one."""
    _readable(name)
    return str(steps.change_due_date(name, due_date, reason).due_date)


@frappe.whitelist()
def owed(department: str = "") -> list[dict[str, Any]]:
    """Everything that is owed, of all modules, the latest first, as far as the user may see it.

    :param department: of one department only
    """
    filters: dict[str, Any] = {"workflow_state": ("in", rules.OPEN)}
    if department:
        filters["department"] = department
    rows = frappe.get_list(
        steps.DOCTYPE, filters=filters,
        fields=["name", "problem", "department", "responsible", "due_date", "workflow_state", "priority", "source_doctype", "source_name"],
        order_by="due_date asc", limit_page_length=500,
    )  # fmt: skip
    today = getdate()
    for row in rows:
        row["late"] = rules.is_late(Task(row.workflow_state, getdate(row.due_date)), today)
    return rows


def _readable(name: str) -> Any:
    doc = frappe.get_doc(steps.DOCTYPE, name)
    doc.check_permission("read")
    return doc
