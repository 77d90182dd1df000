"""How far an event is: what its reporter is told of it, and what its handlers see."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.utils import cstr

from medaffairs.adverse_event import reporting, rules, steps

DOCTYPE = reporting.DOCTYPE
# Of these the reporter reads the words too; opinions among handlers are theirs.
TOLD = ("Return", "Archive", "Decline")


def of(doc: Any) -> dict[str, Any]:
    """What its reporter sees of an event: every state with its time, and what was changed. Nobody's name."""
    return {
        "name": doc.name, "subject": doc.subject, "workflow_state": doc.workflow_state,
        "occurred_at": cstr(doc.occurred_at), "reported_at": cstr(doc.reported_at), "grade": doc.grade,
        "over": doc.workflow_state in rules.OVER, "returned": doc.workflow_state == rules.RETURNED,
        "return_reason": doc.return_reason if doc.workflow_state == rules.RETURNED else "",
        "change_made": doc.change_made or "",
        "steps": [
            {"action": row.action, "state": row.next_state, "at": cstr(row.decided_at), "words": row.opinion if row.action in TOLD else ""}
            for row in opinions(doc)
        ],
        "actions": [{"problem": row.problem, "state": row.workflow_state} for row in steps.actions_of(doc)],
    }  # fmt: skip


def opinions(doc: Any) -> list[Any]:
    """What was done with an event, in its order."""
    return frappe.get_all(
        "Approval Opinion", filters={"reference_doctype": DOCTYPE, "reference_name": doc.name},
        fields=["workflow_state", "action", "next_state", "actor", "on_behalf_of", "decided_at", "opinion"],
        order_by="decided_at, creation", limit_page_length=0,
    )  # fmt: skip


def history(doc: Any) -> list[dict[str, Any]]:
    """What was done with an event, with who did it; of a hidden reporter only that it was the reporter."""
    names: dict[str, str] = {}
    rows = opinions(doc)
    for row in rows:
        for user in (row.actor, row.on_behalf_of):
            if user and user not in names:
                names[user] = reporting.name_of(user)
    return [
        {
            "action": row.action, "from": row.workflow_state, "state": row.next_state, "at": cstr(row.decided_at),
            "by": frappe._("Reporter") if row.actor == reporting.NOBODY else names.get(row.actor, ""),
            "for": names.get(row.on_behalf_of, ""), "words": row.opinion or "",
        }
        for row in rows
    ]  # fmt: skip


def mine(user: str, start: int, count: int) -> list[dict[str, Any]]:
    """What a user has reported, open or with protected identity, the latest first."""
    hidden = frappe.get_all(reporting.HOLDER, filters={"reporter": user}, pluck="report", limit_page_length=0)
    rows = frappe.get_all(
        DOCTYPE, or_filters=[["owner", "=", user], ["name", "in", hidden or [""]]],
        fields=["name", "subject", "workflow_state", "occurred_at", "reported_at", "near_miss", "grade", "change_made", "identity", "return_reason"],
        order_by="reported_at desc", limit_start=start, limit_page_length=count,
    )  # fmt: skip
    for row in rows:
        row["over"] = row.workflow_state in rules.OVER
    return rows
