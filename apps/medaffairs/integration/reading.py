"""Messages for people: each segment with its name, each field with its label and its text without escapes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from medaffairs.integration.hl7.charset import UTF8
from medaffairs.integration.hl7.reader import Delimiters, Header, HL7Error, Message, Segment

# What people call segments and fields; a field that is not named here is shown by its number.
# The texts are sources of the app's translations.
SEGMENTS: dict[str, tuple[str, dict[int, str]]] = {
    "MSH": ("Message Header", {3: "Sending Application", 4: "Sending Facility", 5: "Receiving Application",
            6: "Receiving Facility", 7: "Message Time", 9: "Message Type", 10: "Control Id", 11: "Processing Mode",
            12: "HL7 Version", 15: "Accept Acknowledgement", 16: "Application Acknowledgement", 18: "Charset"}),
    "MSA": ("Acknowledgement", {1: "Ack Code", 2: "Control Id of the Message", 3: "Text"}),
    "ERR": ("Error", {2: "Error Location", 3: "Error Code", 4: "Severity", 5: "Reason Code", 7: "Diagnostics",
            8: "Message to the User"}),
    "EVN": ("Event", {1: "Event Type", 2: "Recorded At", 3: "Planned For", 4: "Reason", 5: "Operator", 6: "Occurred At",
            7: "Facility"}),
    "PID": ("Patient", {2: "Patient Id", 3: "Patient Id", 5: "Patient Name", 7: "Birth Date", 8: "Gender", 11: "Address",
            13: "Phone", 18: "Account Number", 19: "Id No"}),
    "PV1": ("Visit", {2: "Patient Class", 3: "Ward and Bed", 7: "Attending Physician", 10: "Hospital Service",
            19: "Visit No", 44: "Admitted At", 45: "Discharged At"}),
    "SCH": ("Appointment", {1: "Placer Order", 2: "Filler Order", 6: "Event Reason", 7: "Appointment Reason",
            8: "Appointment Type", 9: "Duration", 10: "Duration Unit", 11: "Scheduled Time", 16: "Contact",
            20: "Entered By", 25: "Appointment Status"}),
    "RGS": ("Resource Group", {1: "No.", 2: "Action"}),
    "AIS": ("Service", {1: "No.", 2: "Action", 3: "Procedure", 4: "Begins At", 7: "Duration", 8: "Duration Unit",
            10: "Appointment Status"}),
    "AIP": ("Personnel", {1: "No.", 2: "Action", 3: "Practitioner", 4: "Part Played", 6: "Begins At"}),
    "AIL": ("Place", {1: "No.", 2: "Action", 3: "Place", 4: "Place Type", 6: "Begins At"}),
    "ARQ": ("Appointment Request", {1: "Placer Order", 2: "Filler Order", 7: "Appointment Reason", 11: "Scheduled Time",
            15: "Entered By"}),
    "ORC": ("Order", {1: "Order Control", 2: "Placer Order", 3: "Filler Order", 5: "Order Status", 9: "Ordered At",
            10: "Entered By", 12: "Ordering Provider", 15: "Effective From", 16: "Reason"}),
    "OBR": ("Requested Service", {1: "No.", 2: "Placer Order", 3: "Filler Order", 4: "Service", 7: "Begins At",
            16: "Ordering Provider", 31: "Reason"}),
    "RXO": ("Pharmacy Order", {1: "Medication", 2: "Amount", 4: "Unit", 14: "Ordering Provider"}),
    "RXE": ("Encoded Pharmacy Order", {1: "Timing", 2: "Medication", 3: "Amount", 5: "Unit", 13: "Ordering Provider"}),
    "RXR": ("Route", {1: "Route"}),
    "TQ1": ("Timing", {1: "No.", 3: "Repeat Pattern", 7: "Begins At", 8: "Ends At"}),
    "MFI": ("Master File", {1: "Master File", 3: "File Action", 4: "Entered At", 5: "Effective From",
            6: "Response Level"}),
    "MFE": ("Master File Entry", {1: "Action", 2: "Control Id", 3: "Effective From", 4: "Primary Key"}),
    "MFA": ("Master File Answer", {1: "Action", 2: "Control Id", 4: "Result", 5: "Primary Key"}),
    "STF": ("Staff", {1: "Staff No", 2: "Staff No", 3: "Name", 4: "Profession", 5: "Gender", 6: "Birth Date", 7: "Active",
            8: "Department", 10: "Phone", 12: "Entry Date", 13: "Leaving Date", 18: "Title"}),
    "PRA": ("Practitioner", {1: "Practitioner", 3: "Profession", 5: "Speciality", 6: "Licence No", 7: "Privileges Held"}),
    "CER": ("Certificate", {1: "No.", 2: "Grant", 3: "Ledger Sequence", 4: "Granted By", 5: "Signed By", 10: "Kind",
            11: "Item", 12: "Staff No", 13: "Name", 23: "Granted At", 25: "Valid From", 26: "Resting Since",
            27: "Valid To", 29: "Revoked At", 30: "Reason", 31: "Status"}),
    "NCK": ("Clock", {1: "System Time"}),
    "NTE": ("Note", {1: "No.", 3: "Comment"}),
}  # fmt: skip
MOST_REPETITIONS = 500
_MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?\Z")


def read_for_people(text: str, say: Callable[[str], str] = str) -> list[dict[str, Any]]:
    """The segments of a stored message; of one that cannot be read, a single entry that says why.

    :param say: translates labels
    :returns: name, title, sequence and fields (number, label, values: one text per repetition) of each segment
    """
    if not text:
        return []
    try:
        message = Message(text.encode(UTF8, "replace"), _header(text))
        return [_segment(segment, say) for segment in message]
    except HL7Error as error:
        return [{"name": "", "title": str(error), "sequence": 1, "fields": [], "unreadable": True}]


def _header(text: str) -> Header:
    """MSH of a stored text: it has been decoded already, whatever its MSH-18 says of the bytes it came as."""
    line = re.split(r"[\r\n]", text, maxsplit=1)[0]
    if not line.startswith("MSH") or len(line) < 8:
        raise HL7Error("The message does not begin with MSH", "MSH", 0)
    marks = Delimiters(*line[3:7], subcomponent="" if line[7] == line[3] else line[7])
    return Header(Segment(line, marks, UTF8, 1), UTF8)


def _segment(segment: Segment, say: Callable[[str], str]) -> dict[str, Any]:
    title, labels = SEGMENTS.get(segment.name, ("", {}))
    fields = []
    for number in range(1, len(segment) + 1):
        if segment.name == "MSH" and number <= 2:
            continue
        values = [_value(segment, number, part) for part in range(1, _count(segment, number) + 1)]
        if any(values):
            label = labels.get(number)
            fields.append({"number": number, "label": say(label) if label else "", "values": values})
    return {
        "name": segment.name, "title": say(title) if title else "", "sequence": segment.sequence, "fields": fields,
    }  # fmt: skip


def _count(segment: Segment, number: int) -> int:
    return min(len(segment.repetitions(number)), MOST_REPETITIONS)


def _value(segment: Segment, number: int, repetition: int) -> str:
    """The parts of a field that are not empty, subcomponents too; moments as people write them."""
    marks = segment.delimiters
    raw = segment.repetitions(number)[repetition - 1]
    texts = []
    for component, piece in enumerate(raw.split(marks.component) if marks.component else [raw], start=1):
        count = piece.count(marks.subcomponent) + 1 if marks.subcomponent else 1
        parts = (segment.get(number, component, part, repetition) for part in range(1, count + 1))
        texts.append(" ".join(_moment(part) for part in parts if part))
    return " · ".join(part for part in texts if part)


def _moment(text: str) -> str:
    match = _MOMENT.match(text)
    if not match or not "1900" <= match.group(1) <= "2199" or not "01" <= match.group(2) <= "12":
        return text
    year, month, day, hour, minute, second = match.groups()
    clock = f" {hour}:{minute}" + (f":{second}" if second else "") if hour else ""
    return f"{year}-{month}-{day}{clock}"
