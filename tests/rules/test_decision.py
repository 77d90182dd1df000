"""The compiled decision says what a naive reading of the whole history says, for every moment."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medaffairs.privileging import rules
from medaffairs.privileging.rules import Event, GrantIndex, KindSettings, decide

START = datetime(2026, 1, 1)
PEOPLE = ("D001", "D002")
IMPLIES = {"ABX_3": ("ABX_2", "ABX_1"), "ABX_2": ("ABX_1",)}
KINDS = (KindSettings("SURGERY"), KindSettings("ANTIMICROBIAL", implies=IMPLIES))
CODES = {"SURGERY": ("47.01", "51.23"), "ANTIMICROBIAL": ("ABX_1", "ABX_2", "ABX_3")}


def day(number):
    return START + timedelta(days=number)


def optional_day(number):
    return None if number is None else day(number)


days = st.integers(0, 12)
spans = st.tuples(days, st.none() | st.integers(1, 6)).map(
    lambda span: (span[0], None if span[1] is None else span[0] + span[1])
)


@st.composite
def histories(draw):
    """Events as the ledger writes them: grants first, then what happens to them, in one sequence."""
    events, grants, rests = [], [], []
    for sequence in range(1, draw(st.integers(1, 14)) + 1):
        choice = draw(st.sampled_from(["Grant", "Grant", "Extend", "Revoke", "Suspend", "Resume"]))
        recorded = START + timedelta(hours=sequence)
        start, end = draw(spans)
        if choice == "Grant" or (choice in ("Extend", "Revoke") and not grants):
            kind = draw(st.sampled_from(sorted(CODES)))
            who, code = draw(st.sampled_from(PEOPLE)), draw(st.sampled_from(CODES[kind]))
            grants.append((f"PG-{sequence}", who, kind, code))
            event = Event(sequence, "Grant", *grants[-1], day(start), optional_day(end), recorded)
        elif choice in ("Extend", "Revoke"):
            event = Event(
                sequence, choice, *draw(st.sampled_from(grants)), day(start), optional_day(end), recorded
            )
        elif choice == "Suspend" or not rests:
            rests.append(draw(_suspensions(grants, len(rests))))
            who, kind, grant, name = rests[-1]
            event = Event(
                sequence, "Suspend", grant, who, kind, "", day(start), optional_day(end), recorded, name
            )
        else:
            who, kind, grant, name = draw(st.sampled_from(rests))
            event = Event(sequence, "Resume", grant, who, kind, "", day(start), None, recorded, name)
        events.append(event)
    return events


@st.composite
def _suspensions(draw, grants, number):
    if grants and draw(st.booleans()):
        grant, who, kind, _code = draw(st.sampled_from(grants))
        return who, kind, grant, f"PS-{number}"
    return draw(st.sampled_from(PEOPLE)), draw(st.sampled_from(["", *CODES])), "", f"PS-{number}"


def oracle(events, who, kind, code, at):
    """(reason, possible grants), read straight from the history."""
    states = {}
    for event in events:
        covered = (event.code, *(IMPLIES.get(event.code, ()) if kind == "ANTIMICROBIAL" else ()))
        concerns = event.event_type == "Grant" and (event.practitioner, event.kind) == (who, kind)
        if concerns and code in covered:
            states[event.grant] = _state_of_grant(events, event, at)
    if not states:
        return "NO_GRANT", {""}
    for reasons in ({"GRANTED"}, {"SUSPENDED"}, {"NOT_YET_VALID"}, {"EXPIRED", "REVOKED"}):
        found = {grant: state for grant, state in states.items() if state in reasons}
        if found:
            return set(found.values()), set(found)
    raise AssertionError(states)


def _state_of_grant(events, granted, at):
    end, revoked = granted.effective_to, None
    rests = {}
    for event in events:
        if event.event_type == "Extend" and event.grant == granted.grant:
            end = event.effective_to
        if event.event_type == "Revoke" and event.grant == granted.grant:
            revoked = min(revoked or event.effective_from, event.effective_from)
        concerns = (
            event.practitioner == granted.practitioner
            and event.kind in ("", granted.kind)
            and event.grant in ("", granted.grant)
        )
        if event.event_type == "Suspend" and concerns:
            rests[event.suspension] = [event.effective_from, event.effective_to]
        if event.event_type == "Resume" and event.suspension in rests:
            rest = rests[event.suspension]
            rest[1] = event.effective_from if rest[1] is None else min(rest[1], event.effective_from)
    if revoked is not None and revoked <= granted.effective_from:
        return "REVOKED" if end is None or revoked < end else "EXPIRED"
    if at < granted.effective_from:
        return "NOT_YET_VALID"
    if revoked is not None and at >= revoked and (end is None or revoked < end):
        return "REVOKED"
    if end is not None and at >= end:
        return "EXPIRED"
    if any(rest[0] <= at and (rest[1] is None or at < rest[1]) for rest in rests.values()):
        return "SUSPENDED"
    return "GRANTED"


def build(events):
    return GrantIndex(KINDS).load(events)


def every_question():
    for who in PEOPLE:
        for kind, codes in CODES.items():
            for code in codes:
                yield who, kind, code


MOMENTS = [day(number) + timedelta(seconds=second) for number in range(-1, 21) for second in (-1, 0)]


@settings(max_examples=300, deadline=None)
@given(histories())
def test_every_answer_is_the_oracles(events):
    index = build(events)
    for question in every_question():
        for at in MOMENTS:
            answer = decide(index, *question, at)
            reasons, grants = oracle(events, *question, at)
            assert answer.reason in reasons, (question, at, answer)
            assert answer.grant in grants
            assert answer.allowed == (answer.reason == "GRANTED")


@settings(max_examples=150, deadline=None)
@given(histories())
def test_an_answer_holds_exactly_until_its_end(events):
    index = build(events)
    for question in every_question():
        for at in MOMENTS:
            answer = decide(index, *question, at)
            assert answer.start <= at < answer.end
            last = decide(index, *question, answer.end - timedelta(seconds=1))
            assert (last.reason, last.grant) == (answer.reason, answer.grant)
            if answer.valid_to is not None:
                following = decide(index, *question, answer.valid_to)
                assert (following.reason, following.grant) != (answer.reason, answer.grant)


@settings(max_examples=100, deadline=None)
@given(histories(), st.integers(0, 14))
def test_what_was_known_then_is_the_history_cut_there(events, known):
    recorded_at = START + timedelta(hours=known)
    then = build(rules.as_of(events, recorded_at))
    cut = build(events[:known])
    assert then.version == cut.version == min(known, len(events))
    for question in every_question():
        for at in MOMENTS[::3]:
            assert decide(then, *question, at).as_dict() == decide(cut, *question, at).as_dict()


@settings(max_examples=100, deadline=None)
@given(histories())
def test_a_replayed_event_changes_nothing(events):
    once, twice = build(events), build(events)
    twice.load(events)
    assert twice.version == once.version
    for question in every_question():
        assert decide(twice, *question, day(5)).as_dict() == decide(once, *question, day(5)).as_dict()


@settings(max_examples=100, deadline=None)
@given(histories(), st.integers(0, 14))
def test_a_branch_goes_on_by_itself(events, shared):
    base = build(events[:shared])
    branch = base.branch().load(events[shared:])
    alone, whole = build(events[:shared]), build(events)
    assert (base.version, branch.version) == (alone.version, whole.version)
    for question in every_question():
        for at in MOMENTS[::3]:
            assert decide(base, *question, at).as_dict() == decide(alone, *question, at).as_dict()
            mine, full = decide(branch, *question, at), decide(whole, *question, at)
            assert (mine.reason, mine.grant, mine.valid_to) == (full.reason, full.grant, full.valid_to)


@settings(max_examples=100, deadline=None)
@given(
    histories(),
    st.sets(st.sampled_from([*PEOPLE, "D003"])),
    st.dictionaries(
        st.sampled_from([*CODES, "DENTAL"]), st.sets(st.sampled_from(["47.01", "ABX_1", "99.99"]))
    ),
)
def test_where_nothing_was_granted_the_answer_names_what_is_unknown(events, people, codes):
    index = GrantIndex(KINDS, practitioners=people, codes=codes).load(events)
    for who in (*PEOPLE, "D003", "", "nobody"):
        for kind in (*CODES, "DENTAL", ""):
            for code in ("47.01", "51.23", "ABX_1", "99.99", ""):
                reasons, grants = oracle(events, who, kind, code, day(3))
                answer = decide(index, who, kind, code, day(3))
                if reasons != "NO_GRANT":
                    assert answer.reason in reasons and answer.grant in grants
                elif kind not in {settings.kind for settings in KINDS}:
                    assert answer.reason == rules.UNKNOWN_KIND
                elif who not in people:
                    assert answer.reason == rules.UNKNOWN_PRACTITIONER
                elif code not in codes.get(kind, ()):
                    assert answer.reason == rules.UNKNOWN_CODE
                else:
                    assert answer.reason == rules.NO_GRANT
                if reasons == "NO_GRANT":
                    assert (answer.allowed, answer.grant, answer.valid_to) == (False, "", None)


modes = st.sampled_from([rules.FAIL_DENY, rules.FAIL_ALLOW])


@given(
    histories(), st.dictionaries(st.sampled_from([*CODES, "DENTAL"]), st.tuples(modes, modes)), st.booleans()
)
def test_without_a_decision_the_fail_mode_of_the_kind_alone_counts(events, chosen, emergency):
    index = GrantIndex(KindSettings(kind, *modes) for kind, modes in chosen.items()).load(events)
    for kind in (*CODES, "DENTAL", "never heard of"):
        usual, in_emergency = chosen.get(kind, (rules.FAIL_DENY, rules.FAIL_ALLOW))
        answer = index.undecidable(kind, emergency)
        assert answer.allowed == ((in_emergency if emergency else usual) == rules.FAIL_ALLOW)
        assert answer.reason == (rules.UNDECIDABLE_ALLOWED if answer.allowed else rules.UNDECIDABLE_DENIED)
        assert (answer.grant, answer.valid_to, answer.version) == ("", None, index.version)


def test_of_two_overlapping_suspensions_the_later_end_counts_and_an_early_return_ends_only_its_own():
    events = [
        Event(1, "Grant", "PG-1", "D001", "SURGERY", "47.01", day(0), day(100)),
        Event(2, "Suspend", "", "D001", "", "", day(10), day(20), suspension="PS-1"),
        Event(3, "Suspend", "", "D001", "SURGERY", "", day(15), day(30), suspension="PS-2"),
    ]
    index = build(events)
    assert decide(index, "D001", "SURGERY", "47.01", day(12)).valid_to == day(30)
    assert decide(index, "D001", "SURGERY", "47.01", day(29)).reason == rules.SUSPENDED
    index.apply(Event(4, "Resume", "", "D001", "SURGERY", "", day(16), suspension="PS-2"))
    assert decide(index, "D001", "SURGERY", "47.01", day(19)).reason == rules.SUSPENDED
    assert decide(index, "D001", "SURGERY", "47.01", day(20)).allowed


def test_a_privilege_extended_after_it_expired_holds_again_but_then_it_had_expired():
    events = [
        Event(1, "Grant", "PG-1", "D001", "SURGERY", "47.01", day(0), day(3), day(0)),
        Event(2, "Extend", "PG-1", "D001", "SURGERY", "47.01", day(0), day(10), day(6)),
    ]
    assert decide(build(events), "D001", "SURGERY", "47.01", day(5)).allowed
    then = build(rules.as_of(events, day(5)))
    assert decide(then, "D001", "SURGERY", "47.01", day(5)).reason == rules.EXPIRED


def test_what_a_higher_grade_includes_follows_its_suspension_and_its_revocation():
    index = build([Event(1, "Grant", "PG-1", "D001", "ANTIMICROBIAL", "ABX_3", day(0))])
    index.apply(Event(2, "Suspend", "PG-1", "D001", "ANTIMICROBIAL", "", day(2), day(4), suspension="PS-1"))
    assert decide(index, "D001", "ANTIMICROBIAL", "ABX_1", day(3)).reason == rules.SUSPENDED
    index.apply(Event(3, "Grant", "PG-2", "D001", "ANTIMICROBIAL", "ABX_1", day(0)))
    assert decide(index, "D001", "ANTIMICROBIAL", "ABX_1", day(3)).grant == "PG-2"
    index.apply(Event(4, "Revoke", "PG-1", "D001", "ANTIMICROBIAL", "ABX_3", day(5)))
    assert decide(index, "D001", "ANTIMICROBIAL", "ABX_2", day(6)).reason == rules.REVOKED
    assert decide(index, "D001", "ANTIMICROBIAL", "ABX_1", day(6)).allowed


def test_unknown_names_have_answers_of_their_own():
    index = GrantIndex(KINDS, practitioners={"D001"}, codes=CODES)
    assert decide(index, "D001", "SURGERY", "47.01", START).reason == rules.NO_GRANT
    assert decide(index, "D001", "SURGERY", "99.99", START).reason == rules.UNKNOWN_CODE
    assert decide(index, "X", "SURGERY", "47.01", START).reason == rules.UNKNOWN_PRACTITIONER
    assert decide(index, "D001", "DENTAL", "47.01", START).reason == rules.UNKNOWN_KIND


@pytest.mark.parametrize(
    ("fail_mode", "emergency_mode", "emergency", "allowed"),
    [
        ("Deny", "Allow and Report", False, False),
        ("Deny", "Allow and Report", True, True),
        ("Allow and Report", "Deny", False, True),
        ("Allow and Report", "Deny", True, False),
    ],
)
def test_the_hospital_chooses_what_happens_without_a_decision(fail_mode, emergency_mode, emergency, allowed):
    index = GrantIndex([KindSettings("SURGERY", fail_mode, emergency_mode)])
    answer = index.undecidable("SURGERY", emergency)
    assert answer.allowed is allowed
    assert answer.reason == (rules.UNDECIDABLE_ALLOWED if allowed else rules.UNDECIDABLE_DENIED)


def test_a_kind_without_settings_is_denied_unless_it_is_an_emergency():
    assert GrantIndex().undecidable("DENTAL").allowed is False
    assert GrantIndex().undecidable("DENTAL", emergency=True).allowed is True


def test_a_higher_grade_includes_the_lower_ones():
    index = build([Event(1, "Grant", "PG-1", "D001", "ANTIMICROBIAL", "ABX_2", START)])
    assert decide(index, "D001", "ANTIMICROBIAL", "ABX_1", START).grant == "PG-1"
    assert decide(index, "D001", "ANTIMICROBIAL", "ABX_3", START).reason == rules.NO_GRANT


def test_lower_grades_are_followed_all_the_way_down_and_around():
    closed = rules.expand_implied({"C": ["B"], "B": ["A"], "A": [], "X": ["Y"], "Y": ["X"]})
    assert closed == {"C": ("B", "A"), "B": ("A",), "A": (), "X": ("Y",), "Y": ("X",)}


def test_a_suspension_gives_the_privilege_back_by_itself():
    index = build(
        [
            Event(1, "Grant", "PG-1", "D001", "SURGERY", "47.01", day(0), day(100)),
            Event(2, "Suspend", "", "D001", "", "", day(10), day(20), suspension="PS-1"),
        ]
    )
    before = decide(index, "D001", "SURGERY", "47.01", day(9))
    during = decide(index, "D001", "SURGERY", "47.01", day(10))
    after = decide(index, "D001", "SURGERY", "47.01", day(20))
    assert (before.allowed, before.valid_to) == (True, day(10))
    assert (during.reason, during.valid_to) == (rules.SUSPENDED, day(20))
    assert (after.allowed, after.valid_to) == (True, day(100))
    assert during.message == "The privilege is suspended until 2026-01-21 00:00"


def test_messages_name_the_bounds_only_where_there_are_any():
    index = build(
        [
            Event(1, "Grant", "PG-1", "D001", "SURGERY", "47.01", day(0)),
            Event(2, "Grant", "PG-2", "D002", "SURGERY", "47.01", day(0), day(3)),
            Event(3, "Suspend", "", "D001", "SURGERY", "", day(5), None, suspension="PS-1"),
        ]
    )
    assert decide(index, "D001", "SURGERY", "47.01", day(6)).message == "The privilege is suspended"
    assert decide(index, "D002", "SURGERY", "47.01", day(2)).message == "Authorised until 2026-01-04 00:00"
    assert decide(index, "D002", "SURGERY", "47.01", day(3)).message.endswith("expired on 2026-01-04 00:00")
    assert decide(index, "D002", "SURGERY", "47.01", day(-1)).message.endswith("effect on 2026-01-01 00:00")
    shown = decide(index, "D001", "SURGERY", "47.01", day(6)).as_dict(
        {"The privilege is suspended": "授权已暂停"}.get
    )
    assert shown == {
        "allowed": False,
        "reason": "SUSPENDED",
        "message": "授权已暂停",
        "grant": "PG-1",
        "valid_to": None,
        "version": 3,
    }


def test_every_reason_has_words():
    reasons = {value for name, value in vars(rules).items() if name == value and isinstance(value, str)}
    assert set(rules.MESSAGES) == reasons
    assert set(rules.MESSAGES_WITHOUT_BOUND) <= reasons


def test_the_entries_of_a_person_can_be_listed():
    index = build(
        [
            Event(1, "Grant", "PG-1", "D001", "ANTIMICROBIAL", "ABX_2", START),
            Event(2, "Grant", "PG-2", "D001", "SURGERY", "47.01", START),
        ]
    )
    listed = {(kind, code) for kind, code, _entry in index.grants_of("D001")}
    assert listed == {("ANTIMICROBIAL", "ABX_2"), ("ANTIMICROBIAL", "ABX_1"), ("SURGERY", "47.01")}
    assert list(index.grants_of("nobody")) == []
    assert "GRANTED PG-2" in repr(decide(index, "D001", "SURGERY", "47.01", START))
