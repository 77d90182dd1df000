"""Approvals: the only caller of the workflow. Who may decide is a matter of the document, not of a role alone:
the head of *this* applicant's department, its party secretary, or whoever they have handed their part to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import frappe
from frappe.model.workflow import apply_workflow, get_transitions
from frappe.utils import now_datetime

from medaffairs.approval import guard, rules
from medaffairs.organization import clock, deadlines

#: Which of a department's people decides in a state; other states are decided by role.
LEADERS = {"Department Review": "head", "Branch Review": "party_secretary"}
ROLES = {
    "Pharmacy Review": ("Functional Department",),
    "Office Review": ("Medical Affairs Officer", "Medical Affairs Manager"),
    "Committee Vote": ("Medical Affairs Manager",),
}


def applicant_of(doc: Any) -> str | None:
    """The user for whose benefit a document is decided."""
    practitioner = doc.get("practitioner")
    return frappe.db.get_value("Practitioner", practitioner, "user") if practitioner else doc.owner


def deciders(doc: Any) -> list[str]:
    """Users who decide in the document's present state, delegations aside; the applicant never."""
    state, applicant = doc.workflow_state, applicant_of(doc)
    if state in rules.OWN_STATES:
        return [user for user in (applicant,) if user]
    if state in LEADERS:
        leader = frappe.db.get_value("Clinical Department", doc.department, LEADERS[state])
        users = [frappe.db.get_value("Practitioner", leader, "user")] if leader else []
    else:
        users = users_with(ROLES.get(state, ()))
        if state == "Pharmacy Review":
            users = _of_pharmacy(users)
    enabled = set(
        frappe.get_all(
            "User", filters={"name": ("in", [user for user in users if user]), "enabled": 1}, pluck="name"
        )
    )
    return [
        user
        for user in dict.fromkeys(users)
        if user in enabled and user != applicant and user != "Administrator"
    ]


def users_with(roles: Iterable[str]) -> list[str]:
    """Users who have one of some roles."""
    return frappe.get_all(
        "Has Role", filters={"role": ("in", list(roles)), "parenttype": "User"}, pluck="parent", distinct=True
    )


def _of_pharmacy(users: list[str]) -> list[str]:
    """Of the functional departments' people those of the pharmacy, when the settings name it."""
    pharmacy = frappe.db.get_single_value("Medical Affairs Settings", "pharmacy_department")
    if not pharmacy:
        return users
    return frappe.get_all(
        "Practitioner", filters={"user": ("in", users or [""]), "department": pharmacy}, pluck="user"
    )


def delegators(user: str, doctype: str) -> list[str]:
    """Who has handed his part to a user at this moment."""
    moment = now_datetime()
    rows = frappe.get_all(
        "Approval Delegation",
        filters={
            "to_user": user,
            "from_time": ("<=", moment),
            "to_time": (">", moment),
            "status": ("!=", "Cancelled"),
        },
        fields=["from_user", "document_type"],
    )
    return [row.from_user for row in rows if not row.document_type or row.document_type == doctype]


def acting_for(doc: Any, user: str) -> str | None:
    """In whose place a user may decide now: his own name, a delegator's, or None when he may not."""
    if doc.workflow_state not in rules.OWN_STATES and user == applicant_of(doc):
        return None
    allowed = deciders(doc)
    if user in allowed:
        return user
    return next((other for other in delegators(user, doc.doctype) if other in allowed), None)


def actions(doc: Any, user: str) -> list[dict[str, str]]:
    """Steps that a user may take now; returning and withdrawing have doors of their own."""
    principal = acting_for(doc, user)
    if not principal or doc.workflow_state == "Committee Vote" or decided_earlier(doc, user):
        return []
    with acting_as(principal):
        rows = get_transitions(doc)
    hidden = {*rules.RETURNS.values(), "Withdraw"}
    found = {row["action"]: row["next_state"] for row in rows if row["action"] not in hidden}
    return [{"action": action, "next_state": state} for action, state in found.items()]


def decided_earlier(doc: Any, user: str) -> bool:
    """Whether a user has decided another step of this round already: nobody decides twice, in whose name ever."""
    if doc.workflow_state not in rules.STEP_FIELDS:
        return False
    return user in rules.decided_by(opinions_on(doc), route_of(doc)).values()


def opinions_on(doc: Any) -> list[Any]:
    """What was decided on a document, in its order."""
    return frappe.get_all(
        "Approval Opinion",
        filters={"reference_doctype": doc.doctype, "reference_name": doc.name},
        fields=["workflow_state", "action", "next_state", "actor", "decided_at"],
        order_by="decided_at, creation",
        limit_page_length=0,
    )


