"""Reading messages: what python-hl7 reads, and what it does not promise (escapes, character sets, errors)."""

import hl7 as oracle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medaffairs.integration.hl7.reader import Header, HL7Error, Message, parse_time, unescape
from medaffairs.integration.hl7.writer import build, escape, segment

MSH = "MSH|^~\\&|OR|HOSP|MEDAFFAIRS|HOSP|20260503083000||SIU^S12^SIU_S12|OR000017|P|2.5.1|||AL|NE||UNICODE UTF-8"
PID = "PID|1||P0001^^^HOSP^MR~310101^^^GA^NI||王^小明^^^^^L||19800229|M"


def message(*lines: str, codec: str = "utf-8", end: str = "\r") -> Message:
    return Message((end.join(lines) + end).encode(codec))


def test_the_header_tells_everything_about_a_message():
    header = Header.parse(MSH.encode() + b"\rPID|\xff\xff broken, but nobody asks")
    assert header.sender == "OR|HOSP"
    assert (header.receiving_application, header.receiving_facility) == ("MEDAFFAIRS", "HOSP")
    assert (header.message_type, header.structure) == ("SIU^S12", "SIU_S12")
    assert (header.message_code, header.trigger) == ("SIU", "S12")
    assert (header.control_id, header.processing_id, header.version) == ("OR000017", "P", "2.5.1")
    assert (header.accept_acknowledgement, header.application_acknowledgement) == ("AL", "NE")
    assert header.enhanced
    assert header.codec == "utf-8"
    assert header.created_at.isoformat() == "2026-05-03T08:30:00"


def test_a_message_is_read_by_paths_and_segments():
    read = message(MSH, PID, "OBX|1|TX|||first", "OBX|2|TX|||second")
    assert read.get("PID-3.1") == read.get("PID-3") == "P0001"
    assert read.get("PID-3[2].4") == "GA"
    assert read.get("PID-5.2") == "小明"
    assert read.get("OBX[2]-5") == "second"
    assert read.get("OBX[3]-5") == read.get("PID-40") == read.get("PID-3[5].1") == ""
    assert [s.get(5) for s in read.segments("OBX")] == ["first", "second"]
    assert read.segment("PID").components(3, 2) == ["310101", "", "", "GA", "NI"]
    assert read.names == ("MSH", "PID", "OBX", "OBX")
    assert read.get("MSH-1") == "|" and read.get("MSH-2") == "^~\\&"


def test_groups_begin_where_their_first_segment_does():
    read = message(MSH, "ORC|NW|1", "OBR|1", "NTE|1", "ORC|NW|2", "OBR|2")
    assert [[s.name for s in group] for group in read.groups("ORC")] == [
        ["ORC", "OBR", "NTE"],
        ["ORC", "OBR"],
    ]


def test_null_is_not_absence():
    read = message(MSH, 'STF|D001|""||')
    assert read.get("STF-2") == read.get("STF-3") == ""
    assert read.is_null("STF-2") and not read.is_null("STF-3")


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_every_line_end_ends_a_segment(end):
    assert message(MSH, PID, "PV1|1|I", end=end).names == ("MSH", "PID", "PV1")


def test_a_line_feed_within_a_text_is_text():
    read = message(MSH, "NTE|1||first line\nsecond line", "PV1|1|I")
    assert read.get("NTE-3") == "first line\nsecond line"
    assert read.names == ("MSH", "NTE", "PV1")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"a\F\b\S\c\T\d\R\e\E\f", r"a|b^c&d~e\f"),
        (r"one\.br\two", "one\ntwo"),
        (r"\X41\\X4243\x", "ABCx"),
        (r"\XE6\\X89\\X8B\术", "手术"),
        (r"\H\loud\N\ plain", "loud plain"),
        (r"C:\dir and \Zunknown\ stay", r"C:\dir and \Zunknown\ stay"),
        ("an end \\", "an end \\"),
    ],
)
def test_escapes(written, meant):
    assert unescape(written) == meant


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\x0b\x1c")))
def test_what_was_escaped_comes_back(text):
    assert unescape(escape(text)) == text
    assert not set(escape(text)) & set("|^~&\n")


# No spaces: python-hl7 strips the end of a message.
TEXT = st.text(st.sampled_from("ab1手术|^~\\&"), max_size=6)
SUBCOMPONENTS = st.lists(TEXT, min_size=1, max_size=2)
COMPONENTS = st.lists(SUBCOMPONENTS, min_size=1, max_size=3)
FIELD = st.lists(COMPONENTS, min_size=1, max_size=3)
SEGMENT = st.tuples(st.sampled_from(["PID", "PV1", "OBX", "ZZ1"]), st.lists(FIELD, min_size=1, max_size=5))


