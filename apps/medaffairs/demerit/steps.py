"""A demerit record on its way: notice → accepted or appealed → review → confirmed, dismissed, or overturned later.

Frappe's workflow holds states and roles; who may take a step on *this* record, what it needs and what follows is here. The person concerned
never decides, whoever has entered a record does not review its appeal.
"""

from __future__ import annotations

from typing import Any

import frappe
from frappe.utils import flt, get_datetime, now_datetime

from medaffairs.approval import engine, handling
from medaffairs.approval.handling import Step
from medaffairs.demerit import rules, scoring
from medaffairs.messaging import outbox
from medaffairs.organization import clock

DOCTYPE = "Demerit Record"
OFFICE = ("Medical Affairs Manager", "Medical Affairs Officer")
RECORDERS = (*OFFICE, "Functional Department")
# The person's own steps, those of the review, and of the manager alone; the others are the recorder's.
OWN, REVIEWERS, MANAGERS = ("Accept", "Appeal"), ("Uphold",), ("Overturn",)
STEPS = {
    "Issue Notice": Step((rules.DRAFT,)),
    "Accept": Step((rules.ISSUED,)),
    "Appeal": Step((rules.ISSUED,), words=True),
    "Uphold": Step((rules.REVIEW,), words=True),
    "Dismiss": Step(rules.OPEN_STATES, words=True),
    "Confirm": Step((rules.ISSUED,)),
    "Overturn": Step((rules.CONFIRMED,), words=True),
}
NOTICE, APPEALED, DECIDED = "DEMERIT_NOTICE", "DEMERIT_APPEAL", "DEMERIT_DECIDED"
APPEAL_LIMIT = "Appeal"
SYSTEM = "Administrator"


def concerned(doc: Any) -> str:
    """The user of the person concerned; empty when he has none."""
    return frappe.db.get_value("Practitioner", doc.practitioner, "user") or ""


def possible(doc: Any, user: str) -> list[str]:
    """The steps that a user may take now."""
    return handling.possible(doc, STEPS, _may, user)


def take(name: str, action: str, words: str = "", evidence: str = "", points: float | None = None) -> Any:
    """Takes a step.

    :param words: the appeal, the opinion or the reason
    :param points: with *Uphold*: other points than those of the notice
    :raises frappe.PermissionError: when it is not this user's to take
    :raises frappe.ValidationError: when it is not possible now, or lacks its words
    """
    doc = frappe.get_doc(DOCTYPE, name, for_update=True)
    words = handling.checked(doc, STEPS, _may, action, words)
    _check_time(doc, action)
    _note(doc, action, words, evidence, points)
    return _moved(doc, action, words, frappe.session.user)


def confirm_unanswered() -> int:
    """Confirms notices against which nobody has appealed in time; how many. Hourly."""
    names = frappe.get_all(
        DOCTYPE, filters={"workflow_state": rules.ISSUED, "appeal_until": ("<", now_datetime())}, pluck="name"
    )
    count = 0
    for name in names:
        try:
            count += _confirm_unanswered(name)
            frappe.db.commit()
        except Exception:
            # One record that cannot be confirmed must not keep the others.
            frappe.db.rollback()
            frappe.log_error(title=f"{DOCTYPE} {name}")
            frappe.db.commit()
    return count


def _confirm_unanswered(name: str) -> bool:
    doc = frappe.get_doc(DOCTYPE, name, for_update=True)
    if doc.workflow_state != rules.ISSUED:
        return False
    _note(doc, "Confirm", "", "", None)
    _moved(doc, "Confirm", frappe._("No appeal within the time limit"), SYSTEM)
    return True


def _may(doc: Any, user: str, action: str) -> bool:
    own = concerned(doc)
    if action in OWN:
        return bool(own) and user == own
    if user == own:
        return False
    roles = set(frappe.get_roles(user))
    if action in MANAGERS:
        return "Medical Affairs Manager" in roles
    if doc.workflow_state == rules.REVIEW or action in REVIEWERS:
        return bool(roles & set(OFFICE)) and user != doc.owner
    return bool(roles & set(OFFICE)) or ("Functional Department" in roles and user == doc.owner)


def _check_time(doc: Any, action: str) -> None:
    until = get_datetime(doc.appeal_until) if doc.appeal_until else None
    if action == "Appeal" and until and now_datetime() > until:
        frappe.throw(frappe._("The time for an appeal ended at {0}").format(frappe.format(until, "Datetime")))
    if action == "Confirm" and until and now_datetime() < until:
        frappe.throw(
            frappe._(
                "It can be appealed until {0}; before that only the person concerned can accept it"
            ).format(frappe.format(until, "Datetime"))
        )


def _note(doc: Any, action: str, words: str, evidence: str, points: float | None) -> None:
    now = now_datetime()
    if action == "Issue Notice":
        limit = clock.limits(DOCTYPE).get(APPEAL_LIMIT)
        doc.issued_at, doc.appeal_until = now, clock.due_at(now, limit, clock.working_days())
    elif action == "Appeal":
        doc.appealed_at, doc.appeal, doc.appeal_evidence = now, words, handling.attach(doc, evidence)
    elif action in ("Accept", "Confirm", "Uphold"):
        doc.confirmed_at = now
        if action == "Uphold":
            doc.review_opinion = words
            if points is not None and flt(points) != flt(doc.points):
                doc.points, doc.points_reason = flt(points), words
    else:
        doc.closed_at, doc.closing_reason = now, words


def _moved(doc: Any, action: str, words: str, principal: str) -> Any:
    moved = engine.move(doc, action, words, principal)
    if action in ("Accept", "Confirm", "Uphold", "Overturn"):
        scoring.recompute(moved.practitioner)
    _tell(moved, action)
    return moved


def _tell(doc: Any, action: str) -> None:
    """Tells whom a step concerns; a notice again and again until it is read."""
    outbox.withdraw(f"demerit|{doc.name}")
    values, private = (
        {"number": doc.name},
        {"behaviour": doc.behaviour or "", "points": f"{flt(doc.points):g}"},
    )
    own = concerned(doc)
    if action == "Issue Notice":
        receivers, template = [own], NOTICE
        private["until"] = (
            frappe.format(doc.appeal_until, "Datetime") if doc.appeal_until else frappe._("no limit")
        )
    elif action == "Appeal":
        receivers, template = engine.users_with(OFFICE), APPEALED
    else:
        receivers, template = [own, doc.owner], DECIDED
        # The state names nobody, and its word may well stand in a text that leaves the hospital.
        values["state"] = frappe._(doc.workflow_state, context=DOCTYPE)
    receivers = [user for user in receivers if user and user != SYSTEM and user != frappe.session.user]
    outbox.send(
        template,
        receivers,
        values,
        private=private,
        reference=(DOCTYPE, doc.name),
        key=f"demerit|{doc.name}|{action}",
    )
