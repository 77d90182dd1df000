"""What follows from demerit records: cycles, totals and penalties. Pure functions of records and rules.

Totals are never counted up or down: they follow from the records that stand now, so that the order in which records were confirmed,
overturned or rules changed leaves no trace in what is due.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

SINGLE, CYCLE = "Single Offence", "Cycle"

DRAFT, ISSUED, REVIEW = "Draft", "Notice Issued", "Under Review"
CONFIRMED, DISMISSED, OVERTURNED = "Confirmed", "Dismissed", "Overturned"
OPEN_STATES = (DRAFT, ISSUED, REVIEW)

NOT_ISSUED, PENALTY_ISSUED, ENDED, OTHER = "Not Issued", "Issued", "Ended", "Other Handling"
# What lost its ground after somebody had been told of it.
REVOKED = "Revoked"


class Record(NamedTuple):
    """A confirmed demerit record."""

    name: str
    practitioner: str
    points: float
    occurred: date


class Rule(NamedTuple):
    """When a penalty is due: from `least` points on, up to `most` (None: without an upper end).

    It holds for offences from `begins` to `ends` (a cycle counts by its last day); None: always.
    """

    name: str
    scope: str
    least: float
    most: float | None = None
    begins: date | None = None
    ends: date | None = None

    def fits(self, points: float) -> bool:
        """Whether so many points are within the rule."""
        return tenths(points) >= tenths(self.least) and (
            self.most is None or tenths(points) <= tenths(self.most)
        )

    def holds_on(self, day: date) -> bool:
        """Whether the rule is in force on a day."""
        return (self.begins is None or self.begins <= day) and (self.ends is None or day <= self.ends)


class Cycle(NamedTuple):
    """A period over which points are added up; both days belong to it."""

    first: date
    last: date


class Due(NamedTuple):
    """A penalty that is due. `key` is the same whenever it is computed."""

    key: str
    scope: str
    practitioner: str
    rule: str
    points: float
    records: tuple[str, ...]
    cycle: Cycle | None = None


def tenths(points: float) -> int:
    """Points as a whole number of tenths, which add up without error."""
    return round(points * 10)


def cycle_of(day: date, months: int, start: date) -> Cycle:
    """The cycle that a day belongs to: so many months, counted from a start that may lie before or after.

    :param months: 12 is a year (a calendar year from 1 January), 36 the cycle of the periodic assessment (医师法 art. 42)
    """
    if months < 1:
        raise ValueError("a cycle has at least one month")
    passed = (
        (day.year - start.year) * 12
        + day.month
        - start.month
        - (day.day < _day_in(start, day.year, day.month))
    )
    first = _months_later(start, passed // months * months)
    return Cycle(first, _months_later(start, passed // months * months + months) - timedelta(days=1))


def _months_later(start: date, months: int) -> date:
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, _day_in(start, year, month + 1))


def _day_in(start: date, year: int, month: int) -> int:
    """The start's day in a month, or its last day where the month is shorter."""
    following = date(year + month // 12, month % 12 + 1, 1)
    return min(start.day, (following - timedelta(days=1)).day)


def single_rule(points: float, day: date, rules: Iterable[Rule]) -> Rule | None:
    """The rule of a single offence: of those that fit the one with most points, then the first by name."""
    fitting = [rule for rule in rules if rule.scope == SINGLE and rule.fits(points) and rule.holds_on(day)]
    return min(fitting, key=lambda rule: (-tenths(rule.least), rule.name), default=None)


def penalties(records: Iterable[Record], rules: Sequence[Rule], months: int, start: date) -> dict[str, Due]:
    """All penalties that are due, by key: at most one per record, and one per practitioner, cycle and rule that fits.

    A cycle's penalty is linked with all records of the cycle.
    """
    due: dict[str, Due] = {}
    cycles: dict[tuple[str, Cycle], list[Record]] = {}
    for record in records:
        rule = single_rule(record.points, record.occurred, rules)
        if rule:
            key = f"single|{record.name}"
            due[key] = Due(key, SINGLE, record.practitioner, rule.name, record.points, (record.name,))
        cycles.setdefault((record.practitioner, cycle_of(record.occurred, months, start)), []).append(record)
    for (practitioner, cycle), members in cycles.items():
        total = sum(tenths(record.points) for record in members) / 10
        names = tuple(sorted(record.name for record in members))
        for rule in rules:
            if rule.scope == CYCLE and rule.fits(total) and rule.holds_on(cycle.last):
                key = f"cycle|{practitioner}|{cycle.first.isoformat()}|{rule.name}"
                due[key] = Due(key, CYCLE, practitioner, rule.name, total, names, cycle)
    return due


def ranked(rows: Iterable[tuple[str, float, int]]) -> list[tuple[int, str, float, int]]:
    """Who has most points first: (place, key, points, records); equals share a place, nobody without points is listed."""
    listed = sorted((row for row in rows if tenths(row[1]) > 0), key=lambda row: (-tenths(row[1]), row[0]))
    found: list[tuple[int, str, float, int]] = []
    for number, (key, points, count) in enumerate(listed, start=1):
        same = found and tenths(found[-1][2]) == tenths(points)
        found.append((found[-1][0] if same else number, key, points, count))
    return found
