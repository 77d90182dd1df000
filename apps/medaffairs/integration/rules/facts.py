"""What is stored of a message: values for records, still in the sender's words where a code is not translated.

The one who stores them (`medaffairs.integration.processing`) looks up what exists; nothing here does.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from medaffairs.integration.hl7.reader import REQUIRED_FIELD, SEGMENT_SEQUENCE, HL7Error, Message, Segment
from medaffairs.integration.rules import acts
from medaffairs.integration.rules.acts import Item
from medaffairs.integration.rules.directory import DEPARTMENT, ITEM, PERSON, PROCEDURE, Directory

_GENDERS = {"M": "Male", "F": "Female", "U": "Unknown", "O": "Unknown"}
_STATES = {"S12": "Scheduled", "S13": "Rescheduled", "S15": "Cancelled", "S01": "Scheduled"}
# PRA-3 and STF-4, as hospitals write them, and what the person then is.
_PROFESSIONS = {
    "MD": "Physician", "PHYSICIAN": "Physician", "DOCTOR": "Physician", "医师": "Physician", "医生": "Physician",
    "RN": "Nurse", "NURSE": "Nurse", "护士": "Nurse", "护理": "Nurse",
    "RPH": "Pharmacist", "PHARMACIST": "Pharmacist", "药师": "Pharmacist",
    "TECHNICIAN": "Technician", "技师": "Technician",
    "ADMINISTRATOR": "Administrator", "行政": "Administrator",
}  # fmt: skip


class Fact(NamedTuple):
    """Values of one record. `key` names it; values that the message does not give are not in `values`."""

    doctype: str
    key: str
    values: Mapping[str, Any]


def patient(message: Message) -> Fact | None:
    """The patient of PID, None when the message has none."""
    pid = message.segment("PID")
    if pid is None:
        return None
    number = pid.require(3)
    values: dict[str, Any] = {}
    _given(values, "patient_name", pid.get(5) + pid.get(5, 2))
    _given(values, "gender", _GENDERS.get(pid.get(8).upper()))
    born = pid.time(7)
    _given(values, "birth_date", born and born.date())
    _given(values, "id_no", _identity(pid))
    return Fact("Patient Index", number, values)


def stay(message: Message, directory: Directory) -> Fact | None:
    """The stay of PV1 in ADT; what the event means is its status."""
    pv1 = message.require("PV1")
    source = message.header.sender
    number = pv1.require(19)
    values: dict[str, Any] = {"patient": message.require("PID").require(3)}
    _given(values, "department", directory.own(source, DEPARTMENT, pv1.get(3)))
    _given(values, "bed", pv1.get(3, 3))
    _given(values, "attending", directory.own(source, PERSON, pv1.get(7)))
    _given(values, "admitted_at", pv1.time(44))
    diagnoses = [segment.get(3, 2) or segment.get(4) or segment.get(3) for segment in message.segments("DG1")]
    _given(values, "diagnosis", "；".join(filter(None, diagnoses)))
    trigger = message.header.trigger
    if trigger == "A01":
        values["status"] = "Admitted"
        values.setdefault("admitted_at", _happened_at(message))
    if trigger == "A03":
        values["status"] = "Discharged"
        values["discharged_at"] = pv1.time(45) or _happened_at(message)
    return Fact("Hospital Stay", number, values)


def appointment(message: Message) -> str:
    """The number of an appointment: the placer's, which stays the same from request to cancellation."""
    head = _head(message)
    number = head.get(1) or head.get(2)
    if not number:
        raise HL7Error("Neither placer nor filler number is given", head.name, 1, REQUIRED_FIELD)
    return number


def operations(message: Message, directory: Directory, denied: Container[str]) -> Iterator[Fact]:
    """The operations of a scheduling message: one for each procedure, the first under the appointment's number.

    :param denied: codes of the procedures that were not permitted
    """
    number = appointment(message)
    source = message.header.sender
    shared = _shared(message)
    team = acts.persons(message.segments("AIP"))
    surgeons = [directory.own(source, PERSON, p.staff_no) for p in team if p.surgeon]
    if surgeons:
        shared["surgeon"] = surgeons[0]
    others = [person.name or person.staff_no for person in team if not person.surgeon]
    _given(shared, "assistants", "、".join(others))
    procedures = message.segments("AIS")
    if not procedures:
        yield Fact("Operation Record", number, shared)
    for position, procedure in enumerate(procedures, start=1):
        code = directory.own(source, PROCEDURE, procedure.get(3))
        values = dict(shared, procedure=code)
        _given(values, "procedure_name", procedure.get(3, 2))
        _given(values, "scheduled_at", acts.scheduled_at(message, procedure))
        if code in denied:
            values["status"] = "Refused"
        yield Fact("Operation Record", number if position == 1 else f"{number}-{position}", values)