@contextmanager
def acting_as(user: str) -> Iterator[None]:
    """Does something with another user's rights: a delegate decides with those of whom he stands in for."""
    if user == frappe.session.user:
        yield
        return
    # `set_user` leaves a bare session and no arguments behind. The rest of the request still needs both:
    # the stored session would lose its CSRF token, the audit what was asked for.
    session, arguments = dict(frappe.session), frappe.local.form_dict
    frappe.set_user(user)
    try:
        yield
    finally:
        frappe.set_user(session["user"])
        frappe.session.update(session)
        frappe.local.form_dict = arguments


def act(doctype: str, name: str, action: str, opinion: str = "", items: Iterable[dict] | None = None) -> Any:
    """Takes a step: checks who, decides item by item, moves the workflow, keeps the opinion.

    :raises frappe.PermissionError: when it is not this user's to decide
    :raises frappe.ValidationError: when the document is in another state meanwhile
    """
    doc = frappe.get_doc(doctype, name, for_update=True)
    user = frappe.session.user
    principal = acting_for(doc, user)
    if not principal:
        frappe.throw(frappe._("This step is not yours to decide"), frappe.PermissionError)
    if decided_earlier(doc, user):
        frappe.throw(
            frappe._(
                "You have decided this application at an earlier step; please hand this one to somebody else"
            ),
            frappe.PermissionError,
        )
    allowed = [row["action"] for row in actions(doc, user)]
    if action not in allowed:
        frappe.throw(
            frappe._("{0} is not possible in the state {1}").format(
                frappe._(action), frappe._(doc.workflow_state)
            )
        )
    if items:
        decide_items(doc, items)
    if (
        action == "Approve"
        and doc.get("items")
        and not any(rules.still_open(row.as_dict()) for row in doc.get("items"))
    ):
        action = "Reject"
    return move(doc, action, opinion, principal, items)


def decide_items(doc: Any, items: Iterable[dict]) -> None:
    """Writes the present step's decision on each item; items refused earlier stay refused.

    :raises frappe.ValidationError: for an item that is not on the sheet, or a word that is no decision
    """
    field = rules.STEP_FIELDS.get(doc.workflow_state)
    rows = {row.code: row for row in doc.get("items")}
    for item in items:
        row = rows.get(item.get("code"))
        if row is None:
            frappe.throw(frappe._("{0} is not on this sheet").format(item.get("code")))
        if item.get("decision") not in ("Agree", "Refuse"):
            frappe.throw(frappe._("{0}: please agree or refuse").format(row.item_name or row.code))
        if field and rules.still_open(row.as_dict()):
            row.set(field, item["decision"])
            row.remark = item.get("remark") or row.remark


def move(
    doc: Any, action: str, opinion: str, principal: str, items: Any = None, called: str | None = None
) -> Any:
    """Moves the workflow and keeps who moved it, in whose place and why.

    :param called: what the record calls the step, where that is not the workflow's action
    """
    state, actor = doc.workflow_state, frappe.session.user
    field = rules.STEP_FIELDS.get(state)
    if action == "Approve" and field:
        for row in doc.get("items") or []:
            if (row.get(field) or "Pending") == "Pending" and rules.still_open(row.as_dict()):
                row.set(field, "Agree")
    doc.flags.ignore_permissions = True
    with guard.stepping(doc):
        doc.save()
        with acting_as(principal):
            moved = apply_workflow(doc, action)
    keep_opinion(moved, state, called or action, moved.workflow_state, opinion, actor, principal, items)
    _set_due(moved)
    moved.run_method("on_approval_step", state, action)
    tell_next(moved)
    return moved


def _set_due(doc: Any) -> None:
    """When the step that begins now is late, by the hospital's time limits."""
    # Documents that the clock follows get their due date from there.
    if doc.meta.has_field("due_at") and not deadlines.takes_part(doc):
        limit = clock.limits(doc.doctype).get(doc.workflow_state)
        due = clock.due_at(now_datetime(), limit, clock.working_days())
        doc.db_set({"due_at": due, "escalated_at": None}, update_modified=False)


def keep_opinion(
    doc: Any,
    state: str,
    action: str,
    next_state: str,
    opinion: str,
    actor: str,
    principal: str,
    items: Any = None,
) -> None:
    """Keeps an opinion; nobody changes it afterwards."""
    frappe.get_doc(
        doctype="Approval Opinion",
        reference_doctype=doc.doctype,
        reference_name=doc.name,
        workflow_state=state,
        action=action,
        next_state=next_state,
        actor=actor,
        on_behalf_of=principal if principal not in (actor, "Administrator") else None,
        decided_at=now_datetime(),
        opinion=opinion,
        items=frappe.as_json(list(items)) if items else None,
    ).insert(ignore_permissions=True)


