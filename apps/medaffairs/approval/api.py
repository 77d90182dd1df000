"""Approvals and ballots for the face."""

from typing import Any

import frappe
from frappe.utils import cint, now_datetime

from medaffairs.approval import ballots, engine
from medaffairs.approval import rules as approval_rules

WAITING = ("Department Review", "Branch Review", "Pharmacy Review", "Office Review")


@frappe.whitelist(methods=["GET"])
def inbox() -> list[dict[str, Any]]:
    """Applications that wait for the user's decision, his own part and those handed to him; the oldest first."""
    user = frappe.session.user
    rows = frappe.get_all(
        "Privilege Application",
        filters={"workflow_state": ("in", WAITING)},
        fields=[
            "name",
            "practitioner_name as title",
            "kind",
            "department",
            "workflow_state as state",
            "modified as since",
            "practitioner",
        ],
        order_by="modified",
        limit_page_length=200,
    )
    found = []
    for row in rows:
        doc = frappe._dict(row, doctype="Privilege Application", workflow_state=row.state)
        principal = engine.acting_for(doc, user)
        if principal:
            row.doctype = "Privilege Application"
            row.department_name = frappe.get_cached_value(
                "Clinical Department", row.department, "department_name"
            )
            row.kind_name = frappe.get_cached_value("Privilege Kind", row.kind, "kind_name")
            row.on_behalf_of_name = frappe.utils.get_fullname(principal) if principal != user else None
            found.append(row)
    return found


@frappe.whitelist(methods=["GET"])
def my_ballots() -> list[dict[str, Any]]:
    """Open ballots in which the user has a seat."""
    ballot, voter = frappe.qb.DocType("Ballot"), frappe.qb.DocType("Ballot Voter")
    return (
        frappe.qb.from_(ballot)
        .join(voter)
        .on(voter.parent == ballot.name)
        .select(ballot.name, ballot.subject, ballot.status, ballot.deadline, voter.voted, voter.recused)
        .where((ballot.status == "Open") & (voter.user == frappe.session.user))
        .orderby(ballot.deadline)
        .run(as_dict=True)
    )


def _readable(doctype: str, name: str) -> Any:
    doc = frappe.get_doc(doctype, name)
    doc.check_permission("read")
    return doc


@frappe.whitelist(methods=["GET"])
def actions(doctype: str, name: str) -> list[dict[str, str]]:
    """Steps that the user may take now."""
    return engine.actions(_readable(doctype, name), frappe.session.user)


@frappe.whitelist(methods=["GET"])
def opinions(doctype: str, name: str) -> list[dict[str, Any]]:
    """Who decided what, in the order in which it was decided."""
    _readable(doctype, name)
    rows = frappe.get_all(
        "Approval Opinion",
        filters={"reference_doctype": doctype, "reference_name": name},
        fields=[
            "name",
            "workflow_state",
            "action",
            "next_state",
            "actor",
            "on_behalf_of",
            "opinion",
            "decided_at",
        ],
        order_by="decided_at, creation",
    )
    for row in rows:
        by_vote = row.workflow_state == "Committee Vote" and row.actor == "Administrator"
        row.actor_name = frappe._("Committee") if by_vote else frappe.utils.get_fullname(row.actor)
        row.on_behalf_of_name = frappe.utils.get_fullname(row.on_behalf_of) if row.on_behalf_of else None
    return rows


@frappe.whitelist(methods=["POST"])
def act(
    doctype: str, name: str, action: str, opinion: str = "", items: str | list[dict] | None = None
) -> str:
    """Takes a step; the new state."""
    return engine.act(doctype, name, action, opinion or "", frappe.parse_json(items)).workflow_state


@frappe.whitelist(methods=["POST"])
def return_to(doctype: str, name: str, state: str, reason: str) -> str:
    """Sends a document back to an earlier step; the new state."""
    return engine.return_to(doctype, name, state, reason).workflow_state


@frappe.whitelist(methods=["POST"])
def withdraw(doctype: str, name: str, reason: str = "") -> str:
    """Takes the user's own last step back while nobody has acted on it; the new state."""
    return engine.withdraw(doctype, name, reason).workflow_state