@settings(deadline=None)
@given(st.lists(SEGMENT, min_size=1, max_size=4))
def test_everything_reads_as_python_hl7_reads_it(segments):
    values = [
        (name, [[tuple(tuple(c) for c in repetition) for repetition in field] for field in fields])
        for name, fields in segments
    ]
    data = build([MSH, *(segment(name, fields) for name, fields in values)])
    read, other = Message(data), oracle.parse(data.decode())
    assert read.names == tuple(str(s[0]) for s in other)
    seen: dict[str, int] = {}
    for position, (name, fields) in enumerate(segments, start=1):
        seen[name] = seen.get(name, 0) + 1
        for number in range(1, len(fields) + 1):
            expected = other[position][number] if number < len(other[position]) else ""
            assert list(read)[position].raw(number) == str(expected)
            for rep, components in enumerate(fields[number - 1], start=1):
                for comp, parts in enumerate(components, start=1):
                    for sub, text in enumerate(parts, start=1):
                        path = f"{name}[{seen[name]}]-{number}[{rep}].{comp}.{sub}"
                        assert read.get(path) == text, path


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_garbage_is_an_error_never_a_crash(data):
    for attempt in (data, b"MSH" + data, MSH.encode() + b"\r" + data):
        try:
            list(Message(attempt))
        except HL7Error as error:
            assert str(error)


def test_other_delimiters():
    read = Message(b"MSH#*+!%#OR#HOSP\rPID#1##A*B%C!F!+D")
    assert read.get("PID-3.2") == "B" and read.get("PID-3.2.2") == "C#"
    assert read.get("PID-3[2].1") == "D"


@pytest.mark.parametrize(
    ("data", "place", "words"),
    [
        (b"", "MSH", "does not begin with MSH"),
        (b"EVN|A01", "MSH", "does not begin with MSH"),
        (b"MSH", "MSH-1", "separator"),
        (b"MSHA^~\\&", "MSH-1", "separator"),
        (b"MSH||", "MSH-2", "encoding characters"),
        (b"MSH|^^\\&|", "MSH-2", "separates two things"),
        (MSH.encode() + b"\rPID|1||P\xff\xfe", "PID-3", "not utf-8"),
        (MSH.encode() + b"\rOBX|1|TX||||\rOBX|2|TX|\xe6\x89", "OBX[2]-3", "not utf-8"),
        (MSH.encode() + b"\r|no name", "", "Line 2 is no segment"),
        (MSH.replace("UTF-8", "KLINGON").encode() + b"\r", "MSH-18", "KLINGON"),
        (MSH.replace("OR000017", "手").encode("gb18030"), "MSH-10", "not utf-8"),
    ],
)
def test_an_error_names_the_segment_and_the_field(data, place, words):
    with pytest.raises(HL7Error) as caught:
        list(Message(data))
    assert caught.value.place == place
    assert words in str(caught.value)


# 乗's second byte in GB 18030 is a backslash, 渱's a vertical bar: split before decoding, both break a field.
TRAPS = "乗渱 镕 𠮷"


@pytest.mark.parametrize("name", ["GB 18030-2000", "GB18030"])
def test_gb18030_is_decoded_before_it_is_split(name):
    assert {0x5C, 0x7C} <= set(TRAPS.encode("gb18030"))
    line = MSH.replace("UNICODE UTF-8", name).replace("|OR|", f"|{TRAPS}|")
    read = message(line, f"PID|1||P1||{TRAPS}^小明", codec="gb18030")
    assert read.header.codec == "gb18030"
    assert read.header.sending_application == TRAPS
    assert read.get("PID-5.1") == TRAPS and read.get("PID-5.2") == "小明"


def test_without_a_character_set_the_default_of_the_endpoint_holds():
    line = MSH.replace("UNICODE UTF-8", "")
    data = f"{line}\rPID|1||P1||王^小明\r".encode("gb18030")
    assert Message(data, default_charset="gb18030").get("PID-5.1") == "王"
    with pytest.raises(HL7Error, match="PID-5"):
        list(Message(data))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026", "2026-01-01T00:00:00"),
        ("20260503", "2026-05-03T00:00:00"),
        ("202605030832", "2026-05-03T08:32:00"),
        ("20260503083259.1234+0800", "2026-05-03T08:32:59"),
    ],
)
def test_moments(text, moment):
    assert parse_time(text).isoformat() == moment


@pytest.mark.parametrize("text", ["20261301", "tomorrow", "20260230", "2026050308325", "２０２６"])
def test_what_is_no_moment_names_its_field(text):
    with pytest.raises(HL7Error, match="ARQ-11: Not a time"):
        message(MSH, f"ARQ|||||||||||{text}").require("ARQ").time(11)


def test_a_missing_field_is_named():
    with pytest.raises(HL7Error, match="AIS-3") as caught:
        message(MSH, "AIS|1|A").require("AIS").require(3)
    assert caught.value.code == "101"
    with pytest.raises(HL7Error, match="SCH") as caught:
        message(MSH).require("SCH")
    assert caught.value.code == "100"
