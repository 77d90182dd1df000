"""What a message says somebody is going to do: acts that need a privilege, each with the place that names it.

An item is what gets an answer of its own: an order, or the one appointment of a scheduling message. An item
may hold several acts (two procedures by two surgeons are four), or none (a cancellation needs no privilege).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from medaffairs.integration.hl7.reader import (
    REQUIRED_FIELD,
    SEGMENT_SEQUENCE,
    TABLE_VALUE,
    HL7Error,
    Message,
    Segment,
)
from medaffairs.integration.rules.directory import DRUG, PERSON, PROCEDURE, Directory

# AIP-4: who of the team needs the privilege. The rest of the team may be there without one
# (医疗机构手术分级管理办法: the grade is that of the surgeon in charge).
SURGEONS = frozenset({"", "SURGEON", "PRIMARY", "主刀", "术者"})
TEAM = frozenset(
    {
        "ASSISTANT", "ASSISTANT1", "ASSISTANT2", "ASSISTANT3", "FIRST ASSISTANT", "SECOND ASSISTANT", "ANESTHETIST",
        "ANESTHESIOLOGIST", "NURSE", "SCRUB NURSE", "CIRCULATING NURSE", "PERFUSIONIST", "TECHNICIAN", "OBSERVER",
        "助手", "一助", "二助", "三助", "麻醉医师", "护士", "洗手护士", "巡回护士", "灌注师", "技师",
    }
)  # fmt: skip
URGENT = frozenset({"S", "STAT"})
NEW, CHANGE, CANCEL, DISCONTINUE = "NW", "XO", "CA", "DC"
CONTROLS = frozenset({NEW, CHANGE, CANCEL, DISCONTINUE})
CANCELLATION = "S15"
# Events that make an appointment: they have to say what is done and by whom.
BOOKINGS = frozenset({"S01", "S12", "S13"})


class Act(NamedTuple):
    """Somebody does something at a moment. `segment`, `sequence` and `field` are where the message says so;
    `beside` is a second such place, where what is done and who does it are in two segments."""

    practitioner: str
    kind: str
    code: str
    item_name: str
    at: datetime
    emergency: bool
    segment: str
    sequence: int
    field: int
    beside: tuple[str, int, int] | None = None


class Item(NamedTuple):
    """What is answered as one: its placer and filler number as they came, the order control, its acts.

    `segments` are those of the message that belong to it, the first is ORC, ARQ or SCH.
    """

    placer: str
    filler: str
    control: str
    acts: tuple[Act, ...]
    segments: tuple[Segment, ...]


class Person(NamedTuple):
    """Somebody of the team with the place that names him."""

    staff_no: str
    name: str
    surgeon: bool
    segment: Segment


def read_schedule(message: Message, directory: Directory, now: datetime) -> list[Item]:
    """The appointment of SIU^S12–S15 or SRM^S01 with its acts.

    :param now: the moment of the act when the message names none
    :raises HL7Error: naming the segment or field without which it cannot be understood
    """
    trigger = message.header.trigger
    head = message.require("ARQ" if trigger == "S01" else "SCH")
    head_item = Item(head.raw(1), head.raw(2), trigger, (), tuple(message))
    if trigger == CANCELLATION:
        return [head_item]
    pairs = _pairs(message)
    if not pairs and trigger in BOOKINGS:
        for name in ("AIS", "AIP"):
            if not message.segments(name):
                raise HL7Error("The segment is missing", name, 0, SEGMENT_SEQUENCE)
        raise HL7Error("Nobody has the role of surgeon", "AIP", 4, REQUIRED_FIELD)
    urgent = _is_urgent(message, head)
    acts = [
        _operation(message, directory, procedure, person, scheduled_at(message, procedure) or now, urgent)
        for procedure, person in pairs
    ]
    return [head_item._replace(acts=tuple(acts))]


def read_orders(message: Message, directory: Directory, now: datetime) -> list[Item]:
    """The orders of ORM, OMG, OMP or RDE, each with its acts.

    :raises HL7Error: naming the segment or field without which an order cannot be understood
    """
    groups = [tuple(group) for group in message.groups("ORC")]
    if not groups:
        raise HL7Error("The segment is missing", "ORC", 0, SEGMENT_SEQUENCE)
    items = []
    for group in groups:
        order = group[0]
        control = order.require(1)
        if control not in CONTROLS:
            raise HL7Error(
                "Order control {0} is not supported", "ORC", 1, TABLE_VALUE, order.sequence, (control[:20],)
            )
        order.require(2)
        acts: tuple[Act, ...] = ()
        if control in (NEW, CHANGE):
            acts = _acts_of_order(message, directory, group, now)
        items.append(Item(order.raw(2), order.raw(3), control, acts, group))
    return items


def persons(segments: Sequence[Segment]) -> list[Person]:
    """The team of AIP segments.

    :raises HL7Error: for a role that is not known, and for a person without number
    """
    found = []
    for segment in segments:
        role = (segment.get(4) or segment.get(4, 2)).upper()
        if role not in SURGEONS and role not in TEAM:
            # To let an unknown role pass would let a misspelt surgeon operate unchecked.
            raise HL7Error("Role {0} is not known", "AIP", 4, TABLE_VALUE, segment.sequence, (role[:30],))
        segment.require(3)
        for number in range(1, len(segment.repetitions(3)) + 1):
            staff_no = segment.get(3, 1, 1, number)
            if staff_no:
                found.append(Person(staff_no, _name(segment, 3, number), role in SURGEONS, segment))
    return found


def scheduled_at(message: Message, procedure: Segment | None) -> datetime | None:
    """When an operation is to begin: AIS-4, else TQ1-7, SCH-11.4 or ARQ-11."""
    places = [(procedure, 4, 1)] if procedure else []
    places += [
        (message.segment("TQ1"), 7, 1),
        (message.segment("SCH"), 11, 4),
        (message.segment("ARQ"), 11, 1),
    ]
    for segment, field, component in places:
        moment = segment.time(field, component) if segment else None
        if moment:
            return moment
    return None


def is_emergency(item: Item) -> bool:
    """Whether an order or appointment is marked S or STAT: ORC-7.6, OBR-27.6, SCH-11.6, TQ1-9, ARQ-12."""
    return any(
        segment.get(field, component).upper() in URGENT
        for segment in item.segments
        for field, component in _PRIORITIES.get(segment.name, ())
    )


_PRIORITIES = {
    "ORC": ((7, 6),),
    "OBR": ((27, 6), (5, 1)),
    "TQ1": ((9, 1),),
    "SCH": ((11, 6),),
    "ARQ": ((12, 1),),
}


def _is_urgent(message: Message, head: Segment) -> bool:
    segments = (head, *message.segments("TQ1"))
    return is_emergency(Item("", "", "", (), segments))


def _pairs(message: Message) -> list[tuple[Segment, Person]]:
    """Who does what: within a resource group everybody with everything; what is alone in its group goes
    with all of the message."""
    groups = list(message.groups("RGS")) or [[s for s in message if s.name in ("AIS", "AIP")]]
    pairs: list[tuple[Segment, Person]] = []
    procedures: list[Segment] = []
    surgeons: list[Person] = []
    alone: list[tuple[list[Segment], list[Person]]] = []
    for group in groups:
        done = [segment for segment in group if segment.name == "AIS"]
        doing = [p for p in persons([s for s in group if s.name == "AIP"]) if p.surgeon]
        procedures += done
        surgeons += doing
        if done and doing:
            pairs += [(procedure, surgeon) for procedure in done for surgeon in doing]
        else:
            alone.append((done, doing))
    for done, doing in alone:
        more = [(procedure, surgeon) for procedure in done for surgeon in surgeons]
        more += [(procedure, surgeon) for procedure in procedures for surgeon in doing]
        pairs += [pair for pair in more if pair not in pairs]
    return pairs


def _operation(
    message: Message, directory: Directory, procedure: Segment, person: Person, at: datetime, urgent: bool
) -> Act:
    source = message.header.sender
    return Act(
        directory.own(source, PERSON, person.staff_no),
        directory.procedure_kind,
        directory.own(source, PROCEDURE, procedure.require(3)),
        procedure.get(3, 2),
        at,
        urgent,
        "AIP",
        person.segment.sequence,
        3,
        ("AIS", procedure.sequence, 3),
    )


def _acts_of_order(
    message: Message, directory: Directory, group: tuple[Segment, ...], now: datetime
) -> tuple[Act, ...]:
    order = group[0]
    detail = next((segment for segment in group[1:] if segment.name in _CODE_FIELDS), None)
    if detail is None:
        raise HL7Error("The order has no OBR, RXO or RXE", "ORC", 0, SEGMENT_SEQUENCE, order.sequence)
    field = _CODE_FIELDS[detail.name]
    code = detail.require(field)
    needed = _privilege(message.header.sender, directory, detail, field, code)
    if not needed:
        return ()
    person = order.get(12) or (detail.get(16) if detail.name == "OBR" else "")
    if not person:
        raise HL7Error("{0} is empty", "ORC", 12, REQUIRED_FIELD, order.sequence, ("ORC-12",))
    return (
        Act(
            directory.own(message.header.sender, PERSON, person),
            *needed,
            detail.get(field, 2),
            _ordered_at(group) or now,
            is_emergency(Item("", "", "", (), group)),
            detail.name,
            detail.sequence,
            field,
        ),
    )


_CODE_FIELDS = {"OBR": 4, "RXO": 1, "RXE": 2}


def _privilege(
    source: str, directory: Directory, detail: Segment, field: int, code: str
) -> tuple[str, str] | None:
    """Kind and code of the privilege that an order needs; None when its kind of service needs none."""
    drug = directory.translate(source, DRUG, code)
    if not drug and code in directory.drug_kinds:
        drug = code
    if not drug and detail.name != "OBR":
        drug = directory.general_privilege
    if drug:
        return directory.drug_kinds.get(drug, ""), drug
    procedure = directory.translate(source, PROCEDURE, code)
    if not procedure and (detail.get(field, 3) == directory.code_system or code in directory.procedures):
        procedure = code
    return (directory.procedure_kind, procedure) if procedure else None


def _ordered_at(group: tuple[Segment, ...]) -> datetime | None:
    """When an order takes effect: TQ1-7, OBR-36, ORC-7.4, ORC-15, else when it was given: ORC-9."""
    places = (("TQ1", 7, 1), ("OBR", 36, 1), ("ORC", 7, 4), ("ORC", 15, 1), ("ORC", 9, 1))
    for name, field, component in places:
        for segment in group:
            moment = segment.time(field, component) if segment.name == name else None
            if moment:
                return moment
    return None


def _name(segment: Segment, field: int, repetition: int) -> str:
    """A person's name in XCN: family and given name, as Chinese names are written."""
    return segment.get(field, 2, 1, repetition) + segment.get(field, 3, 1, repetition)
