"""The messages that tell other systems who may do what: PMU^B07, PMU^B08 and MFN^M02 (HL7 v2.5.1, chapters 8 and 15).

Facts in, text out: nothing here knows a database. `docs/integration-outbound.md` shows each message in full.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from medaffairs.integration.hl7 import charset, writer
from medaffairs.integration.outbound.rules import INSTANT, Held
from medaffairs.privileging import rules as privileges

# Coding systems of ours; 99zzz marks local ones (HL7 table 0396).
STAFF, DEPARTMENT, KIND, DRUG_PRIVILEGE, EVENT = "99STAFF", "99DEPT", "99KIND", "99PRIV", "99EVENT"
SEX = {"Male": "M", "Female": "F"}
# HL7 table 0536: what a certificate is worth.
VALID, REVOKED, EXPIRED, INACTIVE = (
    ("V", "Active/Valid"), ("R", "Revoked"), ("E", "Expired"), ("I", "Inactive"),
)  # fmt: skip
STATUS = {
    privileges.GRANTED: VALID,
    privileges.REVOKED: REVOKED,
    privileges.EXPIRED: EXPIRED,
}


@dataclass(frozen=True)
class Letterhead:
    """What all messages to one system have in common."""

    sender: tuple[str, str]
    receiver: tuple[str, str]
    version: str = "2.5.1"
    charset_name: str = "UNICODE UTF-8"
    accept: str = ""
    application: str = ""
    hospital: str = ""

    @property
    def codec(self) -> str:
        """The Python codec of the character set."""
        return charset.codec(self.charset_name) or charset.UTF8

    @property
    def facility(self) -> str:
        """The hospital's short name in messages."""
        return self.sender[1]


@dataclass(frozen=True)
class Person:
    """A practitioner as messages name him. `key` is what the receiver calls him, `staff_no` what we do."""

    key: str
    staff_no: str
    name: str
    sex: str = ""
    profession: str = ""
    department: str = ""
    department_name: str = ""
    title: str = ""
    licence_no: str = ""
    active: bool = True


class Item(NamedTuple):
    """A privilege with the names that messages carry beside its code."""

    held: Held
    code: str
    name: str
    system: str
    kind_name: str
    level: str = ""
    granted_at: datetime | None = None
    granted_by: str = ""


class Cause(NamedTuple):
    """Why a message is sent: the event, its place in the ledger, when it takes effect, who did it and why."""

    event: str
    sequence: int
    recorded: datetime
    occurred: datetime
    actor: str = ""
    reason: str = ""


def privilege_change(
    head: Letterhead,
    control: str,
    now: datetime,
    person: Person,
    granted: bool,
    cause: Cause,
    items: Sequence[Item],
) -> str:
    """PMU^B07 (these privileges are held from now on) or PMU^B08 (these are no longer).

    PRA-7 lists the privileges that this message is about, CER says of each its number, its exact times
    and its state.
    """
    trigger = "B07" if granted else "B08"
    segments = [
        _header(head, ("PMU", trigger, f"PMU_{trigger}"), control, now),
        writer.segment(
            "EVN",
            {
                1: trigger, 2: cause.recorded, 3: cause.occurred if cause.occurred > now else None,
                4: cause.event.upper(), 5: (cause.actor,) if cause.actor else None, 6: cause.occurred,
                7: head.facility,
            },
        ),
        _staff(person, head),
        _practitioner(person, items, head),
        *(_certificate(number, person, item, cause, head) for number, item in enumerate(items, start=1)),
    ]  # fmt: skip
    return _text(segments, head)


def master_file(
    head: Letterhead, control: str, now: datetime, person: Person, occurred: datetime, items: Sequence[Item]
) -> str:
    """MFN^M02: the person with all privileges that he may use at this moment; what PRA-7 lacks he lacks."""
    segments = [
        _header(head, ("MFN", "M02", "MFN_M02"), control, now),
        writer.segment(
            "MFI",
            {1: ("PRA", "Practitioner master file", "HL70175"), 3: "UPD", 4: now, 5: occurred, 6: "AL"},
        ),
        writer.segment(
            "MFE",
            ["MUP" if person.active else "MDC", control, occurred, (person.key, person.name, STAFF), "CE"],
        ),
        _staff(person, head),
        _practitioner(person, items, head),
    ]
    return _text(segments, head)


