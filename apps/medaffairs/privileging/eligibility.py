"""Conditions for a privilege: which are met, which are missing, in words and numbers. No database, no clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

RANKS = ("Assistant", "Junior", "Intermediate", "Associate Senior", "Senior")


class Criterion(NamedTuple):
    """One condition with the facts beside it."""

    met: bool
    mandatory: bool
    message: str


@dataclass
class Facts:
    """What is known of a practitioner."""

    title_level: str = ""
    title_date: date | None = None
    work_start_date: date | None = None
    licence_category: str = ""
    exams: Mapping[str, tuple[float, date | None]] = field(default_factory=dict)
    volumes: Mapping[str, int] = field(default_factory=dict)
    qualifications: frozenset[str] = frozenset()
    held: frozenset[str] = frozenset()


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


def _exam(rule: Mapping, facts: Facts, today: date, say: Callable) -> tuple[bool, str]:
    score, until = facts.exams.get(rule.get("item") or "", (0.0, None))
    wanted, name = float(rule.get("value") or 0), rule.get("item_name") or rule.get("item")
    if not score:
        return False, say("{0}: at least {1} points; not taken", name, f"{wanted:g}")
    if until is not None and until < today:
        return False, say("{0}: {1} points, but valid only until {2}", name, f"{score:g}", until)
    return score >= wanted, say("{0}: at least {1} points; reached {2}", name, f"{wanted:g}", f"{score:g}")


def _volume(rule: Mapping, facts: Facts, today: date, say: Callable) -> tuple[bool, str]:
    wanted, done = (
        int(rule.get("value") or 0),
        facts.volumes.get(rule.get("item") or rule.get("code") or "", 0),
    )
    return done >= wanted, say("At least {0} operations of this kind; done {1}", wanted, done)


def _qualification(rule: Mapping, facts: Facts, today: date, say: Callable) -> tuple[bool, str]:
    wanted = rule.get("item") or ""
    return wanted in facts.qualifications, say("Certificate: {0}", rule.get("item_name") or wanted)


def _licence(rule: Mapping, facts: Facts, today: date, say: Callable) -> tuple[bool, str]:
    wanted = rule.get("item") or ""
    return facts.licence_category == wanted, say(
        "Licence category {0}; now {1}", wanted, facts.licence_category or "—"
    )


def _held(rule: Mapping, facts: Facts, today: date, say: Callable) -> tuple[bool, str]:
    wanted = rule.get("item") or ""
    return wanted in facts.held, say("Holds the privilege {0}", wanted)


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


def judge(
    code: str,
    level: str | None,
    rules: Iterable[Mapping[str, Any]],
    facts: Facts,
    today: date,
    say: Callable[..., str],
) -> Verdict:
    """Every condition that concerns an item.

    :param rules: conditions of the item's kind; those for another code or level are passed over
    :param say: puts an English sentence and its values into the reader's language
    """
    criteria = []
    for rule in rules:
        if (rule.get("code") and rule["code"] != code) or (rule.get("level") and rule["level"] != level):
            continue
        met, words = CHECKS[rule["rule_type"]]({**rule, "code": code}, facts, today, say)
        criteria.append(Criterion(met, bool(rule.get("mandatory")), words))
    return Verdict(code, criteria)
