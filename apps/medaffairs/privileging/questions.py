"""What may be asked at any door, and what is wrong with a question. Pure: both doors read questions here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any, NamedTuple

from medaffairs.organization.rules import RuleError

MOST_AT_ONCE = 1000
LONGEST_TEXT = 140
EARLIEST, LATEST = 1900, 2999
MANDATORY = ("practitioner", "kind", "code")
TEXTS = (*MANDATORY, "department", "source")
SWITCHES = ("emergency", "record")
YES, NO = ("1", "true", "True", "yes"), ("", "0", "false", "False", "no")
# In an address "+" stands for a blank: "08:32:00+08:00" that was not escaped arrives as "08:32:00 08:00".
LOST_PLUS = re.compile(r"(:\d\d(?:\.\d+)?) (\d\d:?\d\d)$")
CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


class Question(NamedTuple):
    """May this practitioner do this at that moment? Times are naive, in the hospital's time zone."""

    practitioner: str
    kind: str
    code: str
    at: datetime
    as_of: datetime | None = None
    emergency: bool = False
    record: bool = False
    department: str = ""
    source: str = ""


def parse(entry: Mapping[str, Any], now: datetime, zone: tzinfo) -> Question:
    """A question from what a client sent; `at` is `now` when it is left out.

    :raises RuleError: naming the field, when one is missing, unknown or not what it should be
    """
    for name in entry:
        if name not in Question._fields:
            raise RuleError("Unknown field: {0}", (_shown(name),), "?")
    texts = {name: _text(name, entry.get(name)) for name in TEXTS if name in entry}
    for name in MANDATORY:
        if not texts.get(name):
            raise RuleError("{0} is missing", (name,), name)
    return Question(
        **texts,
        at=_moment("at", entry.get("at"), zone) or now,
        as_of=_moment("as_of", entry.get("as_of"), zone),
        **{name: _switch(name, entry.get(name)) for name in SWITCHES if name in entry},
    )


def parse_all(entries: Any, now: datetime, zone: tzinfo) -> list[Question]:
    """Many questions, in their order.

    :raises RuleError: naming row (from 1) and field
    """
    if not isinstance(entries, list):
        raise RuleError("A list of questions is expected")
    if len(entries) > MOST_AT_ONCE:
        raise RuleError("At most {0} questions at once", (MOST_AT_ONCE,))
    questions = []
    for row, entry in enumerate(entries, start=1):
        if not isinstance(entry, Mapping):
            raise RowError(row, RuleError("an object with fields is expected"))
        try:
            questions.append(parse(entry, now, zone))
        except RuleError as broken:
            raise RowError(row, broken) from broken
    return questions


class RowError(RuleError):
    """What is wrong with one of many questions."""

    def __init__(self, row: int, broken: RuleError) -> None:
        super().__init__("Question {0}: {1}", (row, str(broken)), broken.field)
        self.row, self.broken = row, broken


def moment(text: str, zone: tzinfo) -> datetime:
    """An ISO 8601 time as a naive one in a zone; one that names its own zone is converted.

    :raises ValueError: when it is not a time, or further away than anybody means
    """
    text = LOST_PLUS.sub(r"\1+\2", text.strip())
    value = datetime.fromisoformat(f"{text[:-1]}+00:00" if text[-1:] in ("Z", "z") else text)
    if not EARLIEST <= value.year <= LATEST:
        raise ValueError(text)
    return value.astimezone(zone).replace(tzinfo=None) if value.tzinfo else value


def _moment(name: str, value: Any, zone: tzinfo) -> datetime | None:
    if value is None or value == "":
        return None
    try:
        if not isinstance(value, str):
            raise ValueError(value)
        return moment(value, zone)
    except (ValueError, OverflowError):
        raise RuleError("{0} is not a date and time: {1}", (name, _shown(value)), name) from None


def _text(name: str, value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise RuleError("{0} must be text: {1}", (name, _shown(value)), name)
    if len(value) > LONGEST_TEXT:
        raise RuleError("{0} is longer than {1} characters", (name, LONGEST_TEXT), name)
    if CONTROL.search(value):
        raise RuleError("{0} holds characters that are not allowed", (name,), name)
    return value


def _switch(name: str, value: Any) -> bool:
    if value is None or value is False or value in NO or value == 0:
        return False
    if value is True or value in YES or value == 1:
        return True
    raise RuleError("{0} must be 0 or 1: {1}", (name, _shown(value)), name)


def _shown(value: Any) -> str:
    return CONTROL.sub("?", str(value))[:40]
