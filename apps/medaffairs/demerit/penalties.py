"""Penalties on their way: not issued → issued → ended, or handled otherwise; what they suspend, who was told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import frappe
from frappe.utils import cint, now_datetime

from medaffairs.demerit import rules
from medaffairs.messaging import outbox

OFFICE = ("Medical Affairs Manager", "Medical Affairs Officer")
NOTICE = "PENALTY_ISSUED"
REASON = "SUSPEND_REASON-DEMERIT"
LONGEST_WORDS = 500


def issue(name: str) -> Any:
    """Issues a penalty: its suspension begins, the person is told until he has read it.

    :raises frappe.ValidationError: when it was issued before
    """
    doc = _open(name, (rules.NOT_ISSUED,))
    doc.status, doc.issued_at, doc.issued_by = rules.PENALTY_ISSUED, now_datetime(), frappe.session.user
    doc.suspensions = "\n".join(_suspend(doc))
    _save(doc)
    user = frappe.db.get_value("Practitioner", doc.practitioner, "user")
    outbox.send(
        NOTICE, [user] if user else [], {"number": doc.name}, private={"consequence": doc.consequence, "points": f"{doc.points:g}"},
        reference=("Penalty", doc.name), key=f"penalty|{doc.name}|{doc.issued_at}",
    )  # fmt: skip
    return doc


def end(name: str, words: str = "") -> Any:
    """Notes that a penalty was carried out.

    :raises frappe.ValidationError: when it was not issued
    """
    doc = _open(name, (rules.PENALTY_ISSUED,))
    doc.status, doc.ended_at, doc.handling = rules.ENDED, now_datetime(), _words(words)
    return _save(doc)


def handle_otherwise(name: str, words: str) -> Any:
    """Notes that something else was done than the rule says; its suspension is lifted.

    :raises frappe.ValidationError: without words, or when it is over
    """
    if not words.strip():
        frappe.throw(frappe._("Please say what was done instead"))
    doc = _open(name, (rules.NOT_ISSUED, rules.PENALTY_ISSUED))
    lift_suspensions(doc)
    doc.status, doc.ended_at, doc.handling = rules.OTHER, now_datetime(), _words(words)
    return _save(doc)


def lift_suspensions(doc: Any) -> None:
    """Gives back what a penalty has suspended, as far as it still rests."""
    for name in (doc.suspensions or "").split():
        suspension = frappe.get_doc("Privilege Suspension", name)
        if suspension.status == "Active":
            suspension.to_time = now_datetime()
        elif suspension.status == "Planned":
            suspension.status = "Cancelled"
        else:
            continue
        suspension.flags.ignore_permissions = True
        suspension.save()
    doc.suspensions = None


def _open(name: str, states: tuple[str, ...]) -> Any:
    frappe.only_for(OFFICE, message=True)
    doc = frappe.get_doc("Penalty", name, for_update=True)
    if frappe.db.get_value("Practitioner", doc.practitioner, "user") == frappe.session.user:
        frappe.throw(frappe._("Nobody decides about his own penalty"), frappe.PermissionError)
    if doc.status not in states:
        frappe.throw(
            frappe._("{0} is not possible in the state {1}").format(
                frappe._("This step"), frappe._(doc.status)
            )
        )
    return doc


def _save(doc: Any) -> Any:
    doc.flags.ignore_permissions = True
    doc.save()
    return doc


def _words(text: str) -> str:
    return text.strip()[:LONGEST_WORDS]


def _suspend(doc: Any) -> list[str]:
    """Lets privileges rest as the rule says; the names of the suspensions."""
    rule = frappe.get_cached_doc("Penalty Rule", doc.rule)
    days = cint(rule.suspend_days)
    if not days:
        return []
    now = now_datetime()
    made = []
    for kind in [row.kind for row in rule.kinds] or [None]:
        suspension = frappe.get_doc(
            doctype="Privilege Suspension", practitioner=doc.practitioner, kind=kind, reason=REASON, from_time=now,
            to_time=now + timedelta(days=days), remark=f"{doc.name} {doc.rule}",
        ).insert(ignore_permissions=True)  # fmt: skip
        made.append(suspension.name)
    return made