def medications(
    message: Message, items: Sequence[Item], rulings: Sequence[Mapping[str, Any]]
) -> Iterator[Fact]:
    """The drug orders of a message, with the privilege that each needed."""
    for number, item in enumerate(items):
        drug = next((s for s in item.segments if s.name in ("RXO", "RXE")), None)
        if drug is None and item.control not in (acts.CANCEL, acts.DISCONTINUE):
            continue
        order = item.segments[0]
        key = order.require(2)
        if drug is None:
            yield Fact("Medication Order", key, {"status": "Cancelled"})
            continue
        field = 1 if drug.name == "RXO" else 2
        ruled = [ruling for ruling in rulings if ruling["item"] == number]
        values: dict[str, Any] = {"drug_code": drug.get(field), "drug_name": drug.get(field, 2)}
        _given(values, "ordered_at", order.time(9) or message.header.created_at)
        _given(values, "patient", message.get("PID-3"))
        _given(values, "stay", message.get("PV1-19"))
        if ruled:
            values["prescriber"], values["privilege"] = ruled[0]["practitioner"], ruled[0]["code"]
        cancelled = item.control in (acts.CANCEL, acts.DISCONTINUE)
        refused = any(not ruling["allowed"] for ruling in ruled)
        values["status"] = "Cancelled" if cancelled else ("Refused" if refused else "Ordered")
        yield Fact("Medication Order", key, values)


class Staff(NamedTuple):
    """A person of a staff message: number, the values given, and whether he left or came back."""

    staff_no: str
    values: Mapping[str, Any]
    segment: Segment


def staff(message: Message, directory: Directory) -> list[Staff]:
    """The persons of MFN^M02 and PMU^B01/B02, each with the values that are given.

    :raises HL7Error: for a person without number, and for a date that is none
    """
    found = []
    if message.header.message_code == "MFN":
        message.require("MFI")
        start = message.require("MFE").name
    else:
        start = message.require("STF").name
    for group in message.groups(start):
        by_name = {segment.name: segment for segment in reversed(group)}
        stf, mfe = by_name.get("STF"), by_name.get("MFE")
        if stf is None:
            raise HL7Error("The segment is missing", "STF", 0, SEGMENT_SEQUENCE, group[0].sequence)
        number = stf.get(1) or stf.get(2) or (mfe.get(4) if mfe else "")
        if not number:
            stf.require(1)
        values = _person(message, directory, stf, by_name.get("PRA"))
        # MFE-1: deleted or deactivated, reactivated. A person is never deleted: his acts stay his.
        event = mfe.get(1) if mfe else ""
        if event in ("MDL", "MDC"):
            values["employment_status"] = "Left"
        if event == "MAC":
            values["employment_status"] = "Active"
        found.append(Staff(directory.own(message.header.sender, PERSON, number), values, stf))
    return found


def merge(
    known: Mapping[str, Any], base: Mapping[str, Any], received: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, tuple[Any, Any]]]:
    """(changes to make, conflicts to show) when another system sends values of a record that people edit too.

    A value that the sender has not changed since its last message (`base`) leaves the record alone. A changed
    one is taken over where nobody else changed the record; where somebody did, the record keeps its value and
    the conflict is `field: (ours, theirs)`. All values are texts.
    """
    changes: dict[str, Any] = {}
    conflicts: dict[str, tuple[Any, Any]] = {}
    for name, theirs in received.items():
        ours, before = known.get(name) or "", base.get(name)
        if theirs == ours:
            continue
        if not ours or before is None or ours == before:
            changes[name] = theirs
        elif theirs != before:
            conflicts[name] = (ours, theirs)
    return changes, conflicts


def _person(message: Message, directory: Directory, stf: Segment, pra: Segment | None) -> dict[str, Any]:
    source = message.header.sender
    values: dict[str, Any] = {}
    _given(values, "practitioner_name", stf.get(3) + stf.get(3, 2))
    _given(values, "gender", {"M": "Male", "F": "Female"}.get(stf.get(5).upper()))
    born = stf.time(6)
    _given(values, "birth_date", born and born.date().isoformat())
    _given(values, "employment_status", {"A": "Active", "I": "Left"}.get(stf.get(7).upper()))
    _given(values, "department", directory.own(source, DEPARTMENT, stf.get(8)))
    _given(values, "mobile", stf.get(10))
    title = directory.translate(source, ITEM, stf.get(18))
    _given(values, "title", title or stf.get(18))
    category = pra.get(3) if pra else ""
    _given(values, "profession", _PROFESSIONS.get((category or stf.get(4)).upper()))
    if pra:
        began = pra.time(8)
        _given(values, "work_start_date", began and began.date().isoformat())
        _given(values, "licence_no", pra.get(6))
    return values


def _head(message: Message) -> Segment:
    return message.require("ARQ" if message.header.message_code == "SRM" else "SCH")


def _shared(message: Message) -> dict[str, Any]:
    head = _head(message)
    trigger = message.header.trigger
    values: dict[str, Any] = {}
    _given(values, "patient", message.get("PID-3"))
    _given(values, "stay", message.get("PV1-19"))
    _given(values, "scheduled_at", acts.scheduled_at(message, None))
    _given(values, "placer_order", head.get(1))
    _given(values, "status", _STATES.get(trigger))
    segments = (head, *message.segments("TQ1"))
    if trigger != acts.CANCELLATION:
        values["is_emergency"] = int(acts.is_emergency(Item("", "", "", (), segments)))
    return values


def _happened_at(message: Message) -> datetime | None:
    event = message.segment("EVN")
    return (event and (event.time(6) or event.time(2))) or message.header.created_at


def _identity(pid: Segment) -> str:
    """The citizen's number: PID-3 of type NI or NNCHN, else PID-19."""
    for number in range(1, len(pid.repetitions(3)) + 1):
        if pid.get(3, 5, 1, number) in ("NI", "NNCHN"):
            return pid.get(3, 1, 1, number)
    return pid.get(19)


def _given(values: dict[str, Any], name: str, value: Any) -> None:
    if value not in (None, ""):
        values[name] = value
