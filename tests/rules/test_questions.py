"""What may be asked: every field is read the same at every door, and what is wrong is named."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medaffairs.organization.rules import RuleError
from medaffairs.privileging import questions

NOW = datetime(2026, 5, 3, 8, 32)
SHANGHAI = ZoneInfo("Asia/Shanghai")
ASKED = {"practitioner": "D001", "kind": "SURGERY", "code": "51.2300"}


def parse(**changes):
    return questions.parse({**ASKED, **changes}, NOW, SHANGHAI)


def test_what_is_left_out_is_now_and_no():
    assert parse() == questions.Question("D001", "SURGERY", "51.2300", NOW)
    assert parse(at="", as_of=None, record="", emergency=None, department="", source=None) == parse()


@pytest.mark.parametrize(
    "text",
    [
        "2026-05-03T08:32:00",
        "2026-05-03 08:32",
        "2026-05-03T08:32:00+08:00",
        "2026-05-03T08:32:00 08:00",  # an unescaped "+" in an address
        "2026-05-03T00:32:00Z",
        "2026-05-02T19:32:00-05:00",
        " 2026-05-03 08:32:00.000000 ",
    ],
)
def test_a_time_is_the_hospitals_unless_it_names_its_zone(text):
    assert parse(at=text).at == NOW


@pytest.mark.parametrize("yes", ["1", 1, True, "true"])
@pytest.mark.parametrize("no", ["0", 0, False, "", None, "false"])
def test_switches(yes, no):
    question = parse(record=yes, emergency=no)
    assert (question.record, question.emergency) == (True, False)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("practitioner", "", "practitioner is missing"),
        ("kind", None, "kind is missing"),
        ("code", 512300, "code must be text: 512300"),
        ("code", "5" * 141, "code is longer than 140 characters"),
        ("department", "a\x00b", "department holds characters that are not allowed"),
        ("at", "gestern", "at is not a date and time: gestern"),
        ("at", 20260503, "at is not a date and time: 20260503"),
        ("at", "0001-01-01T00:00:00+14:00", "at is not a date and time: 0001-01-01T00:00:00+14:00"),
        ("at", "9999-12-31T23:59:59", "at is not a date and time: 9999-12-31T23:59:59"),
        ("as_of", "2026-13-45", "as_of is not a date and time: 2026-13-45"),
        ("record", "perhaps", "record must be 0 or 1: perhaps"),
        ("emergency", 2, "emergency must be 0 or 1: 2"),
        ("emergancy", "1", "Unknown field: emergancy"),
    ],
)
def test_what_is_wrong_is_named(field, value, words):
    with pytest.raises(RuleError) as broken:
        parse(**{field: value})
    assert str(broken.value) == words


def test_of_many_questions_the_row_is_named():
    with pytest.raises(RuleError) as broken:
        questions.parse_all([ASKED, {**ASKED, "at": "x"}], NOW, SHANGHAI)
    assert str(broken.value) == "Question 2: at is not a date and time: x"
    assert (broken.value.row, broken.value.field) == (2, "at")
    for wrong in ({}, "text", None, [ASKED] * 1001, [ASKED, 5]):
        with pytest.raises(RuleError):
            questions.parse_all(wrong, NOW, SHANGHAI)
    assert len(questions.parse_all([ASKED] * 1000, NOW, SHANGHAI)) == 1000


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner),
    max_leaves=3,
)


@given(st.dictionaries(st.sampled_from(questions.Question._fields) | st.text(), anything))
def test_whatever_is_sent_is_a_question_or_an_error_in_words(entry):
    try:
        question = questions.parse(entry, NOW, SHANGHAI)
    except RuleError as broken:
        assert str(broken)
    else:
        assert question.practitioner and question.kind and question.code
        assert question.at.tzinfo is None


@given(st.datetimes(datetime(1901, 1, 1), datetime(2998, 1, 1)))
def test_every_written_time_is_read_back(moment):
    assert questions.moment(moment.isoformat(), SHANGHAI) == moment
    assert questions.moment(str(moment), SHANGHAI) == moment
