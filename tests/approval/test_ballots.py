"""Committee votes: counting against a clerk with paper and pencil, quorum, veto, tie, deadline, stepping aside, secrecy."""

from __future__ import annotations

from fractions import Fraction

import frappe
import pytest
from frappe.utils import add_to_date, now_datetime
from hypothesis import given
from hypothesis import strategies as st
from support.ward import MEMBERS

from medaffairs.approval import api, ballots, rules

DOCTYPE = "Privilege Application"
CODES = ("T51.2300", "T47.0100")
FOR, AGAINST, ABSTAIN = rules.FOR, rules.AGAINST, rules.ABSTAIN


def by_hand(votes: dict[str, str], threshold: int, chair: str | None, veto: bool) -> bool:
    """Whether an item is carried, as somebody would find who reads the votes one after another."""
    pros = cons = 0
    for vote in votes.values():
        if vote == FOR:
            pros += 1
        elif vote == AGAINST:
            cons += 1
    if not votes or Fraction(pros, len(votes)) < Fraction(threshold, 100):
        return False
    if veto and votes.get(chair) == AGAINST:
        return False
    if pros == cons:
        return votes.get(chair) == FOR
    return pros > cons


papers = st.dictionaries(st.sampled_from("abcdefghi"), st.sampled_from([FOR, AGAINST, ABSTAIN]))


@given(papers, st.integers(1, 100), st.none() | st.sampled_from("abc"), st.booleans())
def test_counting_agrees_with_counting_by_hand(votes, threshold, chair, veto) -> None:
    counted = rules.tally(votes.items(), threshold, chair, veto)
    assert counted.for_count + counted.against_count + counted.abstain_count == len(votes)
    assert (counted.outcome == rules.PASSED) == by_hand(votes, threshold, chair, veto)


@given(papers, st.integers(1, 100), st.booleans())
def test_another_vote_in_favour_never_turns_a_yes_into_a_no(votes, threshold, veto) -> None:
    before = rules.tally(votes.items(), threshold, "a", veto).outcome
    after = rules.tally([*votes.items(), ("z", FOR)], threshold, "a", veto).outcome
    assert not (before == rules.PASSED and after == rules.REJECTED)


@given(st.integers(0, 30), st.integers(0, 30), st.integers(1, 100))
def test_a_quorum_is_a_share_of_those_who_may_vote(voted, entitled, percent) -> None:
    reached = rules.quorum_reached(voted, entitled, percent)
    assert reached == (entitled > 0 and Fraction(voted, max(entitled, 1)) >= Fraction(percent, 100))


@given(st.lists(st.sampled_from(["Submit", "Approve", "Return"]), max_size=12), st.data())
def test_who_has_decided_is_who_still_stands_on_the_sheet(actions, data) -> None:
    """Replays a way step by step; the sheet's own fields are the oracle."""
    steps = rules.ROUTES["Surgery"]
    sheet: dict[str, str] = {}
    state, opinions = "Draft", []
    for number, action in enumerate(actions):
        place = steps.index(state) if state in steps else -1
        if action == "Submit" and place < 0:
            sheet, after = {}, steps[0]
        elif action == "Approve" and 0 <= place < len(steps) - 1:
            sheet[state], after = f"user{number}", steps[place + 1]
        elif action == "Return" and place >= 0:
            after = data.draw(st.sampled_from(["Returned", *steps[:place]]))
            first = steps.index(after) if after in steps else 0
            sheet = {step: who for step, who in sheet.items() if steps.index(step) < first}
        else:
            continue
        opinions.append(
            {"workflow_state": state, "action": action, "next_state": after, "actor": f"user{number}"}
        )
        state = after
    assert rules.decided_by(opinions, "Surgery") == sheet


@pytest.fixture
def board(ward):
    """An application before a committee of five."""
    ward.without_conditions()
    ward.committee()
    return ward


