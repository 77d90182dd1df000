"""The steps of a case: submitted, taken up, explained, circulated, handed over, answered, settled, archived.

Frappe's workflow holds states and roles. Who may take a step on *this* case is here: its reporter until somebody has taken it
up, then its handler and those whose role is to handle cases; never somebody whom the case concerns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import frappe
from frappe.utils import flt, getdate, now_datetime

from medaffairs.approval import engine, handling
from medaffairs.approval.handling import Step
from medaffairs.dispute import rules
from medaffairs.dispute.cases import HANDLERS, handles, is_concerned
from medaffairs.messaging import outbox
from medaffairs.organization import deadlines
from medaffairs.organization.validation import rules_apply

OWN, SUBMITTED, HANDLING = rules.OWN, rules.SUBMITTED, rules.HANDLING
WORKED_ON = (SUBMITTED, HANDLING)
_COMMON = {
    "Submit": Step(OWN),
    "Withdraw": Step((SUBMITTED,)),
    "Take Up": Step((SUBMITTED,)),
    "Return": Step(WORKED_ON, words=True),
    "Supplement": Step(WORKED_ON, words=True),
    "Explain": Step(WORKED_ON, words=True),
    "Circulate": Step((*WORKED_ON, rules.ANSWERED)),
}
FLOWS: Mapping[str, Mapping[str, Step]] = {
    rules.WARNING: _COMMON
    | {
        "Turn into Complaint": Step(WORKED_ON),
        "Turn into Dispute": Step(WORKED_ON),
        "Close": Step((HANDLING,), words=True),
    },
    rules.COMPLAINT: _COMMON
    | {
        "Switch Mode": Step((HANDLING,), words=True),
        "Hand Over": Step(WORKED_ON, words=True),
        "Answer": Step((HANDLING,), words=True),
        "Refuse": Step(WORKED_ON, words=True),
        "Reopen": Step((rules.ANSWERED,), words=True),
        "Turn into Dispute": Step((HANDLING, rules.ANSWERED)),
        "Close": Step((rules.ANSWERED,), words=True),
        "Archive": Step((rules.CLOSED, rules.REFUSED)),
    },
    rules.DISPUTE: _COMMON
    | {
        "Switch Mode": Step((HANDLING,), words=True),
        "Hand Over": Step(WORKED_ON, words=True),
        "Open Claim": Step((HANDLING, rules.CLOSED)),
        "Close": Step((HANDLING,), words=True),
        "Reopen": Step((rules.CLOSED,), words=True),
        "Archive": Step((rules.CLOSED,)),
    },
    rules.CLAIM: {
        "Report": Step(OWN),
        "Withdraw": Step((rules.REPORTED,)),
        "Return": Step((rules.REPORTED,), words=True),
        "Supplement": Step((rules.REPORTED, rules.HANDED_IN), words=True),
        "Hand In Materials": Step((rules.REPORTED,)),
        "Pay": Step((rules.HANDED_IN,)),
        "Refuse to Pay": Step((rules.HANDED_IN,), words=True),
        "Archive": Step((rules.PAID, rules.NOT_PAID)),
    },
}
REPORTERS = ("Submit", "Report", "Withdraw")
#: Steps after which the state is the same: they are said and kept.
SAID = ("Supplement", "Explain", "Circulate", "Switch Mode", "Hand Over", "Open Claim")
TURNS = {
    "Turn into Complaint": rules.COMPLAINT,
    "Turn into Dispute": rules.DISPUTE,
    "Open Claim": rules.CLAIM,
}
MODES = {rules.COMPLAINT: ("mode", "COMPLAINT_MODE"), rules.DISPUTE: ("route", "DISPUTE_ROUTE")}
# Whom a case may be handed to: those whose role may take its steps.
TAKERS = (*HANDLERS, "Medical Affairs Officer", "Functional Department", "Department Head", "Hospital Leader")
NEW, STEP, HANDED_OVER = "CASE_SUBMITTED", "CASE_STEP", "CASE_HANDED_OVER"
SYSTEM = "Administrator"


def possible(doc: Any, user: str) -> list[str]:
    """The steps that a user may take now."""
    return handling.possible(doc, FLOWS[doc.doctype], _may, user)


def check(doc: Any, action: str, words: str) -> str:
    """The words of a step that the asking user may take now.

    :raises frappe.PermissionError: when it is not this user's to take
    :raises frappe.ValidationError: when it is not possible in the case's state, lacks its words or has too many
    """
    words = handling.checked(doc, FLOWS[doc.doctype], _may, action, words)
    with rules_apply():
        rules.check_lengths(
            [("Words", words, rules.LONGEST_LINE if action != "Answer" else rules.LONGEST_TEXT)]
        )
    return words


def take(doctype: str, name: str, action: str, words: str = "", evidence: str = "", **values: Any) -> Any:
    """Takes a step.

    :param words: reason, explanation, answer or result
    :param values: what the step needs beside: `mode`, `to`, `ground`, `satisfaction`, `amount`, `day`
    :raises frappe.PermissionError: when it is not this user's to take
    :raises frappe.ValidationError: when it is not possible now, or lacks something
    """
    if doctype not in FLOWS:
        frappe.throw(frappe._("{0} is no case").format(doctype))
    doc = frappe.get_doc(doctype, name, for_update=True)
    words = check(doc, action, words)
    handling.attach(doc, evidence)
    deed = DEEDS.get(action)
    words = (deed(doc, words, values) if deed else words) or words
    if action in SAID:
        return keep(doc, action, words)
    return _moved(doc, action, words)


def keep(doc: Any, action: str, words: str) -> Any:
    """Keeps a step that leaves the state as it is."""
    from medaffairs.dispute.chain import saved

    saved(doc)
    user = frappe.session.user
    engine.keep_opinion(doc, doc.workflow_state, action, doc.workflow_state, words, user, user)
    if action in ("Supplement", "Explain"):
        _tell(doc, STEP, [doc.handler or "", doc.owner], action)
    return doc


def _may(doc: Any, user: str, action: str) -> bool:
    if action in REPORTERS:
        return user == doc.owner
    if action in ("Supplement", "Explain"):
        return user == doc.owner or handles(doc, user) or _leads(doc, user)
    return handles(doc, user)


def _leads(doc: Any, user: str) -> bool:
    """Whether a user heads the department that a case concerns and is given it to read."""
    head = frappe.db.get_value("Clinical Department", doc.department, "head") if doc.department else None
    return bool(head) and frappe.db.get_value("Practitioner", head, "user") == user


def _moved(doc: Any, action: str, words: str) -> Any:
    moved = engine.move(doc, action, words, frappe.session.user)
    outbox.withdraw(f"case|{doc.doctype}|{doc.name}|")
    if action in ("Submit", "Report"):
        _tell(moved, NEW, engine.users_with(HANDLERS[:1]), action)
    elif action != "Withdraw":
        _tell(moved, STEP, [moved.owner, moved.handler or ""], action)
    return moved


def _tell(doc: Any, template: str, users: list[str], about: str) -> None:
    """Tells people of a case by its number: what it is about stays where they read it."""
    receivers = [user for user in dict.fromkeys(users) if user and user not in (SYSTEM, frappe.session.user)]
    values = {
        "type": frappe._(doc.doctype), "number": doc.name, "step": frappe._(about, context=doc.doctype),
        "state": frappe._(doc.workflow_state, context=doc.doctype),
    }  # fmt: skip
    outbox.send(
        template, receivers, values, reference=(doc.doctype, doc.name),
        key=f"case|{doc.doctype}|{doc.name}|{about}|{now_datetime()}",
    )  # fmt: skip


# -- what single steps do beside moving


def _submit(doc: Any, words: str, values: Mapping[str, Any]) -> None:
    doc.submitted_at = now_datetime()


def _report(doc: Any, words: str, values: Mapping[str, Any]) -> None:
    doc.submitted_at = now_datetime()
    doc.insurer_told_at = doc.insurer_told_at or doc.submitted_at


def _withdraw(doc: Any, words: str, values: Mapping[str, Any]) -> None:
    doc.submitted_at = None


def _take_up(doc: Any, words: str, values: Mapping[str, Any]) -> None:
    doc.taken_at, doc.handler = now_datetime(), frappe.session.user


def _answer(doc: Any, words: str, values: Mapping[str, Any]) -> None:
    first = doc.answered_at
    doc.answer = words
    if not first:
        doc.answered_late = deadlines.is_late(doc, "answered_at")
        doc.answered_at = now_datetime()


def _refuse(doc: Any, words: str, values: Mapping[str, Any]) -> None:
    doc.refusal_ground = _item(values.get("ground"), "COMPLAINT_REFUSAL", "Ground of the Refusal")
    doc.closed_at, doc.closing_reason = now_datetime(), words


def _close(doc: Any, words: str, values: Mapping[str, Any]) -> None:
    doc.closed_at, doc.closing_reason = now_datetime(), words
    if doc.meta.has_field("satisfaction") and values.get("satisfaction"):
        doc.satisfaction = values["satisfaction"]


def _reopen(doc: Any, words: str, values: Mapping[str, Any]) -> None:
    doc.closed_at = None


def _archive(doc: Any, words: str, values: Mapping[str, Any]) -> None:
    doc.archived_at = now_datetime()


def _materials(doc: Any, words: str, values: Mapping[str, Any]) -> None:
    doc.materials_on, doc.handler = getdate(values.get("day") or None), frappe.session.user


def _pay(doc: Any, words: str, values: Mapping[str, Any]) -> None:
    amount = flt(values.get("amount"))
    if amount <= 0:
        frappe.throw(frappe._("{0} must be above zero").format(frappe._("Amount Paid")))
    doc.paid_amount, doc.paid_on = amount, getdate(values.get("day") or None)
    doc.closed_at, doc.closing_reason = now_datetime(), words
    from medaffairs.dispute.chain import add_payment

    add_payment(doc)


def _switch(doc: Any, words: str, values: Mapping[str, Any]) -> str:
    """Switches the way in which a case is handled; from what to what stands in the history."""
    field, dictionary = MODES[doc.doctype]
    label = doc.meta.get_label(field)
    wanted, before = _item(values.get("mode"), dictionary, label), doc.get(field)
    if wanted == before:
        frappe.throw(frappe._("{0}: please choose another one").format(frappe._(label)))
    doc.set(field, wanted)
    names = [frappe.db.get_value("Dictionary Item", name, "item_name") or "—" for name in (before, wanted)]
    return f"{names[0]} → {names[1]}：{words}"


def _hand_over(doc: Any, words: str, values: Mapping[str, Any]) -> str:
    """Hands a case to another handler (转办); he sees it from now on."""
    to = user_of(str(values.get("to") or ""), "Handler")
    if not set(frappe.get_roles(to)) & set(TAKERS):
        frappe.throw(
            frappe._("Handler: {0} has no role that handles cases").format(frappe.utils.get_fullname(to))
        )
    if is_concerned(doc, to):
        frappe.throw(
            frappe._("Handler: {0} is one of the persons concerned").format(frappe.utils.get_fullname(to))
        )
    if to == doc.handler:
        frappe.throw(frappe._("Handler: {0} has the case already").format(frappe.utils.get_fullname(to)))
    before = frappe.utils.get_fullname(doc.handler) if doc.handler else "—"
    doc.handler = to
    _tell(doc, HANDED_OVER, [to], "Hand Over")
    return f"{before} → {frappe.utils.get_fullname(to)}：{words}"


def _turn(target: str) -> Callable[[Any, str, Mapping[str, Any]], str]:
    def turn(doc: Any, words: str, values: Mapping[str, Any]) -> str:
        from medaffairs.dispute.chain import make_next

        made = make_next(doc, target)
        doc.flags.made = (made.doctype, made.name)
        return "：".join(filter(None, (made.name, words)))

    return turn


def _item(name: Any, dictionary: str, label: str) -> str:
    """A choice of a dictionary that is in use.

    :raises frappe.ValidationError: naming the field, for anything else
    """
    if not name or not frappe.db.exists(
        "Dictionary Item", {"name": str(name), "dictionary": dictionary, "disabled": 0}
    ):
        frappe.throw(frappe._("Please choose: {0}").format(frappe._(label)))
    return str(name)


def user_of(practitioner: str, label: str) -> str:
    """The enabled account of a person, given by his staff number or his account.

    :raises frappe.ValidationError: naming the field, when there is no such person or no account
    """
    user = frappe.db.get_value("Practitioner", practitioner, "user") or practitioner
    if not user or user == SYSTEM or not frappe.db.get_value("User", {"name": user, "enabled": 1}):
        frappe.throw(
            frappe._("{0}: {1} is nobody with an account").format(frappe._(label), practitioner or "—")
        )
    return user


DEEDS: Mapping[str, Callable[[Any, str, Mapping[str, Any]], str | None]] = {
    "Submit": _submit, "Report": _report, "Withdraw": _withdraw, "Take Up": _take_up, "Answer": _answer, "Refuse": _refuse,
    "Close": _close, "Refuse to Pay": _close, "Reopen": _reopen, "Archive": _archive, "Hand In Materials": _materials, "Pay": _pay,
    "Switch Mode": _switch, "Hand Over": _hand_over, **{action: _turn(target) for action, target in TURNS.items()},
}  # fmt: skip
