"""Writing messages and acknowledgements; hl7apy validates what leaves."""

from datetime import date, datetime

import pytest
from hl7apy.parser import parse_message
from hypothesis import given
from hypothesis import strategies as st

from medaffairs.integration.hl7 import writer
from medaffairs.integration.hl7.reader import NULL, Header, HL7Error, Message
from medaffairs.integration.hl7.writer import Complaint, acknowledge, build, segment

REQUEST = (
    b"MSH|^~\\&|OR|HOSP|MEDAFFAIRS|MA|20260503083000||SIU^S12^SIU_S12|OR000017|P|2.5.1||||||UNICODE UTF-8\r"
)
AT = datetime(2026, 5, 3, 8, 30, 1)


@pytest.mark.parametrize(
    ("values", "written"),
    [
        (["AA", "1"], "ZZZ|AA|1"),
        ([None, "", 0, True], "ZZZ|||0|Y"),
        ([AT, date(2026, 5, 3)], "ZZZ|20260503083001|20260503"),
        ([("47.01", "阑尾切除术", "ICD9CM3"), NULL], 'ZZZ|47.01^阑尾切除术^ICD9CM3|""'),
        ([[("a", ("b", "c")), "d"]], "ZZZ|a^b&c~d"),
        (["a|b^c&d~e\\f\r\ng"], r"ZZZ|a\F\b\S\c\T\d\R\e\E\f\.br\g"),
        (["x", None, ("", None)], "ZZZ|x"),
        ({3: "x"}, "ZZZ|||x"),
        ([], "ZZZ"),
    ],
)
def test_values_become_fields(values, written):
    assert segment("ZZZ", values) == written


def test_an_acknowledgement_turns_sender_and_receiver_round():
    answer = Message(acknowledge(Header.parse(REQUEST), "AA", "已处理", control="1", created_at=AT))
    assert answer.header.sender == "MEDAFFAIRS|MA"
    assert (answer.header.receiving_application, answer.header.receiving_facility) == ("OR", "HOSP")
    assert answer.header.message_type == "ACK^S12"
    assert (answer.get("MSA-1"), answer.get("MSA-2"), answer.get("MSA-3")) == ("AA", "OR000017", "已处理")


def test_an_error_names_its_place_its_code_and_its_words():
    complaint = Complaint("204", "未授权", "AIS", 2, 3, "W", reason="NO_GRANT", system="MEDAFFAIRS")
    data = acknowledge(Header.parse(REQUEST), "AA", errors=[complaint])
    answer = Message(data)
    assert answer.segment("ERR").components(2) == ["AIS", "2", "3"]
    assert answer.get("ERR-3") == "204" and answer.get("ERR-4") == "W"
    assert answer.segment("ERR").components(5) == ["NO_GRANT", "未授权", "MEDAFFAIRS"]
    assert answer.get("ERR-8") == "未授权"
    assert parse_message(data.decode(), find_groups=False).validate()


def test_the_answer_is_written_as_the_request_was():
    line = REQUEST.replace(b"UNICODE UTF-8", b"GB 18030-2000").replace(b"|", b"#").replace(b"^", b"*")
    data = acknowledge(Header.parse(line), "AE", "手术#编码*错误")
    assert "手术".encode("gb18030") in data
    answer = Message(data)
    assert answer.header.codec == "gb18030" and answer.get("MSA-3") == "手术#编码*错误"


def test_a_character_the_set_lacks_is_named():
    with pytest.raises(HL7Error, match="PID-5"):
        build(["MSH|^~\\&", segment("PID", {3: "P1", 5: "王"})], "ascii")


def test_an_answer_to_something_without_header_is_a_rejection():
    answer = Message(writer.unreadable(HL7Error("the message does not begin with MSH", "MSH", 0, "100")))
    assert (answer.get("MSA-1"), answer.get("ERR-3"), answer.get("ERR-2")) == ("AR", "100", "MSH")


def test_control_ids_are_short_and_never_the_same():
    made = {writer.control_id() for _ in range(5000)}
    assert len(made) == 5000 and max(map(len, made)) <= 20


@given(st.lists(st.text(st.characters(codec="utf-8")), min_size=1, max_size=5))
def test_no_text_becomes_structure(texts):
    data = build(["MSH|^~\\&", segment("NTE", texts)])
    read = Message(data)
    assert len(read) == 2
    for number, text in enumerate(texts, start=1):
        kept = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0b", "").replace("\x1c", "")
        assert read.segment("NTE").text(number) == ("" if text == NULL else kept) or text == NULL