@frappe.whitelist(methods=["GET"])
def ballot(name: str) -> dict[str, Any]:
    """A ballot as its page shows it; counts only when it is closed, who voted what never."""
    doc = _readable("Ballot", name)
    seat = next((row for row in doc.voters if row.user == frappe.session.user), None)
    is_open = doc.status == "Open"
    state = None
    if seat is not None:
        state = (
            "You have stepped aside."
            if cint(seat.recused)
            else "Your vote is counted."
            if cint(seat.voted)
            else None
        )
    names = {
        row.practitioner: frappe.get_cached_value("Practitioner", row.practitioner, "practitioner_name")
        for row in doc.voters
    }
    return {
        "name": doc.name, "subject": doc.subject, "status": doc.status, "deadline": doc.deadline,
        "quorum_percent": doc.quorum_percent, "threshold_percent": doc.threshold_percent,
        "reference_doctype": doc.reference_doctype, "reference_name": doc.reference_name, "secret": cint(doc.secret),
        "voter_count": sum(not cint(row.recused) for row in doc.voters), "voted_count": sum(cint(row.voted) for row in doc.voters),
        "can_vote": bool(is_open and seat is not None and not cint(seat.voted) and not cint(seat.recused)), "my_state": state,
        "items": [
            {"item_key": row.item_key, "description": row.description,
             **({} if is_open else {"for_count": row.for_count, "against_count": row.against_count,
                                    "abstain_count": row.abstain_count, "outcome": row.outcome})}
            for row in doc.items
        ],
        "voters": [
            {"practitioner": row.practitioner, "practitioner_name": names[row.practitioner], "recused": cint(row.recused),
             "voted": cint(row.voted)}
            for row in doc.voters
        ],
    }  # fmt: skip


@frappe.whitelist(methods=["POST"])
def vote(ballot: str, votes: str | list[dict]) -> None:
    """Casts the user's votes."""
    ballots.vote(ballot, frappe.parse_json(votes))


@frappe.whitelist(methods=["POST"])
def recuse(ballot: str, reason: str) -> None:
    """Steps aside."""
    ballots.recuse(ballot, reason)


@frappe.whitelist(methods=["POST"])
def call_ballot_again(doctype: str, name: str) -> str:
    """Calls a new vote after one without a quorum, for the medical-affairs office; the name of the ballot."""
    return ballots.call_again(doctype, name)


@frappe.whitelist(methods=["POST"])
def delegate(
    to_user: str, from_time: str, to_time: str, reason: str, document_type: str | None = None
) -> dict[str, Any]:
    """Hands the user's part in approvals to somebody for a period; votes of committees are personal and stay his.

    :param document_type: only documents of this type
    :returns: name and status (Planned or Active) of the delegation
    """
    doc = frappe.get_doc(
        doctype="Approval Delegation", from_user=frappe.session.user, to_user=to_user, from_time=from_time, to_time=to_time,
        reason=reason, document_type=document_type or None,
    ).insert()  # fmt: skip
    return {"name": doc.name, "status": doc.status}


@frappe.whitelist(methods=["POST"])
def cancel_delegation(name: str) -> str:
    """Takes a delegation back, at once; the new status."""
    doc = frappe.get_doc("Approval Delegation", name)
    doc.check_permission("write")
    doc.status = "Cancelled"
    return doc.save().status


@frappe.whitelist(methods=["GET"])
def delegations() -> list[dict[str, Any]]:
    """Delegations from and to the user, the newest first."""
    user = frappe.session.user
    rows = frappe.get_all(
        "Approval Delegation",
        or_filters={"from_user": user, "to_user": user},
        fields=["name", "from_user", "to_user", "document_type", "from_time", "to_time", "reason", "status"],
        order_by="from_time desc",
        limit_page_length=50,
    )
    for row in rows:
        row.from_name, row.to_name = (
            frappe.utils.get_fullname(name) for name in (row.from_user, row.to_user)
        )
        row.status = approval_rules.period_state(row.status, row.from_time, row.to_time, now_datetime())
    return rows
