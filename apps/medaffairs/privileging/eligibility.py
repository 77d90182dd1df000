"""Conditions for a privilege: which are met, which are missing, in words and numbers. No database, no clock."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

LEVEL_PREFIX = "LEVEL-"
REPLACING = ("Title Level", "Exam Score")
RANKS = ("Assistant", "Junior", "Intermediate", "Associate Senior", "Senior")


class Criterion(NamedTuple):
    """One condition with the facts beside it."""

    met: bool
    mandatory: bool
    message: str


class Exam(NamedTuple):
    """One attempt at an exam."""

    score: float
    pass_score: float
    taken: date | None = None
    valid_to: date | None = None


class Operation(NamedTuple):
    """One finished operation of the practitioner."""

    procedure: str
    level: str
    on: date | None
    role: str = "Surgeon"


@dataclass
class Facts:
    """What is known of a practitioner."""

    title_level: str = ""
    title_date: date | None = None
    work_start_date: date | None = None
    licence_category: str = ""
    licence_valid_to: date | None = None
    exams: Mapping[str, Sequence[Exam]] = field(default_factory=dict)
    operations: Sequence[Operation] = ()
    # Certificate → the last day on which it counts, or None.
    qualifications: Mapping[str, date | None] = field(default_factory=dict)
    held: frozenset[str] = frozenset()
    # Code → the day on which the privilege was taken back last.
    revoked: Mapping[str, date] = field(default_factory=dict)


@dataclass
class Verdict:
    """All conditions of one item."""

    code: str
    criteria: list[Criterion]

    @property
    def eligible(self) -> bool:
        """Whether every mandatory condition is met."""
        return all(criterion.met for criterion in self.criteria if criterion.mandatory)

    def missing_words(self) -> list[str]:
        """The mandatory conditions that are missing."""
        return [criterion.message for criterion in self.criteria if criterion.mandatory and not criterion.met]


def years_and_months(start: date | None, today: date) -> tuple[int, int]:
    """Whole years and months since a day."""
    if start is None or start > today:
        return 0, 0
    months = (today.year - start.year) * 12 + today.month - start.month - (today.day < start.day)
    return divmod(max(months, 0), 12)


def _title(rule: Mapping, facts: Facts, today: date, say: Callable) -> tuple[bool, str]:
    wanted = rule.get("title_level") or ""
    have = RANKS.index(facts.title_level) if facts.title_level in RANKS else -1
    met = wanted not in RANKS or have >= RANKS.index(wanted)
    return met, say(
        "Title at least {0}; now {1}", say(wanted), say(facts.title_level) if facts.title_level else "—"
    )


def _since(start: date | None, rule: Mapping, today: date, say: Callable, sentence: str) -> tuple[bool, str]:
    years, months = years_and_months(start, today)
    wanted = float(rule.get("value") or 0)
    return years + months / 12 >= wanted, say(sentence, f"{wanted:g}", years, months)


def _title_years(rule: Mapping, facts: Facts, today: date, say: Callable) -> tuple[bool, str]:
    return _since(
        facts.title_date, rule, today, say, "{0} years in the present title; now {1} years {2} months"
    )


def _practice_years(rule: Mapping, facts: Facts, today: date, say: Callable) -> tuple[bool, str]:
    return _since(facts.work_start_date, rule, today, say, "{0} years of practice; now {1} years {2} months")


def best_exam(attempts: Iterable[Exam], today: date) -> Exam | None:
    """The best attempt that counts on a day, else the newest one."""
    attempts = list(attempts)
    valid = [
        e
        for e in attempts
        if (e.taken is None or e.taken <= today) and (e.valid_to is None or e.valid_to >= today)
    ]
    if valid:
        return max(valid, key=lambda attempt: attempt.score)
    return max(attempts, key=lambda attempt: attempt.taken or date.min, default=None)


def _exam(rule: Mapping, facts: Facts, today: date, say: Callable) -> tuple[bool, str]:
    name = rule.get("item_name") or rule.get("item")
    attempt = best_exam(facts.exams.get(rule.get("item") or "", ()), today)
    wanted = float(rule.get("value") or 0) or (attempt.pass_score if attempt else 0)
    if attempt is None:
        if not wanted:
            return False, say("{0}: not taken", name)
        return False, say("{0}: at least {1} points; not taken", name, f"{wanted:g}")
    if attempt.valid_to is not None and attempt.valid_to < today:
        return False, say(
            "{0}: {1} points, but valid only until {2}", name, f"{attempt.score:g}", attempt.valid_to
        )
    return attempt.score >= wanted, say(
        "{0}: at least {1} points; reached {2}", name, f"{wanted:g}", f"{attempt.score:g}"
    )


def volume(rule: Mapping, operations: Iterable[Operation], today: date) -> int:
    """How many operations count for a rule: those of its procedure (its own, or the item's), or of a level
    (`LEVEL-3`: of level 3 or above), in its role, within its months."""
    wanted = rule.get("item") or rule.get("code") or ""
    role, months = rule.get("role") or "Surgeon", int(rule.get("months") or 0)
    start = _months_before(today, months) if months else None
    least = wanted.removeprefix(LEVEL_PREFIX) if wanted.startswith(LEVEL_PREFIX) else None
    return sum(
        (operation.level >= least if least else operation.procedure == wanted)
        and operation.role == role
        and (start is None or (operation.on is not None and operation.on >= start))
        for operation in operations
    )


def _months_before(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def months_after(day: date, months: int) -> date:
    """The same day some months later, or the last of a shorter month."""
    return _months_before(day, -months)


def _volume(rule: Mapping, facts: Facts, today: date, say: Callable) -> tuple[bool, str]:
    wanted, done = int(rule.get("value") or 0), volume(rule, facts.operations, today)
    name = rule.get("item_name") or rule.get("item") or rule.get("code")
    if rule.get("months"):
        return done >= wanted, say(
            "At least {0} × {1} within {2} months; done {3}", wanted, name, rule["months"], done
        )
    return done >= wanted, say("At least {0} × {1}; done {2}", wanted, name, done)


def _qualification(rule: Mapping, facts: Facts, today: date, say: Callable) -> tuple[bool, str]:
    wanted = rule.get("item") or ""
    name, until = rule.get("item_name") or wanted, facts.qualifications.get(wanted)
    if wanted in facts.qualifications and until is not None and until < today:
        return False, say("Certificate: {0}, but valid only until {1}", name, until)
    return wanted in facts.qualifications, say("Certificate: {0}", name)


def _licence(rule: Mapping, facts: Facts, today: date, say: Callable) -> tuple[bool, str]:
    wanted = rule.get("item") or ""
    have = say(facts.licence_category) if facts.licence_category else "—"
    return facts.licence_category == wanted, say("Licence category {0}; now {1}", say(wanted), have)


def _held(rule: Mapping, facts: Facts, today: date, say: Callable) -> tuple[bool, str]:
    wanted = rule.get("item") or ""
    return wanted in facts.held, say("Holds the privilege {0}", rule.get("item_name") or wanted)


CHECKS: dict[str, Callable[[Mapping, Facts, date, Callable], tuple[bool, str]]] = {
    "Title Level": _title,
    "Years In Title": _title_years,
    "Years Of Practice": _practice_years,
    "Exam Score": _exam,
    "Procedure Volume": _volume,
    "Qualification": _qualification,
    "Licence Category": _licence,
    "Held Privilege": _held,
}


class KindNeeds(NamedTuple):
    """What a kind of privilege asks for beside its rules."""

    # The exam that has to be passed where no rule names another, with its name; empty when none is required.
    exam: str = ""
    exam_name: str = ""
    # For so many months after a privilege was taken back it cannot be applied for.
    months_after_revoke: int = 0


NO_NEEDS = KindNeeds()


def judge(
    code: str,
    level: str | None,
    rules: Iterable[Mapping[str, Any]],
    facts: Facts,
    today: date,
    say: Callable[..., str],
    needs: KindNeeds = NO_NEEDS,
) -> Verdict:
    """Every condition that concerns an item: those of the law that hold for all, then the hospital's rules.

    :param rules: conditions of the item's kind; those for another code or level are passed over
    :param say: puts an English sentence and its values into the reader's language
    """
    criteria = _general(code, facts, today, say, needs)
    own = [
        rule
        for rule in rules
        if (not rule.get("code") or rule["code"] == code)
        and (not rule.get("level") or rule["level"] == str(level))
    ]
    # A rule of the item itself stands in for one of the same sort that holds for the whole kind.
    special = {rule["rule_type"] for rule in own if rule.get("code") and rule["rule_type"] in REPLACING}
    own = [rule for rule in own if rule.get("code") or rule["rule_type"] not in special]
    if needs.exam and not any(rule["rule_type"] == "Exam Score" for rule in own):
        own.insert(
            0, {"rule_type": "Exam Score", "item": needs.exam, "item_name": needs.exam_name, "mandatory": 1}
        )
    for rule in own:
        met, words = CHECKS[rule["rule_type"]]({**rule, "code": code}, facts, today, say)
        if rule.get("message"):
            words = f"{rule['message']}（{words}）"
        criteria.append(Criterion(met, bool(rule.get("mandatory")), words))
    return Verdict(code, criteria)


def _general(code: str, facts: Facts, today: date, say: Callable, needs: KindNeeds) -> list[Criterion]:
    found = []
    if facts.licence_valid_to is not None and facts.licence_valid_to < today:
        found.append(
            Criterion(False, True, say("The practice licence expired on {0}", facts.licence_valid_to))
        )
    taken_back = facts.revoked.get(code)
    if taken_back is not None and needs.months_after_revoke:
        again = months_after(taken_back, needs.months_after_revoke)
        words = say("Taken back on {0}; can be applied for again from {1}", taken_back, again)
        found.append(Criterion(again <= today, True, words))
    return found
