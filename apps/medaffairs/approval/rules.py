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
SHEET_RESULTS = ("ballot", "submitted_at", "decided_at")


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
    vetoed = chair_veto and chair is not None and cast.get(chair) == AGAINST
    enough = bool(cast) and counts[FOR] * 100 >= threshold_percent * len(cast)
    return Tally(counts[FOR], counts[AGAINST], counts[ABSTAIN], PASSED if enough and not vetoed else REJECTED)


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


def kept_results(stored: Mapping[str, Any] | None) -> dict[str, Any]:
    """What the steps have written on an item so far; of a new item nothing."""
    return {field: (stored or {}).get(field) or empty for field, empty in ITEM_RESULTS.items()}


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
