"""What a form decides without a site: which questions are asked, what their answers mean, what they score.

A form is an ordered list of questions. A question may depend on earlier ones alone, so that one walk from the first to
the last knows what is asked: answers to questions that are not asked are dropped and count nowhere. Values are typed:
text, `Decimal`, `date`, `datetime`, 1 or 0 for yes or no, lists of texts (choices, files), lists of rows (tables).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from medaffairs.forms.expression import holds
from medaffairs.organization.rules import RuleError

TEXT, LONG_TEXT, NUMBER, DATE, DATETIME = "Text", "Long Text", "Number", "Date", "Datetime"
SELECT, MULTI, YES_NO, SCORE, TABLE, FILE = "Select", "Multi Select", "Yes/No", "Score", "Table", "File"
STAFF, DEPARTMENT = "Staff", "Department"
TYPES = (
    TEXT, LONG_TEXT, NUMBER, DATE, DATETIME, SELECT, MULTI, YES_NO, SCORE, TABLE, FILE, STAFF, DEPARTMENT,
)  # fmt: skip
DRAFT, COMPLETED = "Draft", "Completed"
IN_FORCE, RETIRED = "In Force", "Retired"

# Bounds that hold where a template names none: letters, rows, files.
MOST = {TEXT: 500, LONG_TEXT: 10_000, TABLE: 100, FILE: 9}
CODE = re.compile(r"[a-z][a-z0-9_]{0,59}", re.ASCII)
RESERVED = frozenset({"doc", "parent", "true", "false", "null", "undefined", "in", "length"})
_DAY = re.compile(r"(today|now)(?:\s*([+-])\s*(\d{1,5}))?")
_LARGEST = Decimal(10) ** 12
_FINEST = Decimal(10) ** -6


class Option(NamedTuple):
    """A choice and its points (None: it carries none)."""

    text: str
    points: Decimal | None = None


@dataclass(frozen=True)
class Question:
    """A question of a form; `table` names the table that it is a column of."""

    code: str
    label: str
    kind: str = TEXT
    section: str = ""
    options: tuple[Option, ...] = ()
    mandatory: bool = False
    depends_on: str = ""
    table: str = ""
    unit: str = ""
    minimum: str = ""
    maximum: str = ""
    full_marks: Decimal = Decimal(0)
    weight: Decimal = Decimal(1)
    help: str = ""
    prefill: str = ""
    indicator: str = ""


@dataclass(frozen=True)
class Template:
    """A version of a form."""

    name: str
    code: str
    version: int
    title: str
    questions: tuple[Question, ...]
    description: str = ""
    purpose: str = ""
    columns: Mapping[str, tuple[Question, ...]] = field(default_factory=dict)

    @property
    def asked(self) -> tuple[Question, ...]:
        """The questions themselves, without the columns of tables."""
        return tuple(question for question in self.questions if not question.table)

    def question(self, code: str) -> Question | None:
        """The question with a code, columns apart."""
        return next((question for question in self.asked if question.code == code), None)


class Fault(NamedTuple):
    """What is wrong with one answer: `message` is a source text for its `arguments`, `row` counts from 1 (0: no row)."""

    code: str
    section: str
    label: str
    message: str
    arguments: tuple = ()
    row: int = 0
    column: str = ""
    missing: bool = False


class Reading(NamedTuple):
    """Answers as they were understood: the values of what is asked, and what is wrong."""

    values: dict[str, Any]
    faults: list[Fault]
    asked: tuple[Question, ...]


def template(
    name: str, code: str, version: int, title: str, questions: Iterable[Question], **more: Any
) -> Template:
    """A version of a form with its columns sorted to their tables."""
    kept = tuple(questions)
    columns = {
        owner.code: tuple(column for column in kept if column.table == owner.code)
        for owner in kept
        if owner.kind == TABLE
    }
    return Template(name, code, version, title, kept, columns=columns, **more)


def options(text: str) -> tuple[Option, ...]:
    """Choices from their lines: `Yes, twice|10` is one with ten points.

    :raises RuleError: for points that are no number
    """
    found = []
    for line in (text or "").splitlines():
        words, bar, points = line.strip().rpartition("|")
        if not bar:
            words, points = points, ""
        if not words.strip():
            continue
        found.append(Option(words.strip(), _decimal(points) if bar else None))
    return tuple(found)


# -- reading


def read(form: Template, given: Mapping[str, Any], now: datetime, complete: bool = True) -> Reading:
    """Understands answers as they came: typed values of what is asked, and the faults of the others.

    :param complete: whether questions that must be answered are missed
    """
    values: dict[str, Any] = {}
    faults: list[Fault] = []
    asked = []
    for question in form.asked:
        if not holds(question.depends_on, scope(values)):
            continue
        asked.append(question)
        raw = given.get(question.code)
        try:
            value = (
                _table(form, question, raw, values, now, complete, faults)
                if question.kind == TABLE
                else parse(question, raw, now)
            )
        except RuleError as broken:
            faults.append(fault_of(question, broken))
            continue
        if value is not None:
            values[question.code] = value
        elif question.mandatory and complete:
            faults.append(missing(question))
    return Reading(values, faults, tuple(asked))


def visible(form: Template, values: Mapping[str, Any]) -> tuple[Question, ...]:
    """The questions that are asked, given typed answers; answers to others are as if they were not there."""
    known: dict[str, Any] = {}
    asked = []
    for question in form.asked:
        if holds(question.depends_on, scope(known)):
            asked.append(question)
            if question.code in values:
                known[question.code] = values[question.code]
    return tuple(asked)


def missing(question: Question, row: int = 0, column: Question | None = None) -> Fault:
    """That a question which must be answered is not."""
    broken = RuleError("Please answer this question")
    return fault_of(question, broken, row, column)._replace(missing=True)


def progress(reading: Reading) -> float:
    """How much of what must be answered is answered, in percent; without such questions, of all that are asked."""
    needed = [question for question in reading.asked if question.mandatory] or list(reading.asked)
    if not needed:
        return 100.0
    return round(100 * sum(question.code in reading.values for question in needed) / len(needed), 1)


def parse(question: Question, raw: Any, now: datetime) -> Any:
    """The typed value of an answer, None for none.

    :raises RuleError: saying what is wrong with it
    """
    if raw is None or (isinstance(raw, str) and not raw.strip()) or raw == []:
        return None
    return _PARSERS[question.kind](question, raw, now)


def _text(question: Question, raw: Any, now: datetime) -> str:
    if not isinstance(raw, str | int | float | Decimal) or isinstance(raw, bool):
        raise RuleError("This is not a text")
    text = str(raw).replace("\r\n", "\n").replace("\x00", "").strip()
    if question.kind == TEXT:
        text = " ".join(text.split())
    _check_count(question, len(text), "Too short: at least {0} letters", "Too long: at most {0} letters")
    return text


def _number(question: Question, raw: Any, now: datetime) -> Decimal:
    number = _decimal(raw)
    low, high = bound(question.minimum), bound(question.maximum)
    if low is not None and number < low:
        raise RuleError("Must not be less than {0}", (question.minimum,))
    if high is not None and number > high:
        raise RuleError("Must not be more than {0}", (question.maximum,))
    return number


def _score(question: Question, raw: Any, now: datetime) -> Decimal:
    number = _decimal(raw)
    if not 0 <= number <= question.full_marks:
        raise RuleError("Must lie between 0 and {0}", (f"{question.full_marks.normalize():f}",))
    return number


def _date(question: Question, raw: Any, now: datetime) -> date:
    try:
        day = (
            raw
            if isinstance(raw, date) and not isinstance(raw, datetime)
            else date.fromisoformat(str(raw).strip()[:10])
        )
    except ValueError:
        raise RuleError("This is not a date") from None
    _check_moment(question, datetime.combine(day, datetime.min.time()), now, whole_days=True)
    return day


def _datetime(question: Question, raw: Any, now: datetime) -> datetime:
    try:
        moment = raw if isinstance(raw, datetime) else datetime.fromisoformat(str(raw).strip())
    except ValueError:
        raise RuleError("This is not a date and time") from None
    if moment.tzinfo is not None:
        raise RuleError("This is not a date and time")
    moment = moment.replace(microsecond=0)
    _check_moment(question, moment, now, whole_days=False)
    return moment


def _select(question: Question, raw: Any, now: datetime) -> str:
    text = str(raw).strip() if isinstance(raw, str | int | float) else ""
    if text not in {option.text for option in question.options}:
        raise RuleError("{0} is not one of the choices", (_shown(raw),))
    return text


def _multi(question: Question, raw: Any, now: datetime) -> list[str] | None:
    chosen = {_select(question, item, now) for item in ([raw] if isinstance(raw, str) else _listed(raw))}
    _check_count(question, len(chosen), "Please choose at least {0}", "Please choose at most {0}")
    return [option.text for option in question.options if option.text in chosen] or None


def _yes_no(question: Question, raw: Any, now: datetime) -> int:
    text = str(raw).strip().lower()
    if text in ("1", "true", "yes", "是"):
        return 1
    if text in ("0", "false", "no", "否"):
        return 0
    raise RuleError("Please answer yes or no")


def _files(question: Question, raw: Any, now: datetime) -> list[str] | None:
    addresses = [str(item).strip() for item in ([raw] if isinstance(raw, str) else _listed(raw))]
    for address in addresses:
        if not address.startswith(("/private/files/", "/files/")) or ".." in address or "\n" in address:
            raise RuleError("{0} is not a file of this system", (_shown(address),))
    kept = list(dict.fromkeys(addresses))
    _check_count(question, len(kept), "At least {0} files are needed", "At most {0} files")
    return kept or None


def _name(question: Question, raw: Any, now: datetime) -> str:
    if not isinstance(raw, str) or len(raw.strip()) > 140:
        raise RuleError("{0} is not one of the choices", (_shown(raw),))
    return raw.strip()


_PARSERS = {
    TEXT: _text,
    LONG_TEXT: _text,
    NUMBER: _number,
    DATE: _date,
    DATETIME: _datetime,
    SELECT: _select,
    MULTI: _multi,
    YES_NO: _yes_no,
    SCORE: _score,
    FILE: _files,
    STAFF: _name,
    DEPARTMENT: _name,
}


def _table(
    form: Template,
    question: Question,
    raw: Any,
    answers: Mapping[str, Any],
    now: datetime,
    complete: bool,
    faults: list[Fault],
) -> list[dict[str, Any]] | None:
    rows: list[dict[str, Any]] = []
    before = len(faults)
    if (
        raw is not None
        and raw != ""
        and (not isinstance(raw, list) or not all(isinstance(row, Mapping) for row in raw))
    ):
        raise RuleError("This is not a list of rows")
    given = [row for row in raw or [] if any(value not in (None, "", []) for value in row.values())]
    for number, row in enumerate(given, 1):
        rows.append(_row(form, question, row, number, answers, now, complete, faults))
    kept = [row for row in rows if row]
    if len(faults) == before:
        _check_count(question, len(kept), "At least {0} rows are needed", "At most {0} rows")
    return kept or None


def _row(
    form: Template, question: Question, given: Mapping[str, Any], number: int, answers: Mapping[str, Any], now: datetime,
    complete: bool, faults: list[Fault],
) -> dict[str, Any]:  # fmt: skip
    values: dict[str, Any] = {}
    for column in form.columns[question.code]:
        if not holds(column.depends_on, scope(values), scope(answers)):
            continue
        try:
            value = parse(column, given.get(column.code), now)
        except RuleError as broken:
            faults.append(fault_of(question, broken, number, column))
            continue
        if value is not None:
            values[column.code] = value
        elif column.mandatory and complete:
            faults.append(missing(question, number, column))
    return values


def fault_of(question: Question, broken: RuleError, row: int = 0, column: Question | None = None) -> Fault:
    """What a broken rule says of a question or of a cell."""
    label = f"{question.label}/{column.label}" if column else question.label
    code = column.code if column else ""
    return Fault(question.code, question.section, label, broken.message, broken.arguments, row, code)


def _check_count(question: Question, count: int, too_few: str, too_many: str) -> None:
    low, high = bound(question.minimum), bound(question.maximum)
    high = min(high, MOST[question.kind]) if high is not None and question.kind in MOST else high
    high = Decimal(MOST[question.kind]) if high is None and question.kind in MOST else high
    if low is not None and count < low:
        raise RuleError(too_few, (question.minimum,))
    if high is not None and count > high:
        raise RuleError(too_many, (f"{high:f}",))


def _check_moment(question: Question, value: datetime, now: datetime, whole_days: bool) -> None:
    low, high = moment(question.minimum, now), moment(question.maximum, now)
    if whole_days:
        low, high = (bound and datetime.combine(bound.date(), datetime.min.time()) for bound in (low, high))
    elif high is not None and question.maximum.strip().startswith("today"):
        high = datetime.combine(high.date(), datetime.max.time())
    if low is not None and value < low:
        raise RuleError("Must not be before {0}", (_spoken(low, whole_days),))
    if high is not None and value > high:
        raise RuleError("Must not be after {0}", (_spoken(high, whole_days),))


def moment(text: str, now: datetime) -> datetime | None:
    """The moment that a bound names: `2026-01-01`, `today`, `now`, `today-30`; None without a bound.

    :raises RuleError: for what is none of these
    """
    text = (text or "").strip()
    if not text:
        return None
    match = _DAY.fullmatch(text)
    try:
        if not match:
            return datetime.fromisoformat(text)
        base = now if match[1] == "now" else datetime.combine(now.date(), datetime.min.time())
        days = int(match[3] or 0)
        return base + timedelta(days=-days if match[2] == "-" else days)
    except (ValueError, OverflowError):
        raise RuleError("{0} is no date: write 2026-01-31, today, now or today-30", (text,)) from None


def _spoken(value: datetime, whole_days: bool) -> str:
    return value.strftime("%Y-%m-%d") if whole_days else value.strftime("%Y-%m-%d %H:%M")


def bound(text: str) -> Decimal | None:
    """A lower or upper bound as a number, None without one.

    :raises RuleError: for what is no number
    """
    return _decimal(text) if (text or "").strip() else None


def _decimal(raw: Any) -> Decimal:
    if isinstance(raw, bool) or not isinstance(raw, str | int | float | Decimal):
        raise RuleError("This is not a number")
    try:
        number = Decimal(str(raw).strip())
    except InvalidOperation:
        raise RuleError("This is not a number") from None
    if not number.is_finite() or abs(number) >= _LARGEST:
        raise RuleError("This is not a number")
    if number != number.quantize(_FINEST):
        raise RuleError("At most six digits after the point")
    return number.quantize(_FINEST).normalize() + 0


def _listed(raw: Any) -> list[Any]:
    if not isinstance(raw, list | tuple):
        raise RuleError("This is not a list")
    return list(raw)


def _shown(raw: Any) -> str:
    text = str(raw)
    return text if len(text) <= 60 else text[:57] + "…"


def scope(values: Mapping[str, Any]) -> dict[str, Any]:
    """Typed answers as conditions see them, and as they are sent to the face."""
    return {code: plain(value) for code, value in values.items()}


def plain(value: Any) -> Any:
    """A typed value as JSON holds it."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return [scope(item) if isinstance(item, Mapping) else item for item in value]
    return value
