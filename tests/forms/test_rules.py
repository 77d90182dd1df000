"""What a form decides: what is asked, what answers mean, what they score. Properties over random forms and answers."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medaffairs.forms import cells, design, rules, scoring
from medaffairs.forms.rules import Option, Question
from medaffairs.organization.rules import RuleError

NOW = datetime(2026, 11, 25, 10, 30)
WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp")), min_size=1, max_size=12
)
POINTS = st.none() | st.integers(-5, 10).map(Decimal)
OPTIONS = st.lists(st.builds(Option, WORDS.map(lambda text: text.replace("|", "-")), POINTS), min_size=2, max_size=5, unique_by=lambda option: option.text).map(tuple)  # fmt: skip
PLAIN = (rules.TEXT, rules.LONG_TEXT, rules.NUMBER, rules.DATE, rules.DATETIME, rules.SELECT, rules.MULTI, rules.YES_NO, rules.FILE, rules.STAFF)  # fmt: skip


def value_of(question: Question):
    """Answers that a question takes."""
    texts = [option.text for option in question.options]
    return {
        rules.TEXT: WORDS,
        rules.LONG_TEXT: st.lists(WORDS, min_size=1, max_size=3).map("\n".join),
        rules.NUMBER: st.decimals(-9999, 9999, places=3),
        rules.DATE: st.dates(date(1990, 1, 1), date(2030, 1, 1)),
        rules.DATETIME: st.datetimes(datetime(1990, 1, 1), datetime(2030, 1, 1)).map(lambda at: at.replace(microsecond=0)),
        rules.SELECT: st.sampled_from(texts) if texts else st.nothing(),
        rules.MULTI: st.lists(st.sampled_from(texts), min_size=1, unique=True) if texts else st.nothing(),
        rules.YES_NO: st.sampled_from([0, 1]),
        rules.SCORE: st.integers(0, int(question.full_marks)).map(Decimal),
        rules.FILE: st.lists(WORDS.map(lambda text: f"/private/files/{text.replace('.', '_')}"), min_size=1, max_size=4, unique=True),
        rules.STAFF: WORDS,
    }[question.kind]  # fmt: skip


@st.composite
def questions(draw, code: str, kinds=(*PLAIN, rules.SCORE), earlier=(), table=""):
    kind = draw(st.sampled_from(kinds))
    choices = draw(OPTIONS) if kind in (rules.SELECT, rules.MULTI, rules.YES_NO) else ()
    if table:
        choices = tuple(Option(option.text) for option in choices)
    return Question(
        code=code, label=f"题{code}", kind=kind, section=draw(st.sampled_from(["甲", "乙"])), options=choices, table=table,
        mandatory=draw(st.booleans()), full_marks=Decimal(draw(st.integers(1, 20))) if kind == rules.SCORE else Decimal(0),
        depends_on=draw(st.sampled_from(["", *earlier, *(f"eval:!doc.{name}" for name in earlier)])),
        weight=Decimal(draw(st.integers(0, 3))),
    )  # fmt: skip


@st.composite
def forms(draw):
    """A sound form of up to eight questions, one of which may be a table."""
    made: list[Question] = []
    for number in range(draw(st.integers(1, 7))):
        made.append(draw(questions(f"q{number}", earlier=[question.code for question in made])))
    if draw(st.booleans()):
        made.append(Question(code="rows", label="表", kind=rules.TABLE, section="乙"))
        made += [
            draw(questions(f"c{number}", kinds=PLAIN, table="rows"))
            for number in range(draw(st.integers(1, 3)))
        ]
    return rules.template("F-v1", "F", 1, "表单", made)


@st.composite
def filled(draw):
    """A form and answers to some of its questions, whether they are asked or not."""
    form = draw(forms())
    given_values = {}
    for question in form.asked:
        if not draw(st.booleans()):
            continue
        if question.kind == rules.TABLE:
            row = st.fixed_dictionaries(
                {}, optional={column.code: value_of(column) for column in form.columns["rows"]}
            )
            given_values["rows"] = draw(st.lists(row, max_size=3))
        else:
            given_values[question.code] = draw(value_of(question))
    return form, given_values


@given(filled())
def test_stored_answers_come_back_as_they_were(example):
    form, given_values = example
    values = rules.read(form, given_values, NOW, complete=False).values
    assert cells.unpack(form, cells.pack(form, values)) == values
    again = rules.read(form, rules.scope(values), NOW, complete=False)
    assert (again.values, again.faults) == (values, [])


@given(filled())
def test_what_is_not_asked_is_dropped_and_never_missed(example):
    form, given_values = example
    reading = rules.read(form, given_values, NOW)
    asked = {question.code for question in reading.asked}
    assert asked == {question.code for question in rules.visible(form, reading.values)}
    assert set(reading.values) <= asked and {fault.code for fault in reading.faults} <= asked
    for question in form.asked:
        if question.depends_on and question.code in asked:
            assert rules.holds(question.depends_on, rules.scope(reading.values))


@given(filled())
def test_what_must_be_answered_is_missed_exactly_when_it_is_asked_and_empty(example):
    form, given_values = example
    reading = rules.read(form, given_values, NOW)
    missed = {fault.code for fault in reading.faults if fault.missing and not fault.row}
    assert missed == {q.code for q in reading.asked if q.mandatory and q.code not in reading.values}
    assert not [
        fault for fault in rules.read(form, given_values, NOW, complete=False).faults if fault.missing
    ]
    assert 0 <= rules.progress(reading) <= 100
    assert not missed or rules.progress(reading) < 100


@given(filled())
def test_nobody_scores_more_than_full_marks(example):
    form, given_values = example
    values = rules.read(form, given_values, NOW, complete=False).values
    total = scoring.total(form, values)
    assert total.score <= total.full <= scoring.full_marks(form)
    stored = sum((cell.score for cell in cells.pack(form, values)), Decimal(0))
    assert stored == total.score


@given(forms())
def test_a_sound_form_has_no_faults_and_equals_itself(form):
    assert design.template_faults(form, NOW) == []
    assert design.compare(form, form) == []


@given(forms(), st.randoms())
def test_the_differences_of_two_versions_are_all_that_differs(form, random):
    questions_ = list(form.questions)
    random.shuffle(questions_)
    other = rules.template("F-v2", "F", 2, "表单", questions_)
    moved = {change.code for change in design.compare(form, other)}
    stays = [(q.table, q.code) for q in form.questions if q.code not in moved]
    assert stays == [(q.table, q.code) for q in questions_ if q.code not in moved]


@pytest.mark.parametrize(
    ("question", "raw", "message"),
    [
        (Question("q", "数", rules.NUMBER), "12a", "This is not a number"),
        (Question("q", "数", rules.NUMBER), "NaN", "This is not a number"),
        (Question("q", "数", rules.NUMBER), "1e99", "This is not a number"),
        (Question("q", "数", rules.NUMBER), True, "This is not a number"),
        (Question("q", "数", rules.NUMBER), "0.1234567", "At most six digits after the point"),
        (Question("q", "数", rules.NUMBER, minimum="0", maximum="10"), 11, "Must not be more than 10"),
        (Question("q", "数", rules.NUMBER, minimum="0", maximum="10"), -1, "Must not be less than 0"),
        (Question("q", "日", rules.DATE), "2026-02-30", "This is not a date"),
        (Question("q", "日", rules.DATE, maximum="today"), "2026-11-26", "Must not be after 2026-11-25"),
        (Question("q", "日", rules.DATE, minimum="today-30"), "2026-10-25", "Must not be before 2026-10-26"),
        (Question("q", "时", rules.DATETIME, maximum="now"), "2026-11-25 10:31:00", "Must not be after 2026-11-25 10:30"),
        (Question("q", "时", rules.DATETIME), "2026-11-25T10:00:00+08:00", "This is not a date and time"),
        (Question("q", "选", rules.SELECT, options=(Option("甲"), Option("乙"))), "丙", "丙 is not one of the choices"),
        (Question("q", "选", rules.MULTI, options=(Option("甲"), Option("乙"))), ["甲", "丙"], "丙 is not one of the choices"),
        (Question("q", "选", rules.MULTI, options=(Option("甲"), Option("乙")), maximum="1"), ["甲", "乙"], "Please choose at most 1"),
        (Question("q", "是", rules.YES_NO), "maybe", "Please answer yes or no"),
        (Question("q", "分", rules.SCORE, full_marks=Decimal(5)), 6, "Must lie between 0 and 5"),
        (Question("q", "文", rules.TEXT), "长" * 501, "Too long: at most 500 letters"),
        (Question("q", "文", rules.LONG_TEXT), "长" * 10_000_000, "Too long: at most 10000 letters"),
        (Question("q", "文", rules.TEXT), {"a": 1}, "This is not a text"),
        (Question("q", "件", rules.FILE), ["http://elsewhere/x.png"], "http://elsewhere/x.png is not a file of this system"),
        (Question("q", "件", rules.FILE), ["/private/files/../x"], "/private/files/../x is not a file of this system"),
        (Question("q", "件", rules.FILE), [f"/private/files/{n}.png" for n in range(10)], "At most 9 files"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_words(question, raw, message):
    with pytest.raises(RuleError) as refusal:
        rules.parse(question, raw, NOW)
    assert str(refusal.value) == message


def test_bounds_hold_the_day_itself():
    assert rules.parse(Question("q", "日", rules.DATE, maximum="today"), "2026-11-25", NOW) == NOW.date()
    assert (
        rules.parse(Question("q", "时", rules.DATETIME, maximum="today"), "2026-11-25 23:59:00", NOW).hour
        == 23
    )
    assert rules.moment("today-1", NOW) == datetime(2026, 11, 24) and rules.moment(
        "now+2", NOW
    ) == NOW + timedelta(2)


def test_a_fault_in_a_table_names_row_and_column():
    form = rules.template("F-v1", "F", 1, "表", [
        Question("drugs", "药品", rules.TABLE, section="用药", minimum="1", maximum="2"),
        Question("name", "药名", rules.TEXT, table="drugs", mandatory=True),
        Question("dose", "剂量", rules.NUMBER, table="drugs", depends_on="name"),
        Question("why", "原因", rules.TEXT, table="drugs", depends_on="eval:parent.late", mandatory=True),
    ])  # fmt: skip
    given_rows = [{"name": "甲"}, {"name": "", "dose": ""}, {"dose": 3}, {"name": "乙", "dose": "x"}]
    faults = rules.read(form, {"drugs": given_rows}, NOW).faults
    assert [(fault.section, fault.label, fault.row, fault.column, fault.missing) for fault in faults] == [
        ("用药", "药品/药名", 2, "name", True), ("用药", "药品/剂量", 3, "dose", False),
    ]  # fmt: skip
    many = rules.read(form, {"drugs": [{"name": str(n)} for n in range(3)]}, NOW)
    assert [fault.message for fault in many.faults] == ["At most {0} rows"]


UNSOUND = [
    ([], "The form has no questions"),
    ([Question("A", "大写")], "is no question code"),
    ([Question("doc", "保留字")], "is no question code"),
    ([Question("a", "一"), Question("a", "二")], "used twice"),
    ([Question("a", "一", rules.SELECT, options=(Option("甲"),))], "At least two options"),
    ([Question("a", "一", rules.SELECT, options=(Option("甲"), Option("甲")))], "named twice"),
    ([Question("a", "一", rules.SCORE)], "Full marks are needed"),
    ([Question("a", "一", rules.TABLE)], "no columns"),
    ([Question("b", "零"), Question("a", "一", table="t")], "is no table"),
    (
        [
            Question("t", "表", rules.TABLE),
            Question("a", "一", rules.SCORE, table="t", full_marks=Decimal(1)),
        ],
        "carries no points",
    ),
    ([Question("a", "一", depends_on="b"), Question("b", "二")], "not asked before"),
    ([Question("a", "一", depends_on="eval:doc.")], "not understood"),
    ([Question("a", "一", depends_on="eval:__import__('os')")], "not understood"),
    ([Question("a", "一", rules.NUMBER, minimum="5", maximum="1")], "lower bound"),
    ([Question("a", "一", rules.DATE, minimum="yesterday")], "is no date"),
]


@pytest.mark.parametrize(("made", "message"), UNSOUND, ids=[message for _, message in UNSOUND])
def test_an_unsound_form_says_why(made, message):
    faults = design.template_faults(rules.template("F-v1", "F", 1, "表", made), NOW)
    assert len(faults) == 1 and message in faults[0].message.format(*faults[0].arguments)


def test_options_carry_points_behind_a_bar():
    assert rules.options("无|0\n 有一次 | 2.5\n\n不清楚") == (
        Option("无", Decimal(0)), Option("有一次", Decimal("2.5")), Option("不清楚"),
    )  # fmt: skip
    with pytest.raises(RuleError):
        rules.options("有|很多")


def test_points_follow_weight_and_what_is_asked():
    form = rules.template("F-v1", "F", 1, "评分", [
        Question("a", "一", rules.SELECT, options=(Option("好", Decimal(10)), Option("差", Decimal(-5))), weight=Decimal(2)),
        Question("b", "二", rules.MULTI, options=(Option("甲", Decimal(3)), Option("乙", Decimal(4)))),
        Question("c", "三", rules.YES_NO, options=(Option("是", Decimal(1)), Option("否", Decimal(0))), depends_on="eval:doc.a=='差'"),
        Question("d", "四", rules.SCORE, full_marks=Decimal(5)),
    ])  # fmt: skip
    assert scoring.total(form, {"a": "好", "b": ["甲"], "d": Decimal(4)}) == (27, 32)
    assert scoring.total(form, {"a": "差", "b": ["甲", "乙"], "c": 1}) == (-2, 33)
    assert scoring.full_marks(form) == 33
