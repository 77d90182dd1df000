"""What a vote comes to, and who may decide: no database, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

FOR, AGAINST, ABSTAIN = "For", "Against", "Abstain"
PASSED, REJECTED, FAILED = "Passed", "Rejected", "Failed"

#: The step of an application in which a state's approver decides each item.
STEP_FIELDS = {
    "Department Review": "department_decision",
    "Branch Review": "branch_decision",
    "Pharmacy Review": "pharmacy_decision",
    "Office Review": "office_decision",
    "Committee Vote": "committee_decision",
}
ROUTES = {
    "Surgery": ("Department Review", "Branch Review", "Office Review", "Committee Vote"),
    "Prescription": ("Department Review", "Office Review"),
    "Drug": ("Department Review", "Pharmacy Review", "Office Review"),
}
RETURNS = {
    "Draft": "Return",
    "Department Review": "Return to Department",
    "Branch Review": "Return to Branch",
    "Pharmacy Review": "Return to Pharmacy",
    "Office Review": "Return to Office",
}
REFUSED = "Refuse"

#: States in which a document is its applicant's to write.
OWN_STATES = ("Draft", "Returned")
#: What steps write on an item, and on the sheet: nobody types it.
ITEM_RESULTS = {
    **dict.fromkeys(STEP_FIELDS.values(), "Pending"),
    "eligible": 0,
    "missing": None,
    "remark": None,
    "grant": None,
}
SHEET_RESULTS = ("ballot", "submitted_at", "decided_at", "due_at", "escalated_at")
#: What the records of a way call taking one's own step back.
TAKE_BACK = "Take Back"


class Tally(NamedTuple):
    """Votes on one item and what they come to."""

    for_count: int
    against_count: int
    abstain_count: int
    outcome: str


def tally(
    votes: Iterable[tuple[str, str]], threshold_percent: float, chair: str | None, chair_veto: bool
) -> Tally:
    """Counts one item.

    :param votes: (voter, vote)
    :param threshold_percent: the share of those who voted that has to be in favour
    :param chair: whose vote against decides, when the committee gives its chair a veto
    """
    cast = dict(votes)
    counts = {choice: sum(vote == choice for vote in cast.values()) for choice in (FOR, AGAINST, ABSTAIN)}
    chairs = cast.get(chair) if chair is not None else None
    enough = bool(cast) and counts[FOR] * 100 >= threshold_percent * len(cast)
    # A tie is no majority whatever the threshold: the chair's vote decides it, nobody's leaves it rejected.
    carried = counts[FOR] > counts[AGAINST] or (counts[FOR] == counts[AGAINST] and chairs == FOR)
    vetoed = chair_veto and chairs == AGAINST
    passed = enough and carried and not vetoed
    return Tally(counts[FOR], counts[AGAINST], counts[ABSTAIN], PASSED if passed else REJECTED)


def quorum_reached(voted: int, entitled: int, quorum_percent: float) -> bool:
    """Whether enough of those who may vote have voted; nobody entitled is no quorum."""
    return entitled > 0 and voted * 100 >= quorum_percent * entitled


def ballot_outcome(voted: int, entitled: int, quorum_percent: float, outcomes: Iterable[str]) -> str:
    """What a closed ballot comes to: without a quorum it has failed; one passed item is enough to pass."""
    if not quorum_reached(voted, entitled, quorum_percent):
        return FAILED
    return PASSED if PASSED in set(outcomes) else REJECTED


def may_close(voted: int, entitled: int, deadline: datetime | None, now: datetime) -> bool:
    """Whether nothing is to be waited for: everybody has voted, or the time is over."""
    return voted >= entitled or (deadline is not None and now >= deadline)


def earlier_steps(route: str, state: str, kind_route: Mapping[str, tuple[str, ...]] = ROUTES) -> list[str]:
    """Steps to which an application can be sent back, the first first."""
    steps = ("Draft", *kind_route.get(route, ()))
    return list(steps[: steps.index(state)]) if state in steps else []


def decided_by(opinions: Iterable[Mapping[str, Any]], route: str) -> dict[str, str]:
    """Who has decided which step of a document's present round.

    A step counts until the document is sent back to it or to an earlier one, or is handed in anew.

    :param opinions: workflow_state, action, next_state and actor, in the order in which they were given
    """
    steps, decided = ROUTES.get(route, ()), {}
    for opinion in opinions:
        if opinion["action"] in ("Approve", "Reject"):
            decided[opinion["workflow_state"]] = opinion["actor"]
            continue
        place = steps.index(opinion["next_state"]) if opinion["next_state"] in steps else 0
        decided = {state: actor for state, actor in decided.items() if steps.index(state) < place}
    return decided


def take_back_fault(last: Mapping[str, Any] | None, state: str, user: str, votes: int) -> str:
    """Why a user cannot take his last step back; empty when he can: it was his, and nobody has acted since.

    :param last: the newest opinion on the document, or None
    :param votes: how many have voted on it by now
    """
    if (
        last is None
        or last["action"] not in ("Submit", "Approve")
        or state in ("Draft", "Approved", "Rejected")
    ):
        return "There is no step that could be taken back"
    if last["actor"] != user:
        return "Only who took the last step takes it back"
    if last["next_state"] != state or votes:
        return "The application is being handled and cannot be withdrawn any longer"
    return ""


def kept_results(stored: Mapping[str, Any] | None) -> dict[str, Any]:
    """What the steps have written on an item so far; of a new item nothing."""
    return {field: (stored or {}).get(field) or empty for field, empty in ITEM_RESULTS.items()}


def period_state(status: str | None, start: datetime, end: datetime, at: datetime) -> str:
    """Planned, Active or Ended, as the clock says; what is cancelled stays so."""
    if status == "Cancelled":
        return status
    return "Planned" if at < start else "Active" if at < end else "Ended"


def delegation_fault(user: str, may_for_others: bool, owners: Iterable[str], delegate: str) -> str:
    """Why a delegation must not be written by this user; empty when it may.

    :param owners: whose part it hands over, as stored and as it would be
    """
    owners = set(owners)
    if not may_for_others and owners != {user}:
        return "You can only hand over your own part"
    if delegate in owners:
        return "A part cannot be handed to oneself"
    return ""


def still_open(item: Mapping[str, str]) -> bool:
    """Whether nobody has refused an item so far."""
    return all((item.get(field) or "Pending") != REFUSED for field in STEP_FIELDS.values())
