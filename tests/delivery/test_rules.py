"""The rules of delivery: a receiver that believes every message knows at any time what is true."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from medaffairs.integration.outbound import rules
from medaffairs.privileging.rules import Event, GrantIndex, KindSettings, decide

BASE = datetime(2026, 5, 1)
PERSON = "1001"
KINDS = (KindSettings("SURGERY"), KindSettings("ANTIMICROBIAL", implies={"ABX_2": ("ABX_1",)}))
ITEMS = (("SURGERY", "51.23"), ("SURGERY", "47.01"), ("ANTIMICROBIAL", "ABX_2"), ("ANTIMICROBIAL", "ABX_1"))


def at(hours: int) -> datetime:
    return BASE + timedelta(hours=hours)


@st.composite
def ledgers(draw) -> list[tuple[Event, int]]:
    """Events in their order, each with the hour at which it is followed."""
    events: list[tuple[Event, int]] = []
    grants: list[tuple[str, str, str]] = []
    clock = 0
    for sequence in range(1, draw(st.integers(1, 12)) + 1):
        clock += draw(st.integers(0, 12))
        start = at(clock + draw(st.integers(-20, 20)))
        end = draw(
            st.none() | st.integers(1, 40).map(lambda hours, start=start: start + timedelta(hours=hours))
        )
        kind = draw(
            st.sampled_from(["Grant", "Revoke", "Extend", "Suspend", "Resume"] if grants else ["Grant"])
        )
        if kind == "Grant":
            grants.append((f"PG-{sequence}", *draw(st.sampled_from(ITEMS))))
            event = Event(sequence, kind, *_of(grants[-1]), start, end, at(clock))
        elif kind in ("Revoke", "Extend"):
            event = Event(sequence, kind, *_of(draw(st.sampled_from(grants))), start, end, at(clock))
        else:
            scope = draw(st.sampled_from(["", "SURGERY", "ANTIMICROBIAL"]))
            name = draw(st.sampled_from(["S1", "S2"]))
            event = Event(sequence, kind, "", PERSON, scope, "", start, end, at(clock), name)
        events.append((event, clock))
    return events


def _of(grant: tuple[str, str, str]) -> tuple[str, str, str, str]:
    name, kind, code = grant
    return name, PERSON, kind, code


class Receiver:
    """Another system: it adds what PMU^B07 lists and removes what PMU^B08 lists."""

    def __init__(self) -> None:
        self.permitted: set[tuple[str, str]] = set()

    def hear(self, change: rules.Change) -> None:
        items = {(item.kind, item.code) for item in change.items}
        self.permitted = self.permitted | items if change.granted else self.permitted - items


@given(ledgers(), st.lists(st.integers(0, 150), max_size=6))
def test_a_receiver_that_believes_every_message_knows_what_is_true(ledger, more):
    """Passes of the outbox at any hours, also long after the events, leave the receiver with the truth."""
    index, receiver = GrantIndex(KINDS), Receiver()
    passes = sorted({clock for _, clock in ledger} | set(more))
    followed: list[Event] = []
    before = at(-100)
    for hour in passes:
        now = at(hour)
        points = {
            moment
            for event in followed
            for moment in (event.effective_from, event.effective_to)
            if moment and before < moment <= now
        }
        for moment in sorted(points):
            for change in rules.by_clock(index, PERSON, moment):
                receiver.hear(change)
        for event, clock in ledger:
            if clock <= hour and event not in followed:
                for change in rules.by_event(index, event, now):
                    receiver.hear(change)
                followed.append(event)
        before = now
        truth = {item for item in ITEMS if decide(index, PERSON, *item, now).allowed}
        assert receiver.permitted == truth


@given(ledgers())
def test_an_item_is_never_reported_as_held_and_not_held_at_once(ledger):
    index = GrantIndex(KINDS)
    for event, clock in ledger:
        changes = rules.by_event(index, event, at(clock))
        reported = [(item.kind, item.code) for change in changes for item in change.items]
        assert len(reported) == len(set(reported))


def test_a_revoked_grant_is_reported_although_it_rested():
    index = GrantIndex(KINDS)
    index.apply(Event(1, "Grant", "PG-1", PERSON, "SURGERY", "51.23", at(0)))
    index.apply(Event(2, "Suspend", "", PERSON, "", "", at(1), None, None, "S1"))
    (change,) = rules.by_event(index, Event(3, "Revoke", "PG-1", PERSON, "SURGERY", "51.23", at(2)), at(2))
    assert (change.granted, change.event, change.items[0].code) == (False, "Revoke", "51.23")


def test_an_extension_is_reported_with_its_new_end():
    index = GrantIndex(KINDS)
    index.apply(Event(1, "Grant", "PG-1", PERSON, "SURGERY", "51.23", at(0), at(10)))
    (change,) = rules.by_event(
        index, Event(2, "Extend", "PG-1", PERSON, "SURGERY", "51.23", at(0), at(50)), at(2)
    )
    assert (change.granted, change.items[0].expires) == (True, at(50))


def test_a_higher_grade_brings_its_lower_grades_along():
    index = GrantIndex(KINDS)
    (change,) = rules.by_event(
        index, Event(1, "Grant", "PG-1", PERSON, "ANTIMICROBIAL", "ABX_2", at(0)), at(0)
    )
    assert {item.code for item in change.items} == {"ABX_1", "ABX_2"}


def test_a_system_hears_of_the_kinds_it_asked_for_only():
    index = GrantIndex(KINDS)
    (change,) = rules.by_event(index, Event(1, "Grant", "PG-1", PERSON, "SURGERY", "51.23", at(0)), at(0))
    assert rules.only_kinds(change, ["ANTIMICROBIAL"]) is None
    assert rules.only_kinds(change, ["SURGERY"]) == rules.only_kinds(change, []) == change


@given(st.integers(1, 10_000), st.floats(0.1, 60), st.floats(0.1, 3600))
def test_pauses_grow_up_to_a_limit(attempts, first, longest):
    pause = rules.retry_delay(attempts, first, longest)
    assert first <= pause <= max(first, longest)
    assert pause <= rules.retry_delay(attempts + 1, first, longest)
    assert [rules.retry_delay(number, 5, 60) for number in range(1, 7)] == [5, 10, 20, 40, 60, 60]


CODES = st.sampled_from(["AA", "AE", "AR", "CA", "CE", "CR", "", "XX"])


@given(
    CODES,
    st.sampled_from(["X1", "X2", ""]),
    st.booleans(),
    st.sampled_from(list(rules.ACKNOWLEDGEMENT_TYPES)),
)
def test_only_a_positive_answer_about_our_message_counts(code, control_id, committed, mode):
    outcome = rules.judge(rules.Answer(code, control_id, "words"), "X1", committed, mode)
    if outcome and outcome.status == rules.ACKNOWLEDGED:
        assert (code in ("AA", "CA"), control_id) == (True, "X1")
    if control_id != "X1":
        assert outcome.hang_up
        assert outcome.status == rules.RETRYING


def test_settings_that_cannot_work_name_their_field():
    good = {"direction": "Outbound", "enabled": 1, "host": "10.1.2.3", "port": 6661, "ack_timeout": 10,
            "retry_seconds": 5, "retry_limit_seconds": 300}  # fmt: skip
    assert rules.endpoint_faults(good) == []
    assert rules.endpoint_faults(good | {"host": "fe80::1"}) == []
    for field, value in (
        ("host", ""), ("host", "http://his/"), ("host", "a b"), ("port", 0), ("port", 70000), ("ack_timeout", -1),
        ("retry_seconds", 0), ("retry_limit_seconds", 10**6),
    ):  # fmt: skip
        assert field in {name for name, _ in rules.endpoint_faults(good | {field: value})}, (field, value)


def test_the_monitor_s_state_says_what_is_the_matter():
    now = at(0)
    common = {"now": now, "queued_at": now}
    head = {"status": rules.QUEUED}
    assert rules.state_of(enabled=False, paused=False, head=head, **common) == "Disabled"
    assert rules.state_of(enabled=True, paused=True, head=head, **common) == "Paused"
    assert rules.state_of(enabled=True, paused=False, head=None, **common) == "Idle"
    assert rules.state_of(enabled=True, paused=False, head=head, **common) == "Sending"
    assert rules.state_of(enabled=True, paused=False, head={"status": rules.RETRYING}, **common) == "Retrying"
    long_ago = {"now": now, "queued_at": now - timedelta(minutes=5)}
    assert rules.state_of(enabled=True, paused=False, head=head, **long_ago) == "Not Running"
