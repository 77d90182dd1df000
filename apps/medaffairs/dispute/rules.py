"""Warnings, complaints, disputes and claims: their states, what each next one takes over, what is refused. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from medaffairs.organization.rules import RuleError, check_not_future

WARNING, COMPLAINT, DISPUTE, CLAIM = (
    "Dispute Warning",
    "Medical Complaint",
    "Medical Dispute",
    "Insurance Claim",
)
#: The chain, in its order.
CASES = (WARNING, COMPLAINT, DISPUTE, CLAIM)
RECORD, CIRCULATION, NOTICE = "Dispute Record", "Dispute Circulation", "Complaint Notice"

DRAFT, SUBMITTED, RETURNED, HANDLING = "Draft", "Submitted", "Returned", "In Handling"
ANSWERED, REFUSED, CLOSED, ARCHIVED = "Answered", "Refused", "Closed", "Archived"
TO_COMPLAINT, TO_DISPUTE = "Turned into Complaint", "Turned into Dispute"
REPORTED, HANDED_IN, PAID, NOT_PAID = "Reported", "Materials Handed In", "Paid", "Not Paid"
#: The reporter's own states, in which everything may be written.
OWN = (DRAFT, RETURNED)
#: States in which a case is worked on.
OPEN = (SUBMITTED, HANDLING, ANSWERED, REPORTED, HANDED_IN)
#: States after which a case is over, though it may still have to be archived.
OVER = (REFUSED, CLOSED, ARCHIVED, TO_COMPLAINT, TO_DISPUTE, PAID, NOT_PAID)

MEDIATION, MATERIALS, IRRATIONAL = "Mediation", "Materials", "Irrational Behaviour"
APPRAISAL, CONCILIATION, FOLLOW_UP = "Appraisal", "Conciliation", "Follow-up"
INSURANCE, SEALING, AUTOPSY = "Insurance Claim", "Sealing of Records", "Autopsy"
KINDS = (MEDIATION, MATERIALS, IRRATIONAL, APPRAISAL, CONCILIATION, FOLLOW_UP, INSURANCE, SEALING, AUTOPSY)
#: Which records a case may have: a complaint those that do not need a dispute.
KINDS_OF = {
    WARNING: (MATERIALS, IRRATIONAL, SEALING),
    COMPLAINT: (MEDIATION, MATERIALS, IRRATIONAL, FOLLOW_UP, SEALING, AUTOPSY),
    DISPUTE: KINDS,
    CLAIM: (MATERIALS, INSURANCE),
}

#: What a record of a kind cannot be without.
NEEDED_OF = {IRRATIONAL: "behaviour", APPRAISAL: "appraisal_kind", SEALING: "sealed_what"}

LONGEST_TEXT, LONGEST_LINE = 20_000, 2_000
# 医疗纠纷预防和处理条例 article 30, 医疗机构投诉管理办法: several people speak through at most five.
MOST_REPRESENTATIVES = 5
FILE_TYPES = (
    "pdf", "jpg", "jpeg", "png", "gif", "webp", "bmp", "tif", "tiff", "doc", "docx", "xls", "xlsx", "txt", "mp3", "wav", "m4a",
    "amr", "mp4", "mov", "zip",
)  # fmt: skip

_PATIENT = ("stay", "patient", "patient_name", "patient_no", "patient_phone")
_SAID = ("subject", "department", "cause", "demand", "evidence")
#: What the next document takes over: field there → field here.
PREFILL: Mapping[tuple[str, str], Mapping[str, str]] = {
    (WARNING, COMPLAINT): {name: name for name in (*_SAID, *_PATIENT)}
    | {"warning": "name", "content": "description", "complainant": "patient_name", "complainant_phone": "patient_phone"},
    (WARNING, DISPUTE): {name: name for name in (*_SAID, *_PATIENT, "occurred_at", "description")}
    | {"warning": "name", "complainant": "patient_name"},
    (COMPLAINT, DISPUTE): {
        name: name for name in (*_SAID, *_PATIENT, "complainant", "relation", "complainant_phone", "representatives", "warning")
    }
    | {"complaint": "name", "description": "content"},
    (DISPUTE, CLAIM): {name: name for name in ("subject", "department", "patient_name", "claimed_amount")}
    | {"dispute": "name", "insured_event_on": "occurred_at"},
}  # fmt: skip
#: Tables that go along.
PREFILL_TABLES = {"staff": ("practitioner", "part"), "other_departments": ("department",)}

BLANKS = (
    "number", "complainant", "patient", "department", "source", "received", "accepted", "due", "answer", "hospital", "today",
)  # fmt: skip
_BLANK = re.compile(r"\{([^{}]*)\}")


def next_of(doctype: str) -> tuple[str, ...]:
    """What a case may be turned into."""
    return tuple(target for source, target in PREFILL if source == doctype)


def prefilled(source: str, target: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """What the next document of the chain takes over from a case: fields and rows of its tables.

    :raises RuleError: when the one does not follow from the other
    """
    fields = PREFILL.get((source, target))
    if fields is None:
        raise RuleError("{0} cannot be turned into {1}", (source, target))
    found = {there: values.get(here) for there, here in fields.items() if values.get(here) not in (None, "")}
    for table, columns in PREFILL_TABLES.items():
        rows = [{name: row.get(name) for name in columns} for row in values.get(table) or ()]
        if rows and target in (COMPLAINT, DISPUTE):
            found[table] = rows
    return found


def check_moments(values: Iterable[tuple[str, date | datetime | None]], now: datetime) -> None:
    """Raise `RuleError` naming the field when a moment or a day of a case lies in the future."""
    for label, value in values:
        limit = now if isinstance(value, datetime) else now.date()
        check_not_future([(label, value)], limit)


def check_lengths(values: Iterable[tuple[str, str, int]]) -> None:
    """Raise `RuleError` naming the field for a text that nobody reads.

    :param values: label, text and its longest length
    """
    for label, text, longest in values:
        if len(text) > longest:
            raise RuleError(
                "{0} has {1} characters; at most {2} are possible", (label, len(text), longest), label
            )


def check_representatives(number: int | None) -> None:
    """Raise `RuleError` for more representatives than may speak for one side."""
    if number and number > MOST_REPRESENTATIVES:
        raise RuleError(
            "Representatives: each side has at most {0}", (MOST_REPRESENTATIVES,), "representatives"
        )


def check_within_stay(
    label: str, at: datetime | None, admitted: datetime | None, discharged: datetime | None
) -> None:
    """Raise `RuleError` when an event of a stay lies outside it.

    :param label: label of the field
    """
    if not at:
        return
    if admitted and at < admitted:
        raise RuleError("{0}: the patient was admitted only at {1}", (label, str(admitted)[:16]), "stay")
    if discharged and at > discharged:
        raise RuleError(
            "{0}: the patient was discharged at {1} already", (label, str(discharged)[:16]), "stay"
        )


def file_fault(name: str) -> str:
    """The type of a file that a case does not take; empty when it is allowed."""
    kind = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    return "" if kind in FILE_TYPES else kind or name


def check_blanks(text: str) -> None:
    """Raise `RuleError` when a notice has a blank that no complaint fills."""
    for name in _BLANK.findall(text or ""):
        if name not in BLANKS:
            raise RuleError("The notice has no blank {0}", ("{" + name + "}",), "body")


def fill_notice(text: str, values: Mapping[str, str]) -> str:
    """The text of a notice with its blanks filled; what was filled in is never read as a blank again."""
    return _BLANK.sub(
        lambda found: values.get(found[1], found[0]) if found[1] in BLANKS else found[0], text or ""
    )


def check_record(kind: str, case: str) -> None:
    """Raise `RuleError` for a kind of record that a case does not have."""
    if case not in KINDS_OF:
        raise RuleError("{0} is no case", (case,), "reference_doctype")
    if kind not in KINDS_OF[case]:
        raise RuleError("{0} does not belong to {1}", (kind, case), "kind")


def paid_altogether(*amounts: float | None) -> float:
    """What was paid by all sides together, to the cent."""
    return round(sum(amount or 0 for amount in amounts), 2)
