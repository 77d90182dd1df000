"""Committee votes: opened for a document, closed when decided, one vote per voter and item."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.utils import add_to_date, cint, get_datetime, now_datetime

from medaffairs.approval import engine, rules

REMIND_HOURS = 24


def open_ballot(doc: Any, committee: str, items: list[tuple[str, str]]) -> str:
    """Opens a ballot of a committee on a document's items; the applicant does not vote.

    :raises frappe.ValidationError: when nobody is left who may vote
    """
    body = frappe.get_doc("Committee", committee)
    today = now_datetime().date()
    serving = [row for row in body.members if _serves(row, today)]
    members = [row for row in serving if row.practitioner != doc.get("practitioner")]
    recused = [row for row in serving if row.practitioner == doc.get("practitioner")]
    # Accounts may have changed since the member was entered.
    accounts = dict(
        frappe.get_all(
            "Practitioner",
            filters={"name": ("in", [row.practitioner for row in serving])},
            fields=["name", "user"],
            as_list=True,
        )
    )
    if not members:
        frappe.throw(frappe._("The committee {0} has nobody who may vote").format(committee))
    ballot = frappe.get_doc(
        doctype="Ballot", subject=engine.subject_of(doc), reference_doctype=doc.doctype, reference_name=doc.name,
        committee=committee, status="Open", opened_at=now_datetime(),
        deadline=add_to_date(now_datetime(), hours=cint(body.deadline_hours) or 72),
        quorum_percent=body.quorum_percent, threshold_percent=body.threshold_percent, chair_veto=body.chair_veto,
        secret=body.secret_ballot, pass_action="Approve", reject_action="Reject",  # noqa: S106
    )  # fmt: skip
    for row in [*members, *recused]:
        seat = {
            "practitioner": row.practitioner,
            "user": accounts.get(row.practitioner),
            "member_role": row.member_role,
        }
        if row in recused:
            seat |= {"recused": 1, "recusal_reason": frappe._("Applicant", engine.site_language())}
        ballot.append("voters", seat)
    for key, description in items:
        ballot.append("items", {"item_key": key, "description": description})
    ballot.insert(ignore_permissions=True)
    _ask_to_vote(ballot)
    return ballot.name


def _ask_to_vote(ballot: Any) -> None:
    for row in ballot.voters:
        if row.user and not cint(row.recused) and not cint(row.voted):
            engine.tell(row.user, "Please vote: {0}", (ballot.subject,), "Ballot", ballot.name)


def _serves(row: Any, today: Any) -> bool:
    """Whether a member votes on a day; a committee's secretary keeps its minutes and does not."""
    return (
        row.member_role != "Secretary"
        and (not row.from_date or row.from_date <= today)
        and (not row.to_date or row.to_date >= today)
    )


def _own_seat(ballot: Any) -> Any:
    seat = next((row for row in ballot.voters if row.user == frappe.session.user), None)
    if seat is None:
        frappe.throw(frappe._("You are not entitled to vote here"), frappe.PermissionError)
    if ballot.status != "Open":
        frappe.throw(frappe._("This ballot is closed"))
    if ballot.deadline and get_datetime(ballot.deadline) <= now_datetime():
        frappe.throw(frappe._("The time for voting is over"))
    return seat


def vote(name: str, votes: list[dict]) -> None:
    """Casts a voter's votes on every item, once and for all.

    :raises frappe.PermissionError: for somebody who has no seat
    :raises frappe.ValidationError: for a second vote, a missing item, an unknown word
    """
    ballot = frappe.get_doc("Ballot", name, for_update=True)
    seat = _own_seat(ballot)
    if cint(seat.recused):
        frappe.throw(frappe._("You have stepped aside from this ballot"))
    if cint(seat.voted):
        frappe.throw(frappe._("You have voted already; a vote cannot be changed"))
    keys = {row.item_key for row in ballot.items}
    if {entry.get("item_key") for entry in votes} != keys or len(votes) != len(keys):
        frappe.throw(frappe._("Please vote on every item, once"))
    for entry in votes:
        if entry.get("vote") not in (rules.FOR, rules.AGAINST, rules.ABSTAIN):
            frappe.throw(frappe._("{0} is not a vote").format(entry.get("vote")))
        frappe.get_doc(
            doctype="Ballot Vote", ballot=name, voter=seat.practitioner, user=frappe.session.user, item_key=entry["item_key"], vote=entry["vote"],
            opinion=entry.get("opinion"), voted_at=now_datetime(),
        ).insert(ignore_permissions=True)  # fmt: skip
    seat.voted = 1
    _save(ballot)
    close_if_decided(ballot)


def recuse(name: str, reason: str) -> None:
    """Steps aside from a ballot.

    :raises frappe.ValidationError: without a reason, or after voting
    """
    ballot = frappe.get_doc("Ballot", name, for_update=True)
    seat = _own_seat(ballot)
    if cint(seat.voted):
        frappe.throw(frappe._("You have voted already; a vote cannot be changed"))
    if not reason.strip():
        frappe.throw(frappe._("Please give the reason for stepping aside"))
    seat.recused, seat.recusal_reason = 1, reason
    _save(ballot)
    close_if_decided(ballot)


