"""Figures on the start page of approvals: what waits for the user, what waits at all, what is late."""

from typing import Any

import frappe
from frappe.utils import cint

from medaffairs import reporting
from medaffairs.approval import api
from medaffairs.approval.report.approval_progress import approval_progress
from medaffairs.approval.rules import STEP_FIELDS

PROGRESS = ["query-report", "Approval Progress"]


@frappe.whitelist()
def waiting_for_me(filters: str | dict | None = None) -> dict[str, Any]:
    """How many applications wait for the user's decision, his own part and those handed to him."""
    return reporting.card_value(len(api.inbox()), PROGRESS, {"stage": "Waiting"})


@frappe.whitelist()
def ballots_open_to_me(filters: str | dict | None = None) -> dict[str, Any]:
    """In how many open ballots the user still has to vote."""
    waiting = sum(not cint(row.voted) and not cint(row.recused) for row in api.my_ballots())
    return reporting.card_value(waiting, ["List", "Ballot"], {"status": "Open"})


@frappe.whitelist()
def in_approval(filters: str | dict | None = None) -> dict[str, Any]:
    """How many applications are on their way, of those that the user may see."""
    names = frappe.get_list(
        "Privilege Application",
        filters={"workflow_state": ("in", list(STEP_FIELDS))},
        pluck="name",
        limit_page_length=0,
    )
    return reporting.card_value(len(names), PROGRESS, {"stage": "Waiting"})


@frappe.whitelist()
def late(filters: str | dict | None = None) -> dict[str, Any]:
    """How many applications have waited longer than the hospital's time limits, of those that the user may see."""
    rows = approval_progress.execute({"stage": "Late"})[1]
    return reporting.card_value(len(rows), PROGRESS, {"stage": "Late"})
