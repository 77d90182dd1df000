"""What is decided of events without a site: grades, likeness, codes, chains. Properties over generated events."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import given as every
from hypothesis import strategies as st

from medaffairs.adverse_event import rules
from medaffairs.adverse_event.rules import Likely, Stay

# A busy machine takes its time; what is found counts, not how fast.
PATIENT = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
NOW = datetime(2026, 3, 1, 12, 0)


def given(*strategies):
    """Any of the values, without a stopwatch."""
    return lambda test: PATIENT(every(*strategies)(test))


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=300)
LIKELY = st.builds(
    Likely, st.sampled_from("abcdef"), st.datetimes(NOW - timedelta(days=4), NOW), st.sampled_from(["AE02", "AE03"]),
    st.sampled_from(["A", "B"]), st.sampled_from(["", "WARD", "ICU"]), st.sampled_from(["", "P1", "P2"]),
    st.frozensets(st.sampled_from(["S1", "S2"])),
)  # fmt: skip


@given(LIKELY, LIKELY)
def test_likeness_is_mutual_and_ends_with_the_window(one, other):
    assert rules.likeness(one, other) == rules.likeness(other, one)
    far = other._replace(occurred=one.occurred + timedelta(hours=rules.WINDOW_HOURS, minutes=1))
    assert rules.likeness(one, far) == (0, [])


@given(LIKELY, LIKELY)
def test_two_patients_are_two_events(one, other):
    points, _alike = rules.likeness(one._replace(patient="P1"), other._replace(patient="P2"))
    assert points == 0


@given(LIKELY, st.lists(LIKELY, max_size=8))
def test_what_is_pointed_at_is_alike_never_itself_and_the_most_alike_first(one, others):
    found = rules.duplicates(one, others)
    assert all(row.name != one.name and points >= rules.LOOKS_ALIKE for row, points, _alike in found)
    assert [points for _row, points, _alike in found] == sorted((row[1] for row in found), reverse=True)


def test_the_same_patient_in_the_same_ward_looks_alike_whatever_it_is_called():
    one = Likely("a", NOW, "AE02", "A", "", "P1")
    assert rules.duplicates(one, [one._replace(name="b", category="AE03", occurred=NOW - timedelta(hours=5))])
    assert not rules.duplicates(one, [one._replace(name="b", patient="", department="B", place="ICU")])


@given(
    st.sampled_from(["", *"ABCDEFGHI"]),
    st.dictionaries(st.sampled_from("ABCDEFGHI"), st.sampled_from(["I", "II"])),
)
def test_a_categorys_own_grade_comes_before_the_usual_one(harm, special):
    usual = {"A": "IV", "D": "III", "I": "I"}
    grade = rules.grade_for(harm, usual, special, near_miss=False)
    assert grade == special.get(harm, usual.get(harm, ""))
    assert rules.grade_for("", usual, special, near_miss=True) == "IV"


def test_codes_are_kept_as_what_they_cannot_be_found_from():
    codes = {rules.new_code() for _ in range(200)}
    assert len(codes) == 200 and all(len(code) == 19 for code in codes)
    code = codes.pop()
    assert rules.key_of(code) == rules.key_of(code.lower().replace("-", " ")) != ""
    assert code.replace("-", "") not in rules.key_of(code)


@given(st.text(max_size=40))
def test_what_is_no_code_has_no_key(text):
    plain = [letter for letter in text.upper() if letter in rules.CODE_ALPHABET]
    if len(plain) != rules.CODE_LENGTH:
        assert rules.key_of(text) == "" or len(rules.key_of(text)) == 64


@given(WORDS, WORDS)
def test_an_event_has_one_line(category, words):
    line = rules.subject_of(category[:40], words)
    assert len(line) <= rules.LONGEST_LINE and "\n" not in line.split("：", 1)[-1]


@given(st.dates(date(1900, 1, 1), date(2026, 1, 1)), st.dates(date(1900, 1, 1), date(2026, 12, 31)))
def test_age_counts_completed_years(born, day):
    age = rules.age_at(born, day)
    if born > day:
        assert age is None
    else:
        assert 0 <= day.year - born.year - age <= 1
        assert age == day.year - born.year or (day.month, day.day) < (born.month, born.day)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)))
def test_an_event_happens_during_the_stay(moment):
    stay = Stay(NOW - timedelta(days=9), NOW - timedelta(days=2))
    faults = rules.stay_faults("1", stay, moment, True)
    assert bool(faults) == not_between(moment, stay) and all(row.field == "visit_no" for row in faults)


def not_between(moment: datetime, stay: Stay) -> bool:
    return not stay.admitted <= moment <= stay.discharged


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 6), st.booleans()), max_size=10))
def test_whole_chains_and_only_those_pass(rows):
    whys = [{"chain": c, "level": n, "question": "?", "answer": "!" if a else ""} for c, n, a in rows]
    faults = rules.why_faults(whys)
    chains = {c for c, _n, _a in rows}
    whole = all(
        c > 0 and sorted(n for x, n, _a in rows if x == c) == list(range(1, sum(x == c for x, _n, _a in rows) + 1))
        and all(a for x, n, a in rows if x == c and n < sum(y == c for y, _n, _a in rows))
        for c in chains
    )  # fmt: skip
    assert (not faults) == whole


def test_grave_events_are_not_handed_in_without_root_cause_and_action():
    assert [row.field for row in rules.analysis_faults(True, [], "", False)] == [
        "analysis",
        "causes",
        "actions",
    ]
    assert rules.analysis_faults(True, [{"is_root": 1}], "结论", True) == []
    assert rules.analysis_faults(False, [], "结论", False) == []


@given(st.integers(0, 60_000))
def test_a_text_longer_than_its_field_is_named_with_both_lengths(length):
    faults = rules.text_faults({"description": "啊" * length}, {"description": ("What Happened", 20_000)})
    assert [row.values for row in faults] == ([(length, 20_000)] if length > 20_000 else [])