def _save(ballot: Any) -> None:
    ballot.flags.ignore_permissions = True
    ballot.save()


def close_if_decided(ballot: Any) -> bool:
    """Counts and closes when everybody has voted or the time is over; whether it was closed."""
    entitled = [row for row in ballot.voters if not cint(row.recused)]
    voted = [row for row in entitled if cint(row.voted)]
    deadline = get_datetime(ballot.deadline) if ballot.deadline else None
    if ballot.status != "Open" or not rules.may_close(len(voted), len(entitled), deadline, now_datetime()):
        return False
    chair = next((row.practitioner for row in entitled if row.member_role == "Chair"), None)
    outcomes = []
    for item in ballot.items:
        rows = frappe.get_all(
            "Ballot Vote",
            filters={"ballot": ballot.name, "item_key": item.item_key},
            fields=["voter", "vote"],
        )
        counted = rules.tally(
            [(row.voter, row.vote) for row in rows],
            ballot.threshold_percent,
            chair,
            bool(cint(ballot.chair_veto)),
        )
        item.update(counted._asdict())
        outcomes.append(counted.outcome)
    ballot.status = rules.ballot_outcome(len(voted), len(entitled), ballot.quorum_percent, outcomes)
    ballot.closed_at = now_datetime()
    _save(ballot)
    _move_document(ballot)
    return True


def _move_document(ballot: Any) -> None:
    """The workflow follows the vote; a vote without quorum leaves the document where it is."""
    if ballot.status == rules.FAILED:
        for user in engine.users_with(engine.ROLES["Office Review"]):
            engine.tell(
                user,
                "No quorum, please call a new vote or return it: {0}",
                (ballot.subject,),
                "Ballot",
                ballot.name,
            )
        return
    doc = frappe.get_doc(ballot.reference_doctype, ballot.reference_name, for_update=True)
    passed = {row.item_key for row in ballot.items if row.outcome == rules.PASSED}
    for row in doc.get("items"):
        if rules.still_open(row.as_dict()):
            row.committee_decision = "Agree" if row.code in passed else "Refuse"
    action = ballot.pass_action if ballot.status == rules.PASSED else ballot.reject_action
    language = engine.site_language()
    text = frappe._("Ballot {0}: {1}", language).format(ballot.name, frappe._(ballot.status, language))
    with engine.acting_as("Administrator"):
        engine.move(doc, action, text, "Administrator")


def cancel(name: str) -> None:
    """Calls off an open ballot: its document left the committee without a vote."""
    ballot = frappe.get_doc("Ballot", name, for_update=True)
    if ballot.status == "Open":
        ballot.status, ballot.closed_at = "Cancelled", now_datetime()
        _save(ballot)


def call_again(doctype: str, name: str) -> str:
    """Calls a new vote on a document whose last one had no quorum; the name of the ballot.

    :raises frappe.PermissionError: for anybody but the medical-affairs office
    :raises frappe.ValidationError: unless the document waits for the committee and its ballot has failed
    """
    frappe.only_for(engine.ROLES["Office Review"], message=True)
    doc = frappe.get_doc(doctype, name, for_update=True)
    doc.check_permission("read")
    status = frappe.db.get_value("Ballot", doc.ballot, "status") if doc.ballot else None
    if doc.workflow_state != "Committee Vote" or status != rules.FAILED:
        frappe.throw(frappe._("A new vote can be called only when the last one had no quorum"))
    if frappe.session.user == engine.applicant_of(doc):
        frappe.throw(frappe._("This step is not yours to decide"), frappe.PermissionError)
    doc.run_method("open_ballot")
    return doc.ballot


def close_overdue() -> int:
    """Closes ballots whose time is over; how many. One that cannot be closed does not keep the others open."""
    names = frappe.get_all(
        "Ballot", filters={"status": "Open", "deadline": ("<=", now_datetime())}, pluck="name"
    )
    closed = 0
    for name in names:
        frappe.db.savepoint("close_ballot")
        try:
            closed += close_if_decided(frappe.get_doc("Ballot", name, for_update=True))
        except frappe.ValidationError:
            frappe.db.rollback(save_point="close_ballot")
            frappe.log_error(title=f"Ballot {name}", reference_doctype="Ballot", reference_name=name)
    return closed


def remind_voters() -> int:
    """Reminds those who have not voted, once, a day before the deadline; for how many ballots."""
    soon = add_to_date(now_datetime(), hours=REMIND_HOURS)
    names = frappe.get_all(
        "Ballot",
        filters={
            "status": "Open",
            "deadline": ("between", [now_datetime(), soon]),
            "reminded_at": ("is", "not set"),
        },
        pluck="name",
    )
    for name in names:
        ballot = frappe.get_doc("Ballot", name)
        _ask_to_vote(ballot)
        ballot.db_set("reminded_at", now_datetime(), update_modified=False)
    return len(names)
