"""Time limits: hours, calendar days and working days of the Chinese calendar."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import frappe
from hypothesis import given
from hypothesis import strategies as st

from medaffairs.organization import clock
from medaffairs.organization.rules import due_at


def weekday(day: date) -> bool:
    return day.weekday() < 5


def test_a_limit_of_days_ends_with_its_last_day() -> None:
    friday = datetime(2026, 5, 22, 10, 30)
    assert due_at(friday, 3, "Working Day", weekday) == datetime(2026, 5, 28)
    assert due_at(friday, 3, "Calendar Day", weekday) == datetime(2026, 5, 26)
    assert due_at(friday, 6, "Hour", weekday) == datetime(2026, 5, 22, 16, 30)


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),
    st.integers(1, 40),
    st.sets(st.integers(0, 6), max_size=6),
)
def test_as_many_working_days_lie_before_the_end_as_the_limit_says(start, limit, off) -> None:
    def works(day: date) -> bool:
        return day.weekday() not in off

    end = due_at(start, limit, "Working Day", works)
    days = [start.date() + timedelta(days=n) for n in range(1, (end.date() - start.date()).days)]
    assert sum(map(works, days)) == limit and works(days[-1])


def test_holidays_shifted_days_and_the_hospitals_own_days_count(site) -> None:
    works = clock.working_days()
    assert not works(date(2025, 10, 1))
    assert works(date(2025, 9, 28))
    frappe.get_doc(
        doctype="Working Day Override", date="2025-10-01", is_working_day=1, reason="防汛值守"
    ).insert()
    assert clock.working_days()(date(2025, 10, 1))
    assert [works(date(2099, 1, day)) for day in (2, 3)] == [True, False]


def test_a_state_without_a_limit_is_never_late(site) -> None:
    limits, monday = clock.limits("Privilege Application"), datetime(2025, 6, 2, 8)
    works = clock.working_days()
    assert clock.due_at(monday, limits.get("Draft"), works) is None
    assert clock.due_at(monday, limits["Department Review"], works) == datetime(2025, 6, 6)
