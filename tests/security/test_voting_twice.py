"""Threat: a vote is cast twice, by somebody without a seat, for another, or after the count."""

from concurrent.futures import ThreadPoolExecutor

import frappe
import pytest
from security.conftest import PROCEDURES, VOTERS


def votes(choice: str = "For") -> list[dict]:
    return [{"item_key": code, "vote": choice} for code in PROCEDURES]


@pytest.fixture
def ballot(hospital) -> str:
    return hospital.bring_to_vote()[1]


def cast(hospital, who: str, ballot: str, choice: str = "For"):
    return hospital.as_(who).call("medaffairs.approval.api.vote", ballot=ballot, votes=votes(choice))


def counted(ballot: str) -> int:
    frappe.db.rollback()
    return frappe.db.count("Ballot Vote", {"ballot": ballot})


def test_a_second_vote_is_refused(hospital, ballot):
    assert cast(hospital, VOTERS[0], ballot).ok
    assert cast(hospital, VOTERS[0], ballot, "Against").status_code == 417
    assert counted(ballot) == len(PROCEDURES)


def test_two_votes_at_the_same_moment_are_one(hospital, ballot):
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: cast(hospital, VOTERS[0], ballot).ok, range(6)))
    assert answers.count(True) == 1
    assert counted(ballot) == len(PROCEDURES)


@pytest.mark.parametrize("who", ["applicant", "officer", "manager", "stranger", "administrator", None])
def test_who_has_no_seat_has_no_vote(hospital, ballot, who):
    assert cast(hospital, who, ballot).status_code in {401, 403}
    assert counted(ballot) == 0


@pytest.mark.parametrize("who", ["voter1", "manager", "administrator"])
def test_votes_are_not_records_to_be_written(hospital, ballot, who):
    caller, voter = hospital.as_(who), hospital.staff["voter2"]
    forged = {"ballot": ballot, "voter": voter, "item_key": PROCEDURES[0], "vote": "For"}
    assert not caller.send("POST", "/api/resource/Ballot Vote", json=forged).ok
    assert not caller.send("PUT", f"/api/resource/Ballot/{ballot}", json={"status": "Passed"}).ok
    assert counted(ballot) == 0 and hospital.value("Ballot", ballot, "status") == "Open"


def test_half_a_ballot_and_foreign_items_are_refused(hospital, ballot):
    caller = hospital.as_(VOTERS[0])
    for wrong in (votes()[:1], [*votes(), votes()[0]], [{"item_key": "X", "vote": "For"}], [], [{}, {}]):
        assert caller.call("medaffairs.approval.api.vote", ballot=ballot, votes=wrong).status_code == 417
    bad_word = [{**vote, "vote": "Yes"} for vote in votes()]
    assert caller.call("medaffairs.approval.api.vote", ballot=ballot, votes=bad_word).status_code == 417
    assert counted(ballot) == 0


def test_who_has_stepped_aside_does_not_vote(hospital, ballot):
    stepped = hospital.as_(VOTERS[0]).call("medaffairs.approval.api.recuse", ballot=ballot, reason="亲属")
    assert stepped.ok
    assert cast(hospital, VOTERS[0], ballot).status_code == 417


def test_a_closed_ballot_stays_as_it_was_counted(hospital, ballot):
    for who in VOTERS:
        assert cast(hospital, who, ballot).ok
    assert hospital.value("Ballot", ballot, "status") == "Passed"
    assert cast(hospital, VOTERS[0], ballot, "Against").status_code == 417
    assert hospital.value("Ballot", ballot, "status") == "Passed"


def test_a_secret_ballot_shows_nobody_who_voted_what(hospital, ballot):
    assert cast(hospital, VOTERS[0], ballot, "Against").ok
    for who in ("voter2", "applicant", "manager", "auditor", "officer"):
        assert hospital.as_(who).rows("Ballot Vote") == [], who
    own = hospital.as_(VOTERS[0]).rows("Ballot Vote", fields='["vote"]')
    assert [row["vote"] for row in own] == ["Against"] * len(PROCEDURES)
