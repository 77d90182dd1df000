"""An improvement action on its way: start, progress, hand in, re-inspection until it meets the standard.

Whoever owes it works on it: the responsible person, the head of the department, or whoever they have handed their part to. Whoever has opened it, the
inspector it names, or the office looks again; nobody passes his own work.
"""

from __future__ import annotations

from typing import Any

import frappe
from frappe.utils import getdate, now_datetime, nowdate

from medaffairs.approval import engine, handling
from medaffairs.approval.handling import Step
from medaffairs.improvement import rules
from medaffairs.messaging import outbox

DOCTYPE = "Improvement Action"
OFFICE = ("Medical Affairs Manager", "Medical Affairs Officer")
STEPS = {
    "Start": Step((rules.TO_IMPROVE,)),
    "Hand In": Step(rules.OWED, words=True),
    "Pass": Step((rules.AWAITING,)),
    "Send Back": Step((rules.AWAITING,), words=True),
    "Call Off": Step(rules.OPEN, words=True),
}
WORK = ("Start", "Hand In")
OPENED, HANDED_IN, DECIDED = "IMPROVEMENT_OPENED", "IMPROVEMENT_HANDED_IN", "IMPROVEMENT_DECIDED"


def open_action(
    problem: str,
    department: str,
    due_date: Any,
    *,
    source: tuple[str, str] | None = None,
    responsible: str = "",
    description: str = "",
    standard: str = "",
    cause: str = "",
    inspector: str = "",
    priority: str = "Normal",
) -> Any:
    """Opens an action for a document of any module; whoever owes it is told.

    :param due_date: the last day on which it is in time
    :param source: DocType and name of what it came from
    """  # fmt: skip
    return frappe.get_doc(
        doctype=DOCTYPE, problem=problem[:140], department=department, due_date=due_date, responsible=responsible or None,
        source_doctype=source[0] if source else None, source_name=source[1] if source else None, description=description,
        standard=standard, cause=cause or None, inspector=inspector or None, priority=priority,
    ).insert()  # fmt: skip


def owing(doc: Any) -> list[str]:
    """Users who owe an action: the responsible person and the head of the department."""
    head = frappe.db.get_value("Clinical Department", doc.department, "head")
    people = [name for name in (doc.responsible, head) if name]
    users = [frappe.db.get_value("Practitioner", name, "user") for name in dict.fromkeys(people)]
    return [user for user in users if user]


def inspecting(doc: Any) -> list[str]:
    """Users who look again: the inspector it names, else whoever has opened it, else the office."""
    named = [doc.inspector] if doc.inspector else [doc.owner]
    return [user for user in named if user and user != "Administrator"] or engine.users_with(OFFICE)


def possible(doc: Any, user: str) -> list[str]:
    """The steps that a user may take now."""
    return handling.possible(doc, STEPS, _may, user)


def take(name: str, action: str, words: str = "", evidence: str = "") -> Any:
    """Takes a step.

    :param words: what was done, the opinion or the reason
    :raises frappe.PermissionError: when it is not this user's to take
    :raises frappe.ValidationError: when it is not possible now, or lacks its words
    """
    doc = frappe.get_doc(DOCTYPE, name, for_update=True)
    words = handling.checked(doc, STEPS, _may, action, words)
    now, user = now_datetime(), frappe.session.user
    if action == "Hand In":
        doc.append("rounds", {"handed_in_at": now, "handed_in_by": user, "done": words})
        doc.handed_in_at = now
    elif action in ("Pass", "Send Back"):
        verdict = rules.PASSED if action == "Pass" else rules.SENT_BACK
        doc.rounds[-1].update(
            {"verdict": verdict, "opinion": words, "inspected_at": now, "inspected_by": user}
        )
        doc.closed_at = now if action == "Pass" else None
    elif action == "Call Off":
        doc.closed_at, doc.closing_reason = now, words
    if evidence or action == "Hand In":
        _log(doc, words, evidence)
    moved = engine.move(doc, action, words, user)
    _tell(moved, action)
    return moved


