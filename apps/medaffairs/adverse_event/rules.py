"""What can be decided of adverse events without a site: what is wrong with a report, its grade, its clocks, what looks alike.

Grades follow the harm (NCC MERP Index A–I; T/CHAS 10-4-6-2018); the hospital may map them otherwise. Reporting is not punished:
nothing here asks who is to blame.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

STEPWISE, DIRECT = "Stepwise", "Direct"
OPEN, PROTECTED, ANONYMOUS = "Open", "Protected", "Anonymous"
IDENTITIES = (OPEN, PROTECTED, ANONYMOUS)

REPORTED, MANAGING, ANALYSIS, FINAL = "Reported", "Managing Review", "Analysis", "Final Review"
RETURNED, WITHDRAWN, DECLINED, ARCHIVED = "To Supplement", "Withdrawn", "Not Accepted", "Archived"
HANDLED = (REPORTED, MANAGING, ANALYSIS, FINAL)
UNDER_WAY = (*HANDLED, RETURNED)
OVER = (WITHDRAWN, DECLINED, ARCHIVED)

LONGEST_TEXT, LONGEST_LINE, LONGEST_SUBJECT = 20_000, 140, 60
# Lines of a report: so many people or files belong to an event, not to a mistake.
MOST_ROWS, MOST_FILES = 30, 9
# An event of long ago is a research project, not a report.
OLDEST_DAYS = 5 * 366

NEAR_MISS_GRADE = "IV"
CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH, CODE_GROUP = 16, 4

# What makes two reports look like one: points for each likeness, and from how many on they are shown.
LIKENESS = {"patient": 50, "category": 20, "department": 15, "place": 10, "staff": 20}
LOOKS_ALIKE, WINDOW_HOURS = 45, 48


class Fault(NamedTuple):
    """What is wrong with a report: the field, its label, and an English sentence with what belongs in its places."""

    field: str
    label: str
    sentence: str
    values: tuple[object, ...] = ()


class Stay(NamedTuple):
    """A stay in hospital as far as a report needs it."""

    admitted: datetime | None
    discharged: datetime | None


class Likely(NamedTuple):
    """A report as far as likeness goes."""

    name: str
    occurred: datetime
    category: str
    department: str
    place: str = ""
    patient: str = ""
    staff: frozenset[str] = frozenset()


def text_faults(values: Mapping[str, object], fields: Mapping[str, tuple[str, int]]) -> list[Fault]:
    """Texts that are longer than their field holds.

    :param fields: of each field its label and how many characters it holds
    """
    found = []
    for field, (label, most) in fields.items():
        length = len(str(values.get(field) or ""))
        if length > most:
            found.append(amiss(field, label, "has {0} characters; at most {1} are possible", length, most))
    return found


def amiss(field: str, label: str, sentence: str, *values: object) -> Fault:
    """One thing that is wrong: `label` names the field before the sentence."""
    return Fault(field, label, sentence, values)


def time_faults(occurred: datetime | None, now: datetime) -> list[Fault]:
    """An event has happened, and not in another age."""
    if occurred is None:
        return [amiss("occurred_at", "Occurred At", "is missing")]
    # Clocks of phones go wrong by minutes.
    if occurred > now + timedelta(minutes=5):
        return [amiss("occurred_at", "Occurred At", "must not lie in the future")]
    if occurred < now - timedelta(days=OLDEST_DAYS):
        return [amiss("occurred_at", "Occurred At", "lies more than five years back")]
    return []


def stay_faults(number: str, stay: Stay | None, occurred: datetime | None, needed: bool) -> list[Fault]:
    """The patient was in hospital when it happened; somebody who had left cannot have fallen in the ward.

    :param stay: the stay with this number; None when there is none
    """
    label = "Medical Record Number"
    if not number:
        return [amiss("visit_no", label, "is needed for this category")] if needed else []
    if stay is None:
        return [amiss("visit_no", label, "{0} belongs to no stay in this hospital", number)]
    if occurred and stay.discharged and occurred > stay.discharged:
        return [
            amiss("visit_no", label, "the patient was discharged at {0}, before the event", stay.discharged)
        ]
    if occurred and stay.admitted and occurred < stay.admitted:
        return [amiss("visit_no", label, "the patient was admitted at {0}, after the event", stay.admitted)]
    return []


def grade_for(harm: str, usual: Mapping[str, str], special: Mapping[str, str], near_miss: bool) -> str:
    """The grade of a harm: the category's own rule, else the usual one; a near miss has reached nobody.

    :param usual: grades by harm level
    :param special: grades by harm level in this category
    """
    if harm in special:
        return special[harm]
    if harm in usual:
        return usual[harm]
    return NEAR_MISS_GRADE if near_miss else ""


def subject_of(category: str, description: str) -> str:
    """An event in one line: its category and how its story begins."""
    words = re.sub(r"\s+", " ", description).strip()
    short = words if len(words) <= LONGEST_SUBJECT else words[: LONGEST_SUBJECT - 1] + "…"
    return f"{category}：{short}"[:LONGEST_LINE]


def age_at(born: date | None, day: date) -> int | None:
    """Completed years on a day."""
    if born is None or born > day:
        return None
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def new_code() -> str:
    """A tracking code, 77 bits that nobody guesses, in groups that can be read out: `7KQ4-2MZP-…`."""
    letters = "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))
    return "-".join(letters[start : start + CODE_GROUP] for start in range(0, CODE_LENGTH, CODE_GROUP))


def key_of(code: str) -> str:
    """What is kept of a tracking code: from it the code cannot be found again. Blanks, hyphens and case do not matter."""
    plain = re.sub(r"[^0-9A-Z]", "", code.upper())
    return hashlib.sha256(f"event|{plain}".encode()).hexdigest() if len(plain) == CODE_LENGTH else ""


def likeness(one: Likely, other: Likely) -> tuple[int, list[str]]:
    """How much two reports look like one, and in what; nothing when their times lie apart."""
    if abs(one.occurred - other.occurred) > timedelta(hours=WINDOW_HOURS):
        return 0, []
    alike = []
    if one.patient and one.patient == other.patient:
        alike.append("patient")
    if one.patient and other.patient and one.patient != other.patient:
        # Two patients are two events, however alike the rest is.
        return 0, []
    if one.category == other.category:
        alike.append("category")
    if one.department == other.department:
        alike.append("department")
    if one.place and one.place == other.place:
        alike.append("place")
    if one.staff & other.staff:
        alike.append("staff")
    return sum(LIKENESS[word] for word in alike), alike


def duplicates(one: Likely, others: Iterable[Likely]) -> list[tuple[Likely, int, list[str]]]:
    """Those of some reports that look like one, the most alike first."""
    found = [(other, *likeness(one, other)) for other in others if other.name != one.name]
    kept = [row for row in found if row[1] >= LOOKS_ALIKE]
    return sorted(kept, key=lambda row: (-row[1], row[0].name))


def why_faults(whys: Sequence[Mapping[str, object]]) -> list[Fault]:
    """5-why chains begin with their first question and leave out none; each but the last is answered."""
    chains: dict[int, list[Mapping[str, object]]] = {}
    for row in whys:
        chains.setdefault(int(row.get("chain") or 0), []).append(row)
    found = []
    for number, rows in sorted(chains.items()):
        ordered = sorted(rows, key=lambda row: int(row.get("level") or 0))
        levels = [int(row.get("level") or 0) for row in ordered]
        if number < 1 or levels != list(range(1, len(levels) + 1)):
            found.append(amiss("whys", "5 Whys", "chain {0} leaves out a level", number))
        for level, row in enumerate(ordered, 1):
            if not str(row.get("question") or "").strip():
                found.append(amiss("whys", "5 Whys", "chain {0}, level {1} has no question", number, level))
            if level < len(ordered) and not str(row.get("answer") or "").strip():
                found.append(amiss("whys", "5 Whys", "chain {0}, level {1} has no answer", number, level))
    return found


def analysis_faults(
    required: bool, causes: Sequence[Mapping[str, object]], conclusion: str, has_actions: bool
) -> list[Fault]:
    """What an analysis lacks before it is handed in; of grades I and II everything is asked."""
    found = []
    if not conclusion.strip():
        found.append(amiss("analysis", "Conclusion of the Analysis", "is missing"))
    if required:
        if not any(row.get("is_root") for row in causes):
            found.append(amiss("causes", "Causes", "no root cause is marked; this grade needs one"))
        if not has_actions:
            found.append(amiss("actions", "Improvement Actions", "this grade needs at least one"))
    return found
