"""Writes HL7 v2 messages: segments from Python values, and the acknowledgement of a message.

A value of a field is None (absent), `NULL` (delete what you have), a text, a number, a date, a moment, a tuple
(its components; a tuple within it: subcomponents) or a list (its repetitions). Texts are escaped, so that
nothing a user typed can become structure.
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from medaffairs.integration.hl7 import charset
from medaffairs.integration.hl7.reader import NULL, STANDARD, Delimiters, Header, HL7Error

Value = Any

# What MSA-1 says. The first three are of the original mode and of application acknowledgements.
ACCEPTED = "AA"
ERROR = "AE"
REJECTED = "AR"
COMMITTED = "CA"
COMMIT_ERROR = "CE"
COMMIT_REJECTED = "CR"

# HL7 table 0357.
CONDITIONS = {
    "0": "Message accepted",
    "100": "Segment sequence error",
    "101": "Required field missing",
    "102": "Data type error",
    "103": "Table value not found",
    "200": "Unsupported message type",
    "201": "Unsupported event code",
    "202": "Unsupported processing id",
    "203": "Unsupported version id",
    "204": "Unknown key identifier",
    "205": "Duplicate key identifier",
    "206": "Application record locked",
    "207": "Application internal error",
}

_numbers = itertools.count(1)


class Complaint(NamedTuple):
    """What an ERR segment says. `condition` is of table 0357, `severity` E, W or I (table 0516).

    `reason` is the application's own code of it with `system` as its coding system, `message` what a user
    may be shown, `diagnostics` what helps whoever maintains the interface, `beside` a
    second place (segment, its number, field) that it is about.
    """

    condition: str
    message: str = ""
    segment: str = ""
    sequence: int = 1
    field: int = 0
    severity: str = "E"
    reason: str = ""
    system: str = ""
    diagnostics: str = ""
    beside: tuple[str, int, int] | None = None

    @classmethod
    def of(cls, error: HL7Error, translate: Callable[[str], str] = str) -> Complaint:
        """What is wrong with a message that cannot be read."""
        return cls(error.code, error.describe(translate), error.segment, error.sequence, error.field)


def timestamp(moment: datetime | date) -> str:
    """A moment as `YYYYMMDDHHMMSS`, a date as `YYYYMMDD`."""
    return moment.strftime("%Y%m%d%H%M%S" if isinstance(moment, datetime) else "%Y%m%d")


def control_id() -> str:
    """A message control id that no other message of this system has: at most 20 characters (MSH-10)."""
    # Milliseconds since 1970, the process and a counter: unique over restarts and neighbours.
    moment = int(time.time() * 1000)
    return f"{moment:011X}{os.getpid() & 0xFFFF:04X}{next(_numbers) & 0xFFFFF:05X}"


def escape(text: str, delimiters: Delimiters = STANDARD) -> str:
    """A text in which nothing structures a message. Line ends become `\\.br\\`."""
    if text.isalnum():
        return text
    return text.replace("\r\n", "\n").translate(_replacements(delimiters))


@lru_cache(maxsize=32)
def _replacements(delimiters: Delimiters) -> dict[int, str]:
    mark = delimiters.escape
    letters = zip(delimiters, "FSRET", strict=True)
    # Without an escape character structure cannot be kept out of a text except by a space.
    table = {ord(sign): f"{mark}{letter}{mark}" if mark else " " for sign, letter in letters if sign}
    line_end = f"{mark}.br{mark}" if mark else " "
    # The two frame characters of MLLP would end the frame; they are no text.
    return table | {10: line_end, 13: line_end, 11: "", 28: ""}


def field(value: Value, delimiters: Delimiters = STANDARD) -> str:
    """One field."""
    if value is None or value == "":
        return ""
    if isinstance(value, str):
        return value if value == NULL else escape(value, delimiters)
    if isinstance(value, list):
        return delimiters.repetition.join(field(part, delimiters) for part in value)
    if isinstance(value, tuple):
        return _joined(value, delimiters, delimiters.component)
    if isinstance(value, date):
        return timestamp(value)
    if isinstance(value, bool):
        return "Y" if value else "N"
    return escape(str(value), delimiters)


def _joined(parts: tuple, delimiters: Delimiters, mark: str) -> str:
    texts = [
        _joined(part, delimiters, delimiters.subcomponent)
        if isinstance(part, tuple)
        else field(part, delimiters)
        for part in parts
    ]
    while texts and not texts[-1]:
        texts.pop()
    return mark.join(texts)


def segment(
    name: str, values: Sequence[Value] | Mapping[int, Value], delimiters: Delimiters = STANDARD
) -> str:
    """A segment from its fields in order, or from the numbers of those that are given.

    >>> segment("MSA", ["AA", "1"])
    'MSA|AA|1'
    >>> segment("PRA", {1: "D001", 7: [("47.01", "ICD9CM3")]})
    'PRA|D001||||||47.01^ICD9CM3'
    """
    if isinstance(values, Mapping):
        values = [values.get(number) for number in range(1, max(values, default=0) + 1)]
    texts = [field(value, delimiters) for value in values]
    while texts and not texts[-1]:
        texts.pop()
    return delimiters.field.join((name, *texts))


def header(
    message_type: tuple[str, ...],
    control: str,
    created_at: datetime,
    *,
    sender: tuple[str, str],
    receiver: tuple[str, str],
    version: str = "2.5.1",
    processing_id: str = "P",
    charset_name: str = "",
    accept: str = "",
    application: str = "",
    delimiters: Delimiters = STANDARD,
) -> str:
    """MSH.

    :param message_type: code, trigger and structure: ("SIU", "S12", "SIU_S12")
    :param sender: application and facility; `receiver` likewise
    :param charset_name: MSH-18 as table 0211 spells it
    :param accept: MSH-15; `application` MSH-16
    """
    values = {
        2: sender[0], 3: sender[1], 4: receiver[0], 5: receiver[1], 6: created_at, 8: tuple(message_type),
        9: control, 10: processing_id, 11: version, 14: accept, 15: application, 17: charset_name,
    }  # fmt: skip
    # MSH-1 is the separator after the name and MSH-2 is never escaped: both are put in by hand.
    rest = segment("", values, delimiters)[1:]
    return f"MSH{delimiters.field}{delimiters.encoding_characters}{rest}"


def build(segments: Iterable[str], codec: str = charset.UTF8) -> bytes:
    """The message as bytes, each segment ended by a carriage return.

    :param codec: Python codec, see `charset.codec`
    :raises HL7Error: naming the segment and field with a character that the set does not have
    """
    lines = list(segments)
    try:
        return ("\r".join(lines) + "\r").encode(codec)
    except UnicodeEncodeError:
        raise _unwritable(lines, codec) from None


def _unwritable(lines: list[str], codec: str) -> HL7Error:
    mark = lines[0][3]
    for position, line in enumerate(lines):
        try:
            line.encode(codec)
        except UnicodeEncodeError as error:
            name = line[:3]
            sequence = sum(1 for before in lines[: position + 1] if before.startswith(name))
            number = line[: error.start].count(mark) + (name == "MSH")
            return HL7Error(
                "{0} has no character {1}",
                name,
                number,
                sequence=sequence,
                values=(codec, line[error.start]),
            )
    return HL7Error("The message cannot be written in {0}", values=(codec,))


def answer_header(request: Header, message_type: tuple[str, ...], control: str, created_at: datetime) -> str:
    """MSH of an answer: the sender's delimiters, version and character set, its names turned round."""
    return header(
        message_type,
        control,
        created_at,
        sender=(request.receiving_application, request.receiving_facility),
        receiver=(request.sending_application, request.sending_facility),
        version=request.version or "2.5.1",
        processing_id=request.processing_id or "P",
        charset_name=_same_charset(request),
        delimiters=request.delimiters,
    )


