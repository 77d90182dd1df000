"""What figures of adverse events mean: shares, control limits, rates, bed-days. Pure functions.

Rates are per 1,000 occupied bed-days (nights) and per 100 open beds and year; limits are those of a u-chart (Poisson counts over
unequal exposures), three standard deviations wide, or of a c-chart where no exposure is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from math import sqrt
from typing import NamedTuple

PER_BED_DAYS, PER_BEDS, DAYS_OF_A_YEAR = 1_000, 100, 365
# So many points in a row on one side of the centre are no chance (Nelson's second rule).
RUN = 8
VITAL_FEW = 80.0


class Slice(NamedTuple):
    """A group of events in a Pareto analysis: its count, its share and the share of all groups up to it, in percent."""

    key: str
    count: int
    share: float
    cumulative: float
    vital: bool


class Point(NamedTuple):
    """A period of a control chart: rate and limits are per unit of exposure; `signal` says why it is no chance."""

    label: str
    count: int
    exposure: float
    rate: float
    centre: float
    lower: float
    upper: float
    signal: str = ""


def pareto(counts: Mapping[str, int]) -> list[Slice]:
    """Groups by their counts, the largest first; those that make up the first 80 % are the vital few."""
    total = sum(counts.values())
    found, sum_so_far = [], 0
    for key, count in sorted(counts.items(), key=lambda row: (-row[1], row[0])):
        if count <= 0:
            continue
        vital = 100 * sum_so_far / total < VITAL_FEW
        sum_so_far += count
        found.append(
            Slice(key, count, round(100 * count / total, 1), round(100 * sum_so_far / total, 1), vital)
        )
    return found


def control_chart(rows: Sequence[tuple[str, int, float]]) -> list[Point]:
    """Counts over exposures with centre and limits; periods without exposure are left out of both.

    :param rows: label, count and exposure (bed-days / 1,000; 1 for a plain c-chart) of each period in order
    """
    measured = [row for row in rows if row[2] > 0]
    exposed = sum(exposure for _, _, exposure in measured)
    centre = sum(count for _, count, _ in measured) / exposed if exposed else 0.0
    points = []
    for label, count, exposure in measured:
        width = 3 * sqrt(centre / exposure)
        point = Point(
            label, count, exposure, count / exposure, centre, max(0.0, centre - width), centre + width
        )
        points.append(point._replace(signal=_outside(point)))
    for index in _runs([point.rate - centre for point in points]):
        if not points[index].signal:
            points[index] = points[index]._replace(signal="Run")
    return points


def _outside(point: Point) -> str:
    if point.rate > point.upper:
        return "Above"
    return "Below" if point.rate < point.lower else ""


def _runs(differences: Sequence[float]) -> set[int]:
    """Places of points that belong to a run of at least eight on one side of the centre."""
    found: set[int] = set()
    begin = 0
    for index, difference in enumerate(differences):
        if difference == 0 or (index > begin and difference * differences[begin] <= 0):
            begin = index + 1 if difference == 0 else index
        if index - begin + 1 >= RUN:
            found.update(range(begin, index + 1))
    return found


def nights(
    before: int, admitted: Mapping[date, int], discharged: Mapping[date, int], first: date, last: date
) -> dict[date, int]:
    """Patients in bed at the end of each day of a period.

    :param before: patients in bed at the end of the day before the first
    :param admitted: admissions by day
    :param discharged: discharges by day
    """
    found, census, day = {}, before, first
    while day <= last:
        census += admitted.get(day, 0) - discharged.get(day, 0)
        found[day] = max(census, 0)
        day += timedelta(days=1)
    return found


def by_month(days: Mapping[date, int]) -> dict[str, int]:
    """Sums of days by month, `2026-05`."""
    found: dict[str, int] = {}
    for day, count in days.items():
        key = f"{day:%Y-%m}"
        found[key] = found.get(key, 0) + count
    return found


def months(first: date, last: date) -> list[str]:
    """The months that a period touches."""
    found, year, month = [], first.year, first.month
    while (year, month) <= (last.year, last.month):
        found.append(f"{year:04d}-{month:02d}")
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return found


def whole_months(first: date, last: date) -> list[str]:
    """The months that lie in a period from their first to their last day."""
    found = months(first, last)
    following = last + timedelta(days=1)
    begin = 0 if first.day == 1 else 1
    return found[begin : len(found) if following.day == 1 else -1]


def per_bed_days(events: int, bed_days: int) -> float | None:
    """Events per 1,000 bed-days; None without bed-days."""
    return round(PER_BED_DAYS * events / bed_days, 2) if bed_days else None


def overall_rate(events: Mapping[str, int], days: Mapping[str, int]) -> float | None:
    """Events per 1,000 bed-days of the months whose bed-days are known; events of other months do not count in it."""
    known = [month for month, count in days.items() if count > 0]
    return per_bed_days(sum(events.get(month, 0) for month in known), sum(days[month] for month in known))


def per_beds(events: int, beds: int, days: int) -> float | None:
    """Events per 100 open beds and year; None without beds."""
    if beds <= 0 or days <= 0:
        return None
    return round(PER_BEDS * events / beds * DAYS_OF_A_YEAR / days, 2)


def median(values: Iterable[float]) -> float | None:
    """The middle of some numbers; None of none."""
    ordered = sorted(values)
    if not ordered:
        return None
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
