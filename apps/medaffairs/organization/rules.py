"""What the organization's records mean: names in pinyin, titles over time, dates, licences, heads.

Pure functions: plain values in, plain values or a `RuleError` with an English source string out. The
controllers translate the message; nothing here touches a site.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from pypinyin import Style, lazy_pinyin

TITLE_LEVELS = ("Assistant", "Junior", "Intermediate", "Associate Senior", "Senior")
MAX_PINYIN = 140


class RuleError(Exception):
    """A rule that a record breaks: the message's source string, its arguments, and the field at fault."""

    def __init__(self, message: str, arguments: tuple = (), field: str = "") -> None:
        super().__init__(message.format(*arguments))
        self.message = message
        self.arguments = arguments
        self.field = field


@lru_cache(maxsize=20_000)
def pinyin(text: str) -> str:
    """The text in toneless pinyin, lower case, without blanks: `张三` → `zhangsan`; at most 140 characters."""
    return "".join(lazy_pinyin(text or "")).replace(" ", "").lower()[:MAX_PINYIN]


@lru_cache(maxsize=20_000)
def initials(text: str) -> str:
    """The first letters a clerk types to find the text: `张三` → `zs`, `CT室` → `cts`."""
    return "".join(lazy_pinyin(text or "", style=Style.FIRST_LETTER)).replace(" ", "").lower()[:MAX_PINYIN]


def current_title(history: Iterable[Mapping], on: date) -> Mapping | None:
    """The row of a title history that holds on a day: the latest that has begun and not ended.

    A row is a mapping with `title`, `from_date` and `to_date` (dates; `to_date` may be empty and is the
    last day on which the title holds).
    """
    held = [row for row in history if row["from_date"] <= on and (not row["to_date"] or row["to_date"] >= on)]
    return max(held, key=lambda row: row["from_date"], default=None)


def check_title_history(history: Sequence[Mapping]) -> None:
    """Raise `RuleError` when a row ends before it begins or two rows begin on one day."""
    seen: set[date] = set()
    for number, row in enumerate(history, 1):
        if row["to_date"] and row["to_date"] < row["from_date"]:
            raise RuleError("Row {0} of the title history ends before it begins", (number,), "title_history")
        if row["from_date"] in seen:
            raise RuleError("Two titles in the history begin on {0}", (row["from_date"],), "title_history")
        seen.add(row["from_date"])


def check_not_future(values: Iterable[tuple[str, date | None]], today: date) -> None:
    """Raise `RuleError` when one of the (label, date) pairs lies after today."""
    for label, value in values:
        if value and value > today:
            raise RuleError("{0} must not lie in the future", (label,))


def check_order(earlier: tuple[str, date | None], later: tuple[str, date | None]) -> None:
    """Raise `RuleError` when the second of two (label, date) pairs lies before the first."""
    if earlier[1] and later[1] and later[1] < earlier[1]:
        raise RuleError("{0} must not lie before {1}", (later[0], earlier[0]))


def licence_valid(valid_to: date | None, on: date) -> bool:
    """Whether a practice licence holds on a day; one without an end date holds until it is withdrawn."""
    return valid_to is None or valid_to >= on


def title_at_least(level: str | None, required: str) -> bool:
    """Whether a title level reaches another, by `TITLE_LEVELS`; an unknown level reaches nothing."""
    if level not in TITLE_LEVELS:
        return False
    return TITLE_LEVELS.index(level) >= TITLE_LEVELS.index(required)


def delegation_holds(from_time, to_time, at) -> bool:
    """Whether a delegation holds at a moment; the period includes its start and excludes its end."""
    return from_time <= at < to_time


def check_members(members: Sequence[Mapping]) -> None:
    """Raise `RuleError` when a committee names somebody twice, has two chairs or a reversed period."""
    seen: set[str] = set()
    chairs = 0
    for number, row in enumerate(members, 1):
        if row["practitioner"] in seen:
            raise RuleError("Row {0} names a member twice: {1}", (number, row["practitioner"]), "members")
        seen.add(row["practitioner"])
        if row.get("from_date") and row.get("to_date") and row["to_date"] < row["from_date"]:
            raise RuleError("Row {0} ends before it begins", (number,), "members")
        chairs += row.get("member_role") == "Chair"
    if chairs > 1:
        raise RuleError("A committee has one chair", (), "members")


def due_at(since: datetime, value: float, unit: str, is_working_day: Callable[[date], bool]) -> datetime:
    """The moment from which something that began at `since` is late.

    Hours run from the moment itself. Days are counted from the day after and end with the day (民法典第201条),
    so that what is late is late at midnight; working days skip what `is_working_day` calls a day off.

    :param value: how many of the unit; a part of a day counts as a whole one
    :param unit: `Hour`, `Working Day` or `Calendar Day`
    """
    if unit == "Hour":
        return since + timedelta(hours=value)
    day, left = since.date(), max(math.ceil(value), 0)
    if unit == "Calendar Day":
        day += timedelta(days=left)
    else:
        while left:
            day += timedelta(days=1)
            left -= is_working_day(day)
    return datetime.combine(day + timedelta(days=1), time())


def working_days_between(start: date, end: date, is_working_day: Callable[[date], bool]) -> int:
    """Working days after `start` up to and including `end`; 0 when the end does not lie after the start."""
    return sum(is_working_day(start + timedelta(days=number + 1)) for number in range((end - start).days))


def check_percent(label: str, value: float | None) -> None:
    """Raise `RuleError` when a share is not above 0 and at most 100 percent."""
    if value is None or not 0 < value <= 100:
        raise RuleError("{0} must be above 0 and at most 100", (label,))


def describes_department(head: str | None, secretary: str | None, practitioner: str) -> set[str]:
    """Which leading posts a practitioner holds in a department: any of `head`, `party_secretary`."""
    posts = set()
    if head and head == practitioner:
        posts.add("head")
    if secretary and secretary == practitioner:
        posts.add("party_secretary")
    return posts
