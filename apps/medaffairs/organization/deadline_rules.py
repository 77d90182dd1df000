"""Where a running limit stands, what is told of it and when. Pure functions: nothing here touches a site.

A limit passes four marks: from `soon` on it is due soon, from `due` on it is due, from `late` on it is overdue, and at
`escalate` those above are told. A clock that rests does not run: the time of its pauses is added at the end.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from medaffairs.organization import rules

NOT_DUE, SOON, DUE, OVERDUE = "Not Due", "Due Soon", "Due", "Overdue"
PAUSED, FINISHED = "Paused", "Finished"
RUNNING = (NOT_DUE, SOON, DUE, OVERDUE)
OPEN = (*RUNNING, PAUSED)
ESCALATED = "Escalated"
#: What is told, in its order. The first three go to those who owe it, the last to those above.
STAGES = (SOON, DUE, OVERDUE, ESCALATED)
HOUR, WORKING_DAY, CALENDAR_DAY = "Hour", "Working Day", "Calendar Day"
# A limit of hours is due in its last quarter, but not longer than an hour.
LONGEST_DUE_HOURS, DUE_SHARE, SOON_SHARE = 1.0, 0.25, 0.5
DEFAULT_DAYS_BEFORE = 1

Works = Callable[[date], bool]


class Terms(NamedTuple):
    """What a time limit says: how long, in which unit, how long before its end it is due soon, when those above are told."""

    value: float
    unit: str
    remind_before: float = 0
    escalate_after: float = 0


class Marks(NamedTuple):
    """The moments of a clock, in this order."""

    soon: datetime
    due: datetime
    late: datetime
    escalate: datetime


def marks(
    started: datetime, terms: Terms, works: Works, pauses: Sequence[tuple[datetime, datetime]] = ()
) -> Marks:
    """The moments of a clock that started at a moment.

    :param pauses: when it rested, each with beginning and end
    """
    late = rules.due_at(started, terms.value + rested(terms.unit, pauses, works), terms.unit, works)
    return _before(started, late, terms, works)


def marks_until(started: datetime, last_day: date, terms: Terms, works: Works) -> Marks:
    """The moments of something that is in time up to and including a day."""
    late = datetime.combine(last_day + timedelta(days=1), time())
    return _before(started, late, terms._replace(unit=CALENDAR_DAY), works)


def _before(started: datetime, late: datetime, terms: Terms, works: Works) -> Marks:
    if terms.unit == HOUR:
        due = late - timedelta(hours=min(LONGEST_DUE_HOURS, terms.value * DUE_SHARE))
        soon = late - timedelta(hours=terms.remind_before or terms.value * SOON_SHARE)
    else:
        due = late - timedelta(days=1)
        soon = _days_back(due, terms.remind_before or DEFAULT_DAYS_BEFORE, terms.unit, works)
    escalate = late
    if terms.escalate_after:
        # A limit of days ends with midnight: the day that begins then is the first of those after it.
        last = late if terms.unit == HOUR else late - timedelta(days=1)
        escalate = rules.due_at(last, terms.escalate_after, terms.unit, works)
    due = max(due, started)
    return Marks(min(max(soon, started), due), due, late, max(escalate, late))


def _days_back(moment: datetime, days: float, unit: str, works: Works) -> datetime:
    day, left = moment.date(), math.ceil(days)
    if unit == CALENDAR_DAY:
        return datetime.combine(day - timedelta(days=left), time())
    while left > 0:
        day -= timedelta(days=1)
        left -= works(day)
    return datetime.combine(day, time())


def rested(unit: str, pauses: Iterable[tuple[datetime, datetime]], works: Works) -> float:
    """How much of its unit a clock has rested: hours by the second, days by the dates."""
    total = 0.0
    for start, end in pauses:
        if unit == HOUR:
            total += max((end - start).total_seconds(), 0) / 3600
        elif unit == CALENDAR_DAY:
            total += max((end.date() - start.date()).days, 0)
        else:
            total += rules.working_days_between(start.date(), end.date(), works)
    return total


def standing(found: Marks, now: datetime) -> str:
    """Where a running clock stands."""
    if now >= found.late:
        return OVERDUE
    if now >= found.due:
        return DUE
    return SOON if now >= found.soon else NOT_DUE


def to_tell(found: Marks, told: str, now: datetime) -> list[str]:
    """What has to be told now: of what those who owe it have to know only the last, and that those above are told.

    :param told: the last stage that was told or had passed when the clock started; empty for none
    """
    known = STAGES.index(told) if told in STAGES else -1
    reached = [stage for number, stage in enumerate(STAGES) if number > known and found[number] <= now]
    own = [stage for stage in reached if stage != ESCALATED]
    return own[-1:] + [stage for stage in reached if stage == ESCALATED]


def last_reached(found: Marks, told: str, now: datetime) -> str:
    """The last stage that is over with at a moment, told or passed by."""
    reached = [stage for stage, moment in zip(STAGES, found, strict=True) if moment <= now]
    known = STAGES.index(told) if told in STAGES else -1
    latest = STAGES.index(reached[-1]) if reached else -1
    return STAGES[max(known, latest)] if max(known, latest) >= 0 else ""


def next_at(found: Marks, told: str) -> datetime | None:
    """When there is something to tell next; None when everything was told."""
    known = STAGES.index(told) if told in STAGES else -1
    return min((moment for number, moment in enumerate(found) if number > known), default=None)


class Trigger(NamedTuple):
    """When a time limit of the table holds for a document.

    A limit without `starts_with` runs in its `state`; with it, from the moment that the field holds. `due_with` names a date of
    the document itself. It ends with the first of `ends_with` that has a value; it rests in `paused_states` and while the
    field `paused_with` holds.
    """

    state: str = ""
    starts_with: str = ""
    due_with: str = ""
    ends_with: tuple[str, ...] = ()
    condition_field: str = ""
    condition_value: str = ""
    paused_states: tuple[str, ...] = ()
    paused_with: str = ""
    end_states: tuple[str, ...] = ()


class Course(NamedTuple):
    """What a document says of a clock: whether it holds, since when, until when, whether it rests."""

    holds: bool
    since: datetime | None = None
    ended: bool = False
    ended_at: datetime | None = None
    paused: bool = False


def course(trigger: Trigger, state: str, values: Mapping[str, Any], moment: Callable[[Any], Any]) -> Course:
    """How a document's values drive a clock.

    :param moment: reads a field's value as a moment; None for what is no moment
    """
    if trigger.condition_field and not _same(values.get(trigger.condition_field), trigger.condition_value):
        return Course(False)
    if trigger.starts_with:
        since = moment(values.get(trigger.starts_with))
        holds = since is not None
    else:
        since, holds = None, bool(trigger.state or trigger.due_with)
        if trigger.state:
            holds = state in trigger.state.split("\n")
    if trigger.due_with and moment(values.get(trigger.due_with)) is None:
        holds = False
    ends = [values.get(name) for name in trigger.ends_with if values.get(name)]
    ended = bool(ends) or state in trigger.end_states
    ended_at = min((found for value in ends if (found := moment(value)) is not None), default=None)
    paused = state in trigger.paused_states or bool(
        trigger.paused_with and _holds(values.get(trigger.paused_with))
    )
    return Course(holds, since, ended, ended_at, paused)


def _same(value: Any, wanted: str) -> bool:
    return any(str(value if value is not None else "") == part for part in (wanted or "").split("\n"))


def _holds(value: Any) -> bool:
    return bool(value) and str(value) != "0"