def return_to(doctype: str, name: str, state: str, reason: str) -> Any:
    """Sends a document back to an earlier step.

    :raises frappe.ValidationError: without a reason, or for a step that is not earlier
    """
    doc = frappe.get_doc(doctype, name, for_update=True)
    principal = acting_for(doc, frappe.session.user)
    if not principal:
        frappe.throw(frappe._("This step is not yours to decide"), frappe.PermissionError)
    if not reason.strip():
        frappe.throw(frappe._("Please give the reason for returning"))
    if state not in rules.earlier_steps(route_of(doc), doc.workflow_state):
        frappe.throw(frappe._("{0} is not an earlier step").format(frappe._(state)))
    moved = move(doc, rules.RETURNS[state], reason, principal)
    _clear_decisions_from(moved, state)
    return moved


def _clear_decisions_from(doc: Any, state: str) -> None:
    """What was decided at the step and after it is decided anew."""
    steps = ("Draft", *rules.ROUTES[route_of(doc)])
    fields = [rules.STEP_FIELDS[step] for step in steps[steps.index(state) :] if step in rules.STEP_FIELDS]
    for row in doc.get("items"):
        for field in fields:
            row.set(field, "Pending")
    doc.flags.ignore_permissions = True
    with guard.stepping(doc):
        doc.save()


def withdraw(doctype: str, name: str, reason: str) -> Any:
    """Takes one's own last step back while nobody has acted on it: the applicant his application, an approver his
    approval, the office a vote in which nobody has voted.

    :raises frappe.PermissionError: for somebody else than who took the last step
    :raises frappe.ValidationError: when the document has been handled since
    """
    doc = frappe.get_doc(doctype, name, for_update=True)
    user = frappe.session.user
    history = opinions_on(doc)
    last = history[-1] if history else None
    fault = rules.take_back_fault(last, doc.workflow_state, user, _votes_on(doc))
    if fault:
        if user not in {entry.actor for entry in history}:
            frappe.throw(frappe._(fault), frappe.PermissionError)
        frappe.throw(frappe._("The application is being handled and cannot be withdrawn any longer"))
    if last.action == "Submit":
        return move(doc, "Withdraw", reason, user)
    state = last.workflow_state
    # The step back belongs to the next approver; who takes his own back does not need that role.
    moved = move(doc, rules.RETURNS[state], reason, "Administrator", called=rules.TAKE_BACK)
    _clear_decisions_from(moved, state)
    return moved


def may_withdraw(doc: Any, user: str) -> bool:
    """Whether a user may take his last step back now."""
    history = opinions_on(doc)
    last = history[-1] if history else None
    return not rules.take_back_fault(last, doc.workflow_state, user, _votes_on(doc))


def _votes_on(doc: Any) -> int:
    return frappe.db.count("Ballot Vote", {"ballot": doc.ballot}) if doc.get("ballot") else 0


def route_of(doc: Any) -> str:
    """The way of a document through the house."""
    return frappe.get_cached_value("Privilege Kind", doc.kind, "route")


def tell_next(doc: Any) -> None:
    """Tells those whose turn it is, and the applicant when it is over."""
    over = doc.workflow_state in ("Approved", "Rejected")
    users = [applicant_of(doc)] if over else deciders(doc)
    # Nobody needs to be told what he has just done himself.
    for user in dict.fromkeys(user for user in users if user and user != frappe.session.user):
        tell(user, "{0}: {1}", (subject_of(doc), doc.workflow_state), doc.doctype, doc.name)


def tell(user: str, text: str, values: Iterable[str], doctype: str, name: str) -> None:
    """Leaves a notice for a user, in his own language rather than in that of whoever caused it."""
    language = language_of(user)
    subject = frappe._(text, language).format(*(frappe._(value, language) for value in values))
    frappe.get_doc(
        doctype="Notification Log", for_user=user, subject=subject, type="Alert", document_type=doctype,
        document_name=name, from_user=frappe.session.user,
    ).insert(ignore_permissions=True)  # fmt: skip


def language_of(user: str) -> str:
    """The language in which a user reads; the site's when he has chosen none."""
    return frappe.db.get_value("User", user, "language") or site_language()


def site_language() -> str:
    """The language of texts that nobody in particular reads."""
    return frappe.db.get_single_value("System Settings", "language") or "zh"


def subject_of(doc: Any) -> str:
    """What a document is about, in one line: whose, and which kind of privilege."""
    kind = frappe.get_cached_value("Privilege Kind", doc.kind, "kind_name") if doc.get("kind") else None
    return " · ".join(part for part in (doc.get_title(), kind) if part)
