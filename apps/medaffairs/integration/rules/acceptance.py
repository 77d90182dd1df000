"""Whether a message is for us and of a kind we speak: decided on MSH alone (HL7 v2.5.1, 2.9.2.1)."""

from __future__ import annotations

from medaffairs.integration.hl7 import charset
from medaffairs.integration.hl7.reader import REQUIRED_FIELD, TABLE_VALUE, Header, HL7Error
from medaffairs.integration.rules.directory import Directory

UNSUPPORTED_TYPE = "200"
UNSUPPORTED_EVENT = "201"
UNSUPPORTED_PROCESSING = "202"
UNSUPPORTED_VERSION = "203"
UNKNOWN_KEY = "204"
DUPLICATE_KEY = "205"
INTERNAL = "207"

SCHEDULE, ORDER, STAFF, STAY = "schedule", "order", "staff", "stay"

# Message code → events → family.
SUPPORTED: dict[str, dict[str, str]] = {
    "SIU": dict.fromkeys(("S12", "S13", "S14", "S15"), SCHEDULE),
    "SRM": {"S01": SCHEDULE},
    "ORM": {"O01": ORDER},
    "OMG": {"O19": ORDER},
    "OMP": {"O09": ORDER},
    "RDE": {"O11": ORDER},
    "MFN": {"M02": STAFF},
    "PMU": dict.fromkeys(("B01", "B02"), STAFF),
    "ADT": dict.fromkeys(("A01", "A02", "A03", "A08"), STAY),
}
PRODUCTION = "P"
# MSH-15 and MSH-16 (table 0155): always, never, errors only, success only.
CONDITIONS = ("AL", "NE", "ER", "SU")
LONGEST_CONTROL_ID = 140
LONGEST_NAME = 60


def read_header(data: bytes, directory: Directory) -> Header:
    """MSH, read in the character set that it names or, without one, in that of its sender.

    :raises HL7Error: when there is no readable MSH
    """
    codecs = {sender.codec for sender in directory.senders} - {charset.UTF8}
    try:
        header = Header.parse(data)
    except HL7Error:
        # Without MSH-18 the sender is known only after reading: try what the registered senders use.
        for codec in sorted(codecs):
            try:
                header = Header.parse(data, codec)
                break
            except HL7Error:
                continue
        else:
            raise
    if codecs and not header.charset:
        sender = directory.sender(header.sending_application, header.sending_facility, "")
        if sender and sender.codec != header.codec:
            return Header.parse(data, sender.codec)
    return header


def check(header: Header, directory: Directory, host: str) -> str:
    """The family of a message that is accepted.

    :param host: the address it came from
    :raises HL7Error: naming the field for which it is refused
    """
    control = header.control_id
    if not control:
        raise HL7Error("{0} is empty", "MSH", 10, REQUIRED_FIELD, values=("MSH-10",))
    if len(control) > LONGEST_CONTROL_ID:
        raise HL7Error("Longer than {0} characters", "MSH", 10, values=(LONGEST_CONTROL_ID,))
    for number, name in ((3, header.sending_application), (4, header.sending_facility)):
        if len(name) > LONGEST_NAME:
            raise HL7Error("Longer than {0} characters", "MSH", number, values=(LONGEST_NAME,))
    events = SUPPORTED.get(header.message_code)
    if events is None:
        raise HL7Error(
            "Message type {0} is not supported",
            "MSH",
            9,
            UNSUPPORTED_TYPE,
            values=(header.message_code[:20],),
        )
    family = events.get(header.trigger)
    if family is None:
        raise HL7Error(
            "Event {0} is not supported", "MSH", 9, UNSUPPORTED_EVENT, values=(header.message_type[:30],)
        )
    if header.processing_id != PRODUCTION:
        raise HL7Error(
            "Processing id {0} is not supported, only P",
            "MSH",
            11,
            UNSUPPORTED_PROCESSING,
            values=(header.processing_id[:10],),
        )
    if not header.version.startswith("2."):
        raise HL7Error(
            "Version {0} is not supported", "MSH", 12, UNSUPPORTED_VERSION, values=(header.version[:10],)
        )
    _check_modes(header)
    if directory.senders and not directory.sender(header.sending_application, header.sending_facility, host):
        raise HL7Error(
            "The sender {0} at {1} is not registered", "MSH", 3, UNKNOWN_KEY, values=(header.sender, host)
        )
    return family


def _check_modes(header: Header) -> None:
    for number in (15, 16):
        mode = header.segment.get(number)
        if mode not in ("", *CONDITIONS):
            raise HL7Error(
                "Acknowledgement condition {0} is not known", "MSH", number, TABLE_VALUE, values=(mode[:10],)
            )