def before_committee(board, who: str = "surgeon") -> tuple[str, str]:
    name = board.apply("SURGERY", *CODES, who=who)
    for other in ("head", "secretary", "office"):
        board.step(other, name)
    board.as_("Administrator")
    return name, frappe.db.get_value(DOCTYPE, name, "ballot")


def vote(board, ballot: str, *choices: str | None) -> None:
    for who, choice in zip(MEMBERS, choices, strict=False):
        if choice:
            board.as_(who)
            api.vote(ballot, [{"item_key": code, "vote": choice} for code in CODES])
    board.as_("Administrator")


def over(ballot: str) -> None:
    frappe.db.set_value("Ballot", ballot, "deadline", add_to_date(now_datetime(), minutes=-1))


def result(ballot: str) -> str:
    return frappe.db.get_value("Ballot", ballot, "status")


@pytest.mark.parametrize(
    ("choices", "outcome"),
    [
        ((FOR, FOR, FOR, AGAINST, AGAINST), "Passed"),
        ((FOR, FOR, AGAINST, AGAINST, AGAINST), "Rejected"),
        ((FOR, AGAINST, FOR, AGAINST, ABSTAIN), "Rejected"),
        ((ABSTAIN,) * 5, "Rejected"),
    ],
    ids=["majority", "minority", "below the threshold", "all abstain"],
)
def test_the_last_vote_closes_and_moves_the_sheet(board, choices, outcome) -> None:
    name, ballot = before_committee(board)
    vote(board, ballot, *choices[:4])
    assert result(ballot) == "Open" and board.state(name) == "Committee Vote"
    vote(board, ballot, None, None, None, None, choices[4])
    assert result(ballot) == outcome
    assert board.state(name) == ("Approved" if outcome == "Passed" else "Rejected")


@pytest.mark.parametrize(("chair", "outcome"), [(FOR, "Passed"), (AGAINST, "Rejected")])
def test_a_tie_is_decided_by_the_chair(board, chair, outcome) -> None:
    _name, ballot = before_committee(board)
    other = AGAINST if chair == FOR else FOR
    vote(board, ballot, chair, chair, other, other)
    over(ballot)
    assert ballots.close_overdue() == 1 and result(ballot) == outcome


def test_the_chairs_veto_outweighs_a_majority_where_the_committee_gives_it(board) -> None:
    frappe.db.set_value("Committee", "测试授权委员会", "chair_veto", 1)
    name, ballot = before_committee(board)
    vote(board, ballot, AGAINST, FOR, FOR, FOR, FOR)
    assert result(ballot) == "Rejected" and board.state(name) == "Rejected"


def test_items_are_counted_one_by_one(board) -> None:
    name, ballot = before_committee(board)
    for number, who in enumerate(MEMBERS):
        board.as_(who)
        second = FOR if number < 2 else AGAINST
        api.vote(ballot, [{"item_key": CODES[0], "vote": FOR}, {"item_key": CODES[1], "vote": second}])
    board.as_("Administrator")
    doc = frappe.get_doc(DOCTYPE, name)
    assert [row.committee_decision for row in doc.items] == ["Agree", "Refuse"]
    assert [bool(row.get("grant")) for row in doc.items] == [True, False]


def test_at_the_deadline_a_quorum_decides_and_a_second_run_changes_nothing(board) -> None:
    name, ballot = before_committee(board)
    vote(board, ballot, FOR, FOR, FOR)
    assert ballots.close_overdue() == 0
    over(ballot)
    assert ballots.close_overdue() == 1
    assert (result(ballot), board.state(name)) == ("Passed", "Approved")
    assert ballots.close_overdue() == 0


