"""Scoring against a naive oracle: whatever happened in whatever order, what is due follows from what stands."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medaffairs.demerit import rules
from medaffairs.demerit.rules import CYCLE, SINGLE, Record, Rule, cycle_of, penalties

DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))
POINTS = st.sampled_from([0.5, 1, 2, 4, 6, 12])
STARTS = st.dates(date(2018, 1, 1), date(2028, 12, 31))
MONTHS = st.sampled_from([1, 3, 6, 12, 24, 36])
PEOPLE = ("D1", "D2", "D3")


@st.composite
def records(draw):
    """Confirmed records of a few people."""
    rows = draw(st.lists(st.tuples(st.sampled_from(PEOPLE), POINTS, DAYS), max_size=12))
    return [Record(f"DR-{number}", *row) for number, row in enumerate(rows)]


@st.composite
def rule_sets(draw):
    """Rules that overlap, leave gaps and begin and end."""
    made = []
    for number in range(draw(st.integers(0, 6))):
        least = draw(POINTS)
        most = draw(st.none() | st.integers(0, 8).map(lambda more, least=least: least + more))
        begins, ends = draw(st.none() | DAYS), draw(st.none() | DAYS)
        made.append(Rule(f"R{number}", draw(st.sampled_from([SINGLE, CYCLE])), least, most, begins, ends))
    return made


def naive_cycle(day: date, months: int, start: date) -> tuple[date, date]:
    """Walks month by month until the day is inside."""

    def moved(count: int) -> date:
        index = start.year * 12 + start.month - 1 + count
        year, month = index // 12, index % 12 + 1
        for last in (31, 30, 29, 28):
            try:
                return date(year, month, min(start.day, last))
            except ValueError:
                continue
        raise AssertionError

    step = -204 // months * months
    while moved(step + months) <= day:
        step += months
    return moved(step), moved(step + months) - timedelta(days=1)


def naive(rows, rule_rows, months, start):
    """What a clerk would do with paper: look at each record, then add up each person's periods."""
    found = set()
    for row in rows:
        best = None
        for rule in rule_rows:
            inside = (rule.begins or date.min) <= row.occurred <= (rule.ends or date.max)
            fits = rule.least <= row.points and (rule.most is None or row.points <= rule.most)
            if (
                rule.scope == SINGLE
                and inside
                and fits
                and (
                    best is None
                    or rule.least > best.least
                    or (rule.least == best.least and rule.name < best.name)
                )
            ):
                best = rule
        if best:
            found.add((SINGLE, row.practitioner, best.name, row.points, (row.name,), None))
    for person in PEOPLE:
        own = [row for row in rows if row.practitioner == person]
        for first, last in {naive_cycle(row.occurred, months, start) for row in own}:
            members = [row for row in own if first <= row.occurred <= last]
            total = sum(row.points for row in members)
            for rule in rule_rows:
                inside = (rule.begins or date.min) <= last <= (rule.ends or date.max)
                if (
                    rule.scope == CYCLE
                    and inside
                    and rule.least <= total
                    and (rule.most is None or total <= rule.most)
                ):
                    names = tuple(sorted(row.name for row in members))
                    found.add((CYCLE, person, rule.name, total, names, (first, last)))
    return found


@settings(max_examples=150)
@given(records(), rule_sets(), MONTHS, STARTS)
def test_what_is_due_is_what_a_clerk_would_find(rows, rule_rows, months, start):
    due = penalties(rows, rule_rows, months, start)
    assert {
        (
            one.scope,
            one.practitioner,
            one.rule,
            one.points,
            one.records,
            tuple(one.cycle) if one.cycle else None,
        )
        for one in due.values()
    } == naive(rows, rule_rows, months, start)


@given(records(), rule_sets(), MONTHS, STARTS, st.randoms())
def test_the_order_of_records_and_rules_leaves_no_trace(rows, rule_rows, months, start, random):
    mixed, mixed_rules = random.sample(rows, len(rows)), random.sample(rule_rows, len(rule_rows))
    assert penalties(mixed, mixed_rules, months, start) == penalties(rows, rule_rows, months, start)


@given(records(), rule_sets(), MONTHS, STARTS)
def test_a_record_has_one_penalty_of_its_own_at_most(rows, rule_rows, months, start):
    singles = [
        one.records for one in penalties(rows, rule_rows, months, start).values() if one.scope == SINGLE
    ]
    assert len(singles) == len(set(singles)) and all(len(names) == 1 for names in singles)


@given(DAYS, MONTHS, STARTS)
def test_cycles_cover_every_day_once(day, months, start):
    first, last = cycle_of(day, months, start)
    assert (first, last) == naive_cycle(day, months, start)
    assert first <= day <= last
    assert cycle_of(last + timedelta(days=1), months, start).first == last + timedelta(days=1)
    assert cycle_of(first, months, start) == cycle_of(last, months, start) == (first, last)


def test_a_calendar_year():
    assert cycle_of(date(2026, 12, 31), 12, date(2020, 1, 1)) == (date(2026, 1, 1), date(2026, 12, 31))
    assert cycle_of(date(2019, 6, 1), 12, date(2020, 1, 1)) == (date(2019, 1, 1), date(2019, 12, 31))


def test_a_cycle_without_months_is_refused():
    with pytest.raises(ValueError):
        cycle_of(date(2026, 1, 1), 0, date(2020, 1, 1))


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=3),
        st.tuples(st.sampled_from([0, 0.04, 0.5, 1, 2.5, 6]), st.integers(1, 9)),
    )
)
def test_rankings_list_only_those_with_points_and_equals_share_a_place(people):
    found = rules.ranked([(key, points, count) for key, (points, count) in people.items()])
    assert {key for _, key, _, _ in found} == {key for key, (points, _) in people.items() if points >= 0.1}
    for place, _, points, _ in found:
        assert place == 1 + sum(other > points for _, _, other, _ in found)
