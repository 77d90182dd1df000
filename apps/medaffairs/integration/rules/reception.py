"""From the bytes of a message to its answers: accepted and decided, or refused with the reason."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from medaffairs.integration.hl7 import writer
from medaffairs.integration.hl7.reader import (
    DATA_TYPE,
    REQUIRED_FIELD,
    SEGMENT_SEQUENCE,
    Header,
    HL7Error,
    Message,
)
from medaffairs.integration.rules import acceptance, acts, answers, facts
from medaffairs.integration.rules.acts import Act, Item
from medaffairs.integration.rules.answers import Ruling, Translate
from medaffairs.integration.rules.directory import Directory
from medaffairs.privileging.rules import Decision

# Why a good message is not processed now. The sentences are sources of translations.
NOT_READY = "Not ready yet, please send the message again"
NOT_KEPT = "The message could not be kept, please send it again"
FAILED = "Internal error, please send the message again"
NOT_CHECKED = "The message could not be validated, please send it again"

# What hl7apy judges within seconds; its time grows with the message.
LARGEST_JUDGED = 128 * 1024
# Where hl7apy's words name a field: "SCH.SCH_6".
_FIELD = re.compile(r"\b([A-Z][A-Z0-9]{2})\.\1_(\d+)\b")


class Undecided(Exception):
    """No decision can be made yet, not even by the fail mode: the message is not processed."""


class Reception(NamedTuple):
    """What became of a message before anything is stored.

    `code` is AA, AE or AR; `answers` what is sent, one message each (none when the sender wants none).
    `lasting` tells whether the same message would get the same answer again.
    """

    header: Header | None
    code: str
    answers: tuple[bytes, ...]
    payload: str
    rulings: tuple[Ruling, ...] = ()
    error: str = ""
    lasting: bool = True

    @property
    def accepted(self) -> bool:
        """Whether the message is taken over for processing."""
        return self.code == writer.ACCEPTED

    @property
    def key(self) -> str:
        """What tells this message from every other: sender and control id; empty without them."""
        if self.header is None or not self.header.control_id:
            return ""
        return hashlib.sha256(f"{self.header.sender}\x1f{self.header.control_id}".encode()).hexdigest()


def receive(
    data: bytes, host: str, directory: Directory, decide: Callable[[Act], Decision | None], now: datetime
) -> Reception:
    """Reads, checks and decides a message and writes its answers. Never raises for what the sender sent.

    :param host: the address it came from
    :param decide: the decision on an act; None when there can be none
    :param now: the moment of acts for which the message names none
    """
    try:
        header = acceptance.read_header(data, directory)
    except HL7Error as error:
        return unreadable(data, error, directory.say)
    try:
        family = acceptance.check(header, directory, host)
    except HL7Error as error:
        return _refused(header, data, writer.REJECTED, error, directory.say)
    try:
        message, payload = _decoded(header, data)
        items = _items(message, family, directory, now)
        rulings = answers.rule(items, lambda act: _decided(decide, act))
        sent = answers.accepted(message, family, items, rulings)
    except HL7Error as error:
        return _refused(header, data, writer.ERROR, error, directory.say)
    except Undecided:
        return unavailable(header, data, NOT_READY, directory.say)
    return Reception(header, writer.ACCEPTED, tuple(sent), payload, tuple(rulings))


def to_judge(data: bytes, host: str, directory: Directory) -> str | None:
    """The text of a message that is to be judged strictly before it is received; None when it is not.

    A message that is refused for other reasons is not: `receive` says why.
    """
    try:
        header = acceptance.read_header(data, directory)
        acceptance.check(header, directory, host)
        text = data.decode(header.codec)
    except (HL7Error, UnicodeDecodeError):
        return None
    sender = directory.sender(header.sending_application, header.sending_facility, host)
    return text if sender and sender.strict else None


def too_large_to_judge(data: bytes, directory: Directory) -> Reception:
    """The answer to a message that is to be judged strictly and cannot be."""
    error = HL7Error(
        "Longer than {0} characters, so it cannot be validated strictly", code=acceptance.INTERNAL,
        values=(LARGEST_JUDGED,),
    )  # fmt: skip
    header = acceptance.read_header(data, directory)
    return _refused(header, data, writer.ERROR, error, directory.say)


def not_judged(data: bytes, directory: Directory) -> Reception:
    """The answer while messages cannot be judged strictly."""
    return unavailable(acceptance.read_header(data, directory), data, NOT_CHECKED, directory.say)


def faulty(data: bytes, fault: str, directory: Directory) -> Reception:
    """The answer to a message that breaks the standard.

    :param fault: in hl7apy's words
    """
    header = acceptance.read_header(data, directory)
    place = _FIELD.search(fault)
    error = HL7Error(
        "This breaks HL7 version {0}: {1}",
        place[1] if place else "",
        int(place[2]) if place else 0,
        REQUIRED_FIELD if place and fault.startswith("Missing") else DATA_TYPE if place else SEGMENT_SEQUENCE,
        values=(header.version, fault[:200]),
    )
    return _refused(header, data, writer.ERROR, error, directory.say)


def unreadable(data: bytes, error: HL7Error, translate: Translate = str) -> Reception:
    """The answer to bytes without a readable header."""
    sent = writer.unreadable(error, translate)
    return Reception(None, writer.REJECTED, (sent,), _as_text(data), error=error.describe(translate))


def failed(data: bytes, translate: Translate = str) -> Reception:
    """The answer where our own program fails: AE, because the message may be perfectly right."""
    try:
        return unavailable(Header.parse(data), data, FAILED, translate)
    except HL7Error as error:
        return unreadable(data, error, translate)


def unavailable(header: Header, data: bytes, reason: str, translate: Translate = str) -> Reception:
    """The answer while a message cannot be processed: AE, so that the sender sends it again.

    :param reason: NOT_READY, NOT_KEPT or FAILED
    """
    error = HL7Error(reason, code=acceptance.INTERNAL)
    return _refused(header, data, writer.ERROR, error, translate)._replace(lasting=False)


def repeated(header: Header, data: bytes, translate: Translate = str) -> Reception:
    """The answer to a control id that was used before for another message."""
    error = HL7Error(
        "This control id was used before for another message", "MSH", 10, acceptance.DUPLICATE_KEY
    )
    return _refused(header, data, writer.REJECTED, error, translate)


def _refused(header: Header, data: bytes, code: str, error: HL7Error, translate: Translate) -> Reception:
    sent = answers.refused(header, code, error, translate)
    return Reception(header, code, tuple(sent), _as_text(data, header.codec), error=error.describe(translate))


def _items(message: Message, family: str, directory: Directory, now: datetime) -> Sequence[Item]:
    """The items of a message; of one without acts nothing, after its facts were found readable."""
    if family == acceptance.SCHEDULE:
        facts.appointment(message)
        facts.patient(message)
        return acts.read_schedule(message, directory, now)
    if family == acceptance.ORDER:
        facts.patient(message)
        return acts.read_orders(message, directory, now)
    if family == acceptance.STAFF:
        facts.staff(message, directory)
    else:
        facts.patient(message)
        facts.stay(message, directory)
    return ()


def _decided(decide: Callable[[Act], Decision | None], act: Act) -> Decision:
    decision = decide(act)
    if decision is None:
        raise Undecided
    return decision


def _decoded(header: Header, data: bytes) -> tuple[Message, str]:
    message = Message(data, header)
    try:
        return message, data.decode(header.codec)
    except UnicodeDecodeError:
        # Reading segment by segment finds where it is.
        list(message)
        raise HL7Error("Bytes that are not {0}", "MSH", 18, DATA_TYPE, values=(header.codec,)) from None


def _as_text(data: bytes, codec: str = "utf-8") -> str:
    """What could not be read, as far as it can be shown."""
    return data.decode(codec, "backslashreplace").replace("\0", "\\x00")