def test_without_a_quorum_the_office_is_told_and_calls_a_new_vote(board) -> None:
    name, ballot = before_committee(board)
    vote(board, ballot, FOR, FOR)
    board.as_("office")
    with pytest.raises(frappe.ValidationError):
        api.call_ballot_again(DOCTYPE, name)
    board.as_("Administrator")
    told = frappe.db.count("Notification Log", {"for_user": board.users["office"], "document_name": ballot})
    over(ballot)
    assert ballots.close_overdue() == 1
    assert (result(ballot), board.state(name)) == ("Failed", "Committee Vote")
    assert (
        frappe.db.count("Notification Log", {"for_user": board.users["office"], "document_name": ballot})
        == told + 1
    )
    board.as_("head")
    with pytest.raises(frappe.PermissionError):
        api.call_ballot_again(DOCTYPE, name)
    board.as_("office")
    again = api.call_ballot_again(DOCTYPE, name)
    assert again != ballot and result(again) == "Open"
    vote(board, again, *[FOR] * 5)
    assert board.state(name) == "Approved"


def test_votes_after_the_deadline_do_not_count(board) -> None:
    _name, ballot = before_committee(board)
    over(ballot)
    board.as_("member1")
    with pytest.raises(frappe.ValidationError):
        api.vote(ballot, [{"item_key": code, "vote": FOR} for code in CODES])


def test_the_applicant_steps_aside_by_himself_and_others_when_they_say_so(board) -> None:
    board.as_("Administrator")
    frappe.db.set_value("Practitioner", board.people["member2"], "department", "T-GS")
    _name, ballot = before_committee(board, who="member2")
    seats = {row.user: row for row in frappe.get_doc("Ballot", ballot).voters}
    assert seats[board.users["member2"]].recused and seats[board.users["member2"]].recusal_reason
    for who in ("member2", "member3"):
        board.as_(who)
        if who == "member3":
            with pytest.raises(frappe.ValidationError):
                api.recuse(ballot, " ")
            api.recuse(ballot, "亲属关系")
        with pytest.raises(frappe.ValidationError):
            api.vote(ballot, [{"item_key": code, "vote": FOR} for code in CODES])
    vote(board, ballot, FOR, None, None, FOR, FOR)
    assert result(ballot) == "Passed"


def test_when_all_have_stepped_aside_the_vote_has_failed(board) -> None:
    _name, ballot = before_committee(board)
    for who in MEMBERS:
        board.as_(who)
        api.recuse(ballot, "利益冲突")
    assert result(ballot) == "Failed"


def test_who_has_left_or_keeps_the_minutes_does_not_vote(board) -> None:
    committee = frappe.get_doc("Committee", "测试授权委员会")
    committee.members[3].member_role = "Secretary"
    committee.members[4].to_date = add_to_date(frappe.utils.nowdate(), days=-1)
    committee.save()
    _name, ballot = before_committee(board)
    assert len(frappe.get_doc("Ballot", ballot).voters) == 3


def test_those_who_have_not_voted_are_reminded_once_a_day_before_the_end(board) -> None:
    _name, ballot = before_committee(board)
    vote(board, ballot, FOR)
    assert ballots.remind_voters() == 0
    frappe.db.set_value("Ballot", ballot, "deadline", add_to_date(now_datetime(), hours=20))
    filters = {"document_name": ballot}
    before = frappe.db.count("Notification Log", filters)
    assert ballots.remind_voters() == 1 and ballots.remind_voters() == 0
    assert frappe.db.count("Notification Log", filters) - before == 4


@pytest.mark.parametrize("secret", [0, 1])
def test_a_named_vote_is_read_by_the_manager_a_secret_one_by_nobody_else(board, secret) -> None:
    frappe.db.set_value("Committee", "测试授权委员会", "secret_ballot", secret)
    _name, ballot = before_committee(board)
    vote(board, ballot, FOR, AGAINST)
    board.as_("manager")
    assert len(frappe.get_list("Ballot Vote", {"ballot": ballot})) == (0 if secret else 4)
    shown = api.ballot(ballot)
    assert shown["voted_count"] == 2 and "for_count" not in shown["items"][0]
    board.as_("member2")
    assert {row.vote for row in frappe.get_list("Ballot Vote", {"ballot": ballot}, ["vote"])} == {AGAINST}