def log_progress(name: str, text: str, evidence: str = "") -> Any:
    """Notes what was done; the first note starts the work.

    :raises frappe.PermissionError: for others than those who owe it
    :raises frappe.ValidationError: when it is not worked on, or without words
    """
    doc = frappe.get_doc(DOCTYPE, name, for_update=True)
    if doc.workflow_state == rules.TO_IMPROVE:
        doc = take(name, "Start")
    if doc.workflow_state != rules.IMPROVING:
        frappe.throw(
            frappe._("{0} is not possible in the state {1}").format(
                frappe._("Progress"), frappe._(doc.workflow_state)
            )
        )
    if not _may(doc, frappe.session.user, "Start"):
        frappe.throw(frappe._("This step is not yours to decide"), frappe.PermissionError)
    if not text.strip():
        frappe.throw(frappe._("Please say what was done"))
    _log(doc, text.strip(), evidence)
    return _saved(doc)


def change_due_date(name: str, due_date: str, reason: str) -> Any:
    """Gives an action another due date; by those who look again or the office, with the reason on record.

    :raises frappe.ValidationError: without a reason, for a day that is over, or when the action is closed
    """
    doc = frappe.get_doc(DOCTYPE, name, for_update=True)
    if not _may(doc, frappe.session.user, "Call Off"):
        frappe.throw(frappe._("This step is not yours to decide"), frappe.PermissionError)
    if doc.workflow_state not in rules.OPEN:
        frappe.throw(frappe._("The action is closed"))
    if not reason.strip():
        frappe.throw(frappe._("Please give the reason"))
    if getdate(due_date) < getdate(nowdate()):
        frappe.throw(frappe._("The due date must not lie in the past"))
    line = f"{nowdate()} {frappe.session.user}: {doc.due_date} → {getdate(due_date)} {reason.strip()}"
    doc.due_changes = "\n".join(filter(None, (doc.due_changes, line)))
    doc.due_date = getdate(due_date)
    return _saved(doc)


def _may(doc: Any, user: str, action: str) -> bool:
    owes = owing(doc)
    stands_in = bool(set(engine.delegators(user, DOCTYPE)) & set(owes))
    if action in WORK:
        return user in owes or stands_in
    # Nobody passes his own work, nor calls it off.
    return user not in owes and not stands_in and (user in inspecting(doc) or _is_office(user))


def _is_office(user: str) -> bool:
    return bool(set(frappe.get_roles(user)) & set(OFFICE))


def _log(doc: Any, text: str, evidence: str) -> None:
    doc.append(
        "progress",
        {
            "logged_at": now_datetime(),
            "logged_by": frappe.session.user,
            "text": text,
            "evidence": handling.attach(doc, evidence),
        },
    )


def _saved(doc: Any) -> Any:
    from medaffairs.approval import guard

    doc.flags.ignore_permissions = True
    with guard.stepping(doc):
        doc.save()
    return doc


def tell(doc: Any, template: str, users: list[str], key: str) -> None:
    """Tells people of an action; what it is about stays inside the system."""
    receivers = [user for user in dict.fromkeys(users) if user and user != frappe.session.user]
    # The state names nobody, and its word may well stand in a text that leaves the hospital.
    values = {"number": doc.name, "state": frappe._(doc.workflow_state, context=DOCTYPE)}
    private = {"problem": doc.problem, "due": str(doc.due_date)}
    outbox.send(
        template, receivers, values, private=private, reference=(DOCTYPE, doc.name),
        key=f"improvement|{doc.name}|{key}",
    )  # fmt: skip


def _tell(doc: Any, action: str) -> None:
    number = len(doc.rounds)
    if action == "Hand In":
        tell(doc, HANDED_IN, inspecting(doc), f"handed|{number}")
    elif action in ("Pass", "Send Back", "Call Off"):
        tell(doc, DECIDED, owing(doc), f"{action}|{number}")
