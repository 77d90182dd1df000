"""What the sender is told. MSA-1 says whether the message was processed; whether an act is permitted is said by
ORC-1 of each order, by MSA-3 (`OK`, `UA`) and by one ERR for each act that is not permitted or not checked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from medaffairs.integration.hl7.reader import Header, HL7Error, Message, Segment
from medaffairs.integration.hl7.writer import (
    ACCEPTED,
    COMMIT_ERROR,
    COMMIT_REJECTED,
    COMMITTED,
    ERROR,
    REJECTED,
    Complaint,
    acknowledge,
    field,
    segment,
)
from medaffairs.integration.rules import acceptance, acts
from medaffairs.integration.rules.acts import Act, Item
from medaffairs.privileging.rules import GRANTED, Decision

PERMITTED, NOT_PERMITTED = "OK", "UA"
SYSTEM = "MEDAFFAIRS"
Decide = Callable[[Act], Decision]
Translate = Callable[[str], str]

# Order control of the answer (table 0119) where an order is permitted, and where not.
_CONTROLS = {
    acts.NEW: (PERMITTED, NOT_PERMITTED),
    acts.CHANGE: ("XR", "UX"),
    acts.CANCEL: ("CR", "CR"),
    acts.DISCONTINUE: ("DR", "DR"),
}
# Answers other than a general acknowledgement: code, event, structure, segments after ORC that come back.
_TYPES: dict[str, tuple[tuple[str, str, str], tuple[str, ...]]] = {
    "ORM": (("ORR", "O02", "ORR_O02"), ("OBR", "RXO")),
    "OMG": (("ORG", "O20", "ORG_O20"), ("TQ1", "OBR")),
    "OMP": (("ORP", "O10", "ORP_O10"), ("TQ1", "RXO", "RXR", "RXC")),
    "RDE": (("RRE", "O12", "RRE_O12"), ("TQ1", "RXE", "RXR", "RXC")),
    "SRM": (("SRR", "S01", "SRR_S01"), ()),
    "MFN": (("MFK", "M02", "MFK_M01"), ()),
}


class Ruling(NamedTuple):
    """An act and what was decided about it."""

    act: Act
    decision: Decision
    item: int

    @property
    def noteworthy(self) -> bool:
        """Whether somebody has to be told: not permitted, or permitted unchecked."""
        return self.decision.reason != GRANTED

    def as_dict(self) -> dict[str, Any]:
        """The ruling as it is stored; times are ISO 8601."""
        values = self.act._asdict()
        return {
            **values,
            "at": self.act.at.isoformat(sep=" "),
            "item": self.item,
            "allowed": self.decision.allowed,
            "reason": self.decision.reason,
            "message": self.decision.message,
            "grant": self.decision.grant,
            "version": self.decision.version,
        }


def rule(items: Sequence[Item], decide: Decide) -> list[Ruling]:
    """Every act with its decision, in the order of the message."""
    return [Ruling(act, decide(act), number) for number, item in enumerate(items) for act in item.acts]


def verdict(rulings: Sequence[Ruling]) -> str:
    """`Allowed` when every act is, `Denied` when one is not, empty when there is nothing to decide."""
    if not rulings:
        return ""
    return "Allowed" if all(ruling.decision.allowed for ruling in rulings) else "Denied"


def frames(
    header: Header, code: str, errors: Sequence[Complaint], text: str, application: Callable[[], bytes]
) -> list[bytes]:
    """The answers that leave, in the mode that MSH-15 and MSH-16 ask for (HL7 v2.5.1, 2.9.2 and 2.9.3).

    :param code: AA, AE or AR
    :param application: makes the application's answer; it is called only when one is wanted
    """
    if not header.enhanced:
        return [application()]
    good = code == ACCEPTED
    answers = []
    if _wanted(header.accept_acknowledgement, good):
        accept = {ACCEPTED: COMMITTED, ERROR: COMMIT_ERROR, REJECTED: COMMIT_REJECTED}[code]
        answers.append(acknowledge(header, accept, "" if good else text, errors=errors))
    # What was not accepted is not processed: the application has nothing to say about it, unless nobody
    # else would.
    if _wanted(header.application_acknowledgement, good) and (good or not answers):
        answers.append(application())
    return answers


def _wanted(condition: str, good: bool) -> bool:
    # A condition that nobody knows is a mistake that the sender has to hear of.
    unknown = condition not in ("", *acceptance.CONDITIONS)
    return unknown or condition == "AL" or condition == ("SU" if good else "ER")


def accepted(message: Message, family: str, items: Sequence[Item], rulings: Sequence[Ruling]) -> list[bytes]:
    """The answers to a message that was accepted and decided."""
    header = message.header
    text = "" if not rulings else (NOT_PERMITTED if verdict(rulings) == "Denied" else PERMITTED)

    def application() -> bytes:
        kind, returned = _TYPES.get(header.message_code, (None, ()))
        more: list[str] = []
        if family == acceptance.ORDER:
            more = list(_orders(message, items, rulings, returned))
        elif header.message_code == "SRM":
            more = list(_schedule(message, items[0], rulings))
        elif header.message_code == "MFN":
            more = list(_master_file(message))
        complaints = [_complaint(ruling) for ruling in rulings if ruling.noteworthy]
        return acknowledge(header, ACCEPTED, text, errors=complaints, message_type=kind, more=more)

    return frames(header, ACCEPTED, (), "", application)


def refused(header: Header, code: str, error: HL7Error, translate: Translate = str) -> list[bytes]:
    """The answers to a message that is not processed.

    :param code: AE (sending it again may help) or AR (it will not)
    """
    complaints, text = [Complaint.of(error, translate)], error.describe(translate)
    return frames(header, code, complaints, text, lambda: acknowledge(header, code, text, errors=complaints))


def _complaint(ruling: Ruling) -> Complaint:
    act, decision = ruling.act, ruling.decision
    return Complaint(
        "0",
        decision.message,
        act.segment,
        act.sequence,
        act.field,
        severity="I" if decision.allowed else "W",
        reason=decision.reason,
        system=SYSTEM,
        diagnostics=f"{act.practitioner} {act.kind} {act.code}",
        beside=act.beside,
    )


def _orders(
    message: Message, items: Sequence[Item], rulings: Sequence[Ruling], returned: tuple[str, ...]
) -> Iterator[str]:
    marks = message.header.delimiters
    for number, item in enumerate(items):
        denied = next((r for r in rulings if r.item == number and not r.decision.allowed), None)
        control = _CONTROLS[item.control][1 if denied else 0]
        values: dict[int, Any] = {1: control}
        if denied:
            values[16] = (denied.decision.reason, denied.decision.message, SYSTEM)
        yield _with_raw(segment("ORC", values, marks), {2: item.placer, 3: item.filler}, marks.field)
        yield from (_copy(part) for part in item.segments if part.name in returned)


def _schedule(message: Message, item: Item, rulings: Sequence[Ruling]) -> Iterator[str]:
    """The appointment of SRR with its state, and each procedure and person with theirs (table 0278)."""
    marks = message.header.delimiters
    request = message.require("ARQ")
    denied = [ruling.act for ruling in rulings if not ruling.decision.allowed]
    sch = segment("SCH", {25: _state(bool(denied))}, marks)
    yield _with_raw(
        sch,
        {1: item.placer, 2: item.filler, 6: request.raw(6), 7: request.raw(7), 12: request.raw(15),
         16: request.raw(15), 20: request.raw(19)},
        marks.field,
    )  # fmt: skip
    if "RGS" not in message.names:
        yield segment("RGS", [1], marks)
    blocked = {(act.segment, act.sequence) for act in denied}
    blocked |= {act.beside[:2] for act in denied if act.beside}
    for part in message.segments("RGS", "AIS", "AIP"):
        number = _STATES.get(part.name)
        if number is None:
            yield _copy(part)
            continue
        state = field(_state((part.name, part.sequence) in blocked), marks)
        yield _with_raw(_copy(part), {number: state}, marks.field)


# Where procedures and persons have their state: filler status code.
_STATES = {"AIS": 10, "AIP": 12}


def _state(blocked: bool) -> tuple[str | None, ...]:
    return ("Blocked" if blocked else "Booked", None, "HL70278")


def _master_file(message: Message) -> Iterator[str]:
    """MFI as it came and one MFA for each MFE: the record was taken over for processing (table 0181)."""
    marks = message.header.delimiters
    yield _copy(message.require("MFI"))
    for entry in message.segments("MFE"):
        mfa = segment("MFA", {4: ("S", None, "HL70181")}, marks)
        yield _with_raw(
            mfa, {1: entry.raw(1), 2: entry.raw(2), 5: entry.raw(4), 6: entry.raw(5)}, marks.field
        )


def _copy(part: Segment) -> str:
    mark = part.delimiters.field
    texts = [part.raw(number) for number in range(1, len(part) + 1)]
    return mark.join((part.name, *texts))


def _with_raw(text: str, values: dict[int, str], mark: str) -> str:
    """A segment with fields of the request as they came, so that the sender finds what it sent."""
    fields = text.split(mark)
    for number, value in values.items():
        fields += [""] * (number + 1 - len(fields))
        fields[number] = value
    while len(fields) > 1 and not fields[-1]:
        fields.pop()
    return mark.join(fields)