def connection_test(head: Letterhead, control: str, now: datetime) -> str:
    """NMD^N02 with our clock: asks for nothing and changes nothing, any receiver has to acknowledge it."""
    segments = [_header(head, ("NMD", "N02", "NMD_N02"), control, now), writer.segment("NCK", [now])]
    return _text(segments, head)


def _header(head: Letterhead, message_type: tuple[str, str, str], control: str, now: datetime) -> str:
    return writer.header(
        message_type, control, now, sender=head.sender, receiver=head.receiver, version=head.version,
        charset_name=head.charset_name, accept=head.accept, application=head.application,
    )  # fmt: skip


def _text(segments: list[str], head: Letterhead) -> str:
    """The message as text, known to be writable in the receiver's character set."""
    return writer.build(segments, head.codec).decode(head.codec)


def _staff(person: Person, head: Letterhead) -> str:
    return writer.segment(
        "STF",
        {
            1: (person.key, person.name, STAFF), 2: [(person.staff_no, None, None, head.sender[0], "EI")],
            3: (person.name,), 4: person.profession, 5: SEX.get(person.sex, ""), 7: "A" if person.active else "I",
            8: (person.department, person.department_name, DEPARTMENT) if person.department else None,
            18: person.title,
        },
    )  # fmt: skip


def _practitioner(person: Person, items: Sequence[Item], head: Letterhead) -> str:
    return writer.segment(
        "PRA",
        {
            1: (person.key, person.name, STAFF), 3: person.profession,
            6: [(person.licence_no, "LN")] if person.licence_no else None,
            7: [_privilege(item, head) for item in items],
        },
    )  # fmt: skip


def _privilege(item: Item, head: Letterhead) -> tuple:
    """One repetition of PRA-7. Its dates have no time of day: the last day on which the grant still holds."""
    last = (item.held.expires - INSTANT).date() if item.held.expires else None
    return (
        (item.code, item.name, item.system),
        (item.held.kind, item.kind_name, KIND),
        last,
        item.held.start.date(),
        (head.facility,),
    )


def _certificate(number: int, person: Person, item: Item, cause: Cause, head: Letterhead) -> str:
    held = item.held
    status = STATUS.get(held.reason, INACTIVE)
    withdrawn = None if held.allowed else cause.occurred
    return writer.segment(
        "CER",
        {
            1: number, 2: held.grant, 3: cause.sequence, 4: (head.hospital or head.facility,),
            5: (item.granted_by,) if item.granted_by else None,
            10: (held.kind, item.kind_name, KIND),
            11: (item.code, item.name, item.system, item.level, None, "99LEVEL" if item.level else None),
            12: person.staff_no, 13: person.name, 23: item.granted_at, 25: held.start,
            26: withdrawn if status == INACTIVE else None, 27: held.expires,
            29: withdrawn if status == REVOKED else None,
            30: (cause.event.upper(), cause.reason, EVENT) if withdrawn else None, 31: (*status, "HL70536"),
        },
    )  # fmt: skip


def codec_of(text: str) -> str:
    """The Python codec that a stored message was written for, from its MSH-18."""
    line = text.split("\r", 1)[0]
    fields = line.split(line[3:4] or "|")
    return charset.codec(fields[17] if len(fields) > 17 else "") or charset.UTF8


def with_control_id(text: str, control: str, now: datetime) -> str:
    """A stored message with another MSH-10 and MSH-7; nothing else is touched."""
    line, mark, rest = text.partition("\r")
    separator = line[3:4]
    fields = line.split(separator)
    fields[6], fields[9] = writer.timestamp(now), control
    return separator.join(fields) + mark + rest
