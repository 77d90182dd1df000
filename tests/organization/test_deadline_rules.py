"""A running limit's marks, what is told of it and how a document drives it: pure rules, over random histories."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from medaffairs.organization import deadline_rules as rules
from medaffairs.organization.deadline_rules import Terms, Trigger

START = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1)).map(lambda at: at.replace(microsecond=0))
TERMS = st.builds(
    Terms, st.floats(0.25, 60, width=16), st.sampled_from(("Hour", "Working Day", "Calendar Day")),
    st.floats(0, 20, width=16), st.floats(0, 10, width=16),
)  # fmt: skip


def works(day: date) -> bool:
    return day.weekday() < 5


@given(START, TERMS)
def test_a_clock_passes_its_marks_in_their_order(start, terms):
    found = rules.marks(start, terms, works)
    assert start <= found.soon <= found.due <= found.late <= found.escalate


@given(START, TERMS, st.floats(-10, 200))
def test_a_clock_never_goes_back(start, terms, days):
    found, moment = rules.marks(start, terms, works), start + timedelta(days=days)
    order = rules.RUNNING
    assert order.index(rules.standing(found, moment)) <= order.index(
        rules.standing(found, moment + timedelta(hours=7))
    )
    assert (rules.standing(found, moment) == "Overdue") == (moment >= found.late)


@given(START, TERMS, st.lists(st.floats(0, 150), max_size=12))
def test_however_often_the_job_runs_each_stage_is_told_once_and_those_above_never_too_early(
    start, terms, runs
):
    found = rules.marks(start, terms, works)
    told, said = rules.last_reached(found, "", start), []
    for days in sorted(runs):
        now = start + timedelta(days=days)
        stages = rules.to_tell(found, told, now)
        said += stages
        assert all(found[rules.STAGES.index(stage)] <= now for stage in stages)
        told = rules.last_reached(found, told, now)
        following = rules.next_at(found, told)
        assert following is None or following > now
        assert rules.to_tell(found, told, now) == []
    assert len(said) == len(set(said))
    if runs and start + timedelta(days=max(runs)) >= found.escalate:
        assert said[-1] == "Escalated"
        assert "Overdue" in said or found.late <= start


@given(START, TERMS, st.floats(0, 30), st.floats(0, 30))
def test_a_rest_only_puts_off(start, terms, after, length):
    begin = start + timedelta(days=after)
    end = begin + timedelta(days=length)
    assert rules.marks(start, terms, works, [(begin, end)]).late >= rules.marks(start, terms, works).late
    assert rules.marks(start, terms, works, [(begin, begin)]) == rules.marks(start, terms, works)


def test_thirty_working_days_do_not_count_the_weeks_of_an_appraisal():
    monday, terms = datetime(2026, 3, 2, 9), Terms(30, "Working Day")
    rest = (datetime(2026, 3, 9, 8), datetime(2026, 3, 23, 8))
    assert rules.marks(monday, terms, works).late == datetime(2026, 4, 14)
    assert rules.marks(monday, terms, works, [rest]).late == datetime(2026, 4, 28)


def test_marks_of_days_and_hours():
    friday = datetime(2026, 5, 22, 10, 30)
    days = rules.marks(friday, Terms(5, "Working Day", 2, 1), works)
    assert days == (datetime(2026, 5, 27), datetime(2026, 5, 29), datetime(2026, 5, 30), datetime(2026, 6, 2))
    hours = rules.marks(friday, Terms(48, "Hour"), works)
    assert hours == (
        datetime(2026, 5, 23, 10, 30), datetime(2026, 5, 24, 9, 30), datetime(2026, 5, 24, 10, 30), datetime(2026, 5, 24, 10, 30),
    )  # fmt: skip


def test_a_day_that_a_document_names_belongs_to_it():
    found = rules.marks_until(datetime(2026, 5, 1, 8), date(2026, 5, 20), Terms(0, "Calendar Day", 3), works)
    assert found[:3] == (datetime(2026, 5, 17), datetime(2026, 5, 20), datetime(2026, 5, 21))


def as_moment(value):
    return value if isinstance(value, datetime) else None


def course(trigger: Trigger, state: str = "", **values: object):
    return rules.course(trigger, state, values, as_moment)


def test_what_starts_and_ends_a_clock():
    at = datetime(2026, 1, 5, 9)
    reply = Trigger(
        starts_with="received", ends_with=("replied", "refused"), condition_field="wide", condition_value="0"
    )
    assert not course(reply, wide=0).holds
    assert course(reply, wide=0, received=at)[:3] == (True, at, False)
    assert not course(reply, wide=1, received=at).holds
    assert course(reply, wide=0, received=at, refused=at + timedelta(1))[2:4] == (True, at + timedelta(1))
    in_state = Trigger(state="Open\nReturned", paused_with="appraisal", end_states=("Closed",))
    assert course(in_state, "Open").holds and course(in_state, "Returned").holds
    assert not course(in_state, "Draft").holds
    assert course(in_state, "Open", appraisal=1).paused and not course(in_state, "Open", appraisal=0).paused
    assert course(in_state, "Closed").ended
    assert not course(Trigger()).holds