def _same_charset(request: Header) -> str:
    """MSH-18 as the sender wrote it, unless that reads otherwise when it is written again."""
    name = request.charset
    plain = escape(name, request.delimiters) == name and charset.codec(name) is not None
    return name if plain and (name or not request.segment.raw(18)) else charset.name_of(request.codec)


def error_segment(complaint: Complaint, delimiters: Delimiters = STANDARD) -> str:
    """ERR. Fields 2 to 8 are those of version 2.5, field 1 says the same to receivers of 2.4 and older."""
    place: tuple[Value, ...] = ()
    if complaint.segment:
        place = (complaint.segment, complaint.sequence, complaint.field or None)
    condition = (complaint.condition, CONDITIONS.get(complaint.condition, ""), "HL70357")
    return segment(
        "ERR",
        {
            1: (*(place or (None, None, None)), condition),
            2: [place, complaint.beside] if complaint.beside else place,
            3: condition,
            4: complaint.severity,
            5: (complaint.reason, complaint.message, complaint.system) if complaint.reason else None,
            7: complaint.diagnostics,
            8: complaint.message,
        },
        delimiters,
    )


def acknowledge(
    request: Header,
    code: str,
    text: str = "",
    *,
    errors: Sequence[Complaint] = (),
    message_type: tuple[str, ...] | None = None,
    more: Sequence[str] = (),
    control: str = "",
    created_at: datetime | None = None,
) -> bytes:
    """The answer to a message: MSH, MSA, ERR for each complaint, then further segments.

    :param code: MSA-1
    :param text: MSA-3
    :param message_type: what answers other than a general acknowledgement are
    :param more: segments after ERR, written with the request's delimiters
    :param control: our MSH-10, a new one by default
    :param created_at: MSH-7, now by default
    """
    marks = request.delimiters
    kind = message_type or ("ACK", request.trigger, "ACK")
    lines = [
        answer_header(request, kind, control or control_id(), created_at or datetime.now()),
        segment("MSA", [code, request.control_id, text], marks),
        *(error_segment(complaint, marks) for complaint in errors),
        *more,
    ]
    # An answer in which a character is a question mark is better than none: the sender chose the set.
    return ("\r".join(lines) + "\r").encode(request.codec, "replace")


def unreadable(
    error: HL7Error, translate: Callable[[str], str] = str, application: str = "MEDAFFAIRS"
) -> bytes:
    """The answer to bytes without a readable MSH: a rejection that names no message, because there is none."""
    lines = [
        header(
            ("ACK",), control_id(), datetime.now(), sender=(application, ""), receiver=("", ""),
            charset_name=charset.name_of(charset.UTF8),
        ),
        segment("MSA", [REJECTED, None, error.describe(translate)]),
        error_segment(Complaint.of(error, translate)),
    ]  # fmt: skip
    return build(lines)
