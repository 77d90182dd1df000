"""Conditions for privileges: what is met, what is missing, in words; every type of rule."""

from __future__ import annotations

from datetime import date, timedelta

import frappe
import pytest
from frappe.utils import add_days, add_to_date, nowdate
from hypothesis import given
from hypothesis import strategies as st

from medaffairs.privileging import ledger, sheets
from medaffairs.privileging.eligibility import (
    Exam,
    Facts,
    KindNeeds,
    Operation,
    best_exam,
    judge,
    months_after,
    volume,
    years_and_months,
)

TODAY = date(2026, 6, 15)


def say(sentence: str, *values) -> str:
    return sentence.format(*values)


def met(rule_type: str, facts: Facts, code: str = "X", level: str = "3", **rule) -> bool:
    verdict = judge(code, level, [{"rule_type": rule_type, "mandatory": 1, **rule}], facts, TODAY, say)
    assert verdict.criteria[0].message
    assert bool(verdict.missing_words()) == (not verdict.eligible)
    return verdict.eligible


@pytest.mark.parametrize(
    ("rule", "good", "bad"),
    [
        (
            {"rule_type": "Title Level", "title_level": "Associate Senior"},
            Facts(title_level="Senior"),
            Facts(title_level="Intermediate"),
        ),
        (
            {"rule_type": "Years In Title", "value": 3},
            Facts(title_date=date(2023, 6, 15)),
            Facts(title_date=date(2023, 6, 16)),
        ),
        (
            {"rule_type": "Years Of Practice", "value": 1.5},
            Facts(work_start_date=date(2024, 12, 15)),
            Facts(work_start_date=date(2025, 1, 15)),
        ),
        (
            {"rule_type": "Exam Score", "item": "E", "value": 80},
            Facts(exams={"E": [Exam(80, 80, TODAY, TODAY)]}),
            Facts(exams={"E": [Exam(79.5, 80, TODAY, TODAY)]}),
        ),
        (
            {"rule_type": "Exam Score", "item": "E"},
            Facts(exams={"E": [Exam(60, 60, TODAY)]}),
            Facts(exams={"E": [Exam(99, 60, TODAY, TODAY - timedelta(days=1))]}),
        ),
        (
            {"rule_type": "Procedure Volume", "value": 2, "months": 12},
            Facts(operations=[Operation("X", "3", date(2025, 6, 15)), Operation("X", "3", TODAY)]),
            Facts(operations=[Operation("X", "3", date(2025, 6, 14)), Operation("X", "3", TODAY)]),
        ),
        (
            {"rule_type": "Procedure Volume", "value": 1, "item": "LEVEL-3", "role": "Assistant"},
            Facts(operations=[Operation("Y", "4", TODAY, "Assistant")]),
            Facts(
                operations=[Operation("Y", "4", TODAY, "Surgeon"), Operation("Y", "2", TODAY, "Assistant")]
            ),
        ),
        (
            {"rule_type": "Qualification", "item": "Q"},
            Facts(qualifications={"Q": None}),
            Facts(qualifications={"Q": TODAY - timedelta(days=1)}),
        ),
        (
            {"rule_type": "Licence Category", "item": "Clinical"},
            Facts(licence_category="Clinical"),
            Facts(licence_category="Dentistry"),
        ),
        ({"rule_type": "Held Privilege", "item": "RX_GEN"}, Facts(held=frozenset({"RX_GEN"})), Facts()),
    ],
    ids=lambda value: value.get("rule_type") if isinstance(value, dict) else "",
)
def test_every_type_of_rule_tells_good_from_bad(rule, good, bad) -> None:
    assert met(facts=good, **rule)
    assert not met(facts=bad, **rule)
    assert not met(facts=Facts(), **rule)


def test_advice_does_not_keep_anybody_from_applying() -> None:
    rule = {"rule_type": "Title Level", "title_level": "Senior", "mandatory": 0}
    verdict = judge("X", "4", [rule], Facts(title_level="Junior"), TODAY, say)
    assert verdict.eligible and not verdict.criteria[0].met


def test_rules_of_other_items_and_levels_are_passed_over() -> None:
    rules = [
        {"rule_type": "Title Level", "title_level": "Senior", "mandatory": 1, "level": "4"},
        {"rule_type": "Title Level", "title_level": "Senior", "mandatory": 1, "code": "Y"},
    ]
    assert judge("X", "3", rules, Facts(), TODAY, say).criteria == []


def test_the_exam_of_the_kind_counts_where_no_rule_names_another() -> None:
    needs = KindNeeds(exam="E", exam_name="考试")
    assert not judge("X", None, [], Facts(), TODAY, say, needs).eligible
    own = {"rule_type": "Exam Score", "item": "OTHER", "value": 60, "mandatory": 1, "code": "X"}
    facts = Facts(exams={"OTHER": [Exam(70, 60, TODAY)]})
    assert judge("X", None, [own], facts, TODAY, say, needs).eligible
    assert not judge("Y", None, [own], facts, TODAY, say, needs).eligible


def test_an_item_of_its_own_exam_is_not_asked_for_the_general_one() -> None:
    rules = [
        {"rule_type": "Exam Score", "item": "GENERAL", "value": 80, "mandatory": 1},
        {"rule_type": "Exam Score", "item": "NARCOTIC", "value": 80, "mandatory": 1, "code": "RX_NARC"},
    ]
    facts = Facts(exams={"NARCOTIC": [Exam(85, 80, TODAY)]})
    assert judge("RX_NARC", None, rules, facts, TODAY, say).eligible
    assert not judge("RX_GEN", None, rules, facts, TODAY, say).eligible


def test_an_expired_licence_and_a_privilege_taken_back_lately_bar_everybody() -> None:
    assert not judge("X", None, [], Facts(licence_valid_to=date(2026, 6, 14)), TODAY, say).eligible
    assert judge("X", None, [], Facts(licence_valid_to=TODAY), TODAY, say).eligible
    facts, needs = Facts(revoked={"X": date(2025, 12, 31)}), KindNeeds(months_after_revoke=6)
    assert not judge("X", None, [], facts, TODAY, say, needs).eligible
    assert judge("X", None, [], facts, date(2026, 6, 30), say, needs).eligible


days = st.dates(date(2000, 1, 1), date(2030, 1, 1))


@given(days, days)
def test_whole_years_and_months_never_reach_beyond_the_day(start, today) -> None:
    years, months = years_and_months(start, today)
    assert 0 <= months < 12
    if start <= today:
        whole = years * 12 + months
        assert months_after(start, whole) <= today < months_after(start, whole + 1) or start.day > 28


@given(st.lists(st.tuples(st.integers(0, 100), days, st.none() | days)), days)
def test_the_best_exam_that_counts_is_the_one_that_speaks(attempts, today) -> None:
    exams = [Exam(score, 60, taken, until) for score, taken, until in attempts]
    best = best_exam(exams, today)
    counting = [e.score for e in exams if e.taken <= today and (e.valid_to is None or e.valid_to >= today)]
    assert (best is None) == (not exams)
    if counting:
        assert best.score == max(counting)


operations = st.lists(
    st.builds(
        Operation,
        st.sampled_from("XYZ"),
        st.sampled_from("1234"),
        days,
        st.sampled_from(["Surgeon", "Assistant"]),
    )
)


@given(operations, st.integers(0, 60), st.sampled_from(["", "X", "LEVEL-1", "LEVEL-3"]))
def test_volume_counts_what_a_clerk_would_count(done, months, item) -> None:
    rule = {"item": item, "code": "Z", "months": months, "role": "Surgeon"}
    count = 0
    for operation in done:
        if operation.role != "Surgeon":
            continue
        if item.startswith("LEVEL-") and operation.level < item[-1]:
            continue
        if not item.startswith("LEVEL-") and operation.procedure != (item or "Z"):
            continue
        if months and operation.on < months_after(TODAY, -months):
            continue
        count += 1
    assert volume(rule, done, TODAY) == count


def _rule(**values):
    return frappe.get_doc(doctype="Eligibility Rule", enabled=1, mandatory=1, **values).insert()


@pytest.fixture
def strict(ward) -> None:
    """Surgery with rules about exam, volume and certificate, and nothing else."""
    frappe.db.delete("Eligibility Rule", {"kind": "SURGERY"})
    frappe.db.set_value("Privilege Kind", "SURGERY", {"requires_exam": 1, "exam": "EXAM-SURGERY_BASIC"})
    _rule(kind="SURGERY", rule_type="Procedure Volume", item="T47.0100", value=2, months=24, code="T51.2300")
    _rule(kind="SURGERY", rule_type="Qualification", item="QUALIFICATION-ROBOTIC", code="T06.3900")


def verdicts(*codes: str) -> dict[str, dict]:
    return {row["code"]: row for row in sheets.eligibility(kind="SURGERY", codes=list(codes))}


def exam_result(ward, score: float, who: str = "surgeon", days: int = 300) -> str:
    return frappe.get_doc(
        doctype="Exam Result", practitioner=ward.people[who], exam="EXAM-SURGERY_BASIC", score=score, pass_score=80,
        exam_date=add_days(nowdate(), -30), valid_to=add_days(nowdate(), days),
    ).insert().name  # fmt: skip


def test_before_applying_one_sees_what_is_missing(ward, strict) -> None:
    ward.as_("surgeon")
    found = verdicts("T51.2300", "T47.0100", "T06.3900")
    assert [row["eligible"] for row in found.values()] == [False, False, False]
    ward.as_("Administrator")
    exam_result(ward, 85)
    for number in range(2):
        frappe.get_doc(
            doctype="Operation Record", operation_no=f"EL-{number}", surgeon=ward.people["surgeon"], procedure="T47.0100",
            level="2", status="Finished", started_at=add_to_date(None, months=-number - 1), scheduled_at=add_to_date(None, months=-2),
        ).insert(ignore_permissions=True)  # fmt: skip
    ward.as_("surgeon")
    found = verdicts("T51.2300", "T47.0100", "T06.3900")
    assert [row["eligible"] for row in found.values()] == [True, True, False]
    assert any("腹腔镜阑尾切除术" in c["message"] for c in found["T51.2300"]["criteria"])


def test_the_exam_behind_an_application_is_linked_to_it(ward, strict) -> None:
    exam_result(ward, 70)
    ward.as_("surgeon")
    frappe.db.savepoint("before_applying")
    with pytest.raises(frappe.ValidationError, match="80"):
        sheets.apply(kind="SURGERY", codes=["T47.0100"])
    frappe.db.rollback(save_point="before_applying")
    ward.as_("Administrator")
    passed = exam_result(ward, 88)
    ward.as_("surgeon")
    name = sheets.apply(kind="SURGERY", codes=["T47.0100"])["name"]
    assert frappe.db.get_value("Privilege Application", name, "exam_result") == passed


def test_what_is_held_or_applied_for_is_not_applied_for_again(ward, strict) -> None:
    exam_result(ward, 88)
    ledger.grant(ward.people["surgeon"], "SURGERY", "T47.0100")
    frappe.db.delete("Eligibility Rule", {"kind": "SURGERY"})
    ward.as_("surgeon")
    with pytest.raises(frappe.ValidationError, match="1"):
        sheets.apply(kind="SURGERY", codes=["T47.0100"])
    first = sheets.apply(kind="SURGERY", codes=["T51.2300"])["name"]
    with pytest.raises(frappe.ValidationError, match=first):
        sheets.apply(kind="SURGERY", codes=["T06.3900", "T51.2300"])


def test_what_ends_soon_may_be_renewed(ward, strict) -> None:
    exam_result(ward, 88)
    ledger.grant(ward.people["surgeon"], "SURGERY", "T47.0100", valid_to=add_to_date(None, days=20))
    ward.as_("surgeon")
    assert sheets.apply(kind="SURGERY", codes=["T47.0100"])["name"]


def test_an_antimicrobial_privilege_taken_back_waits_six_months(ward) -> None:
    person = ward.people["surgeon"]
    name = ledger.grant(person, "ANTIMICROBIAL", "ABX_1", valid_from=add_to_date(None, days=-90))
    ledger.revoke(name, "超常处方", at=add_to_date(None, days=-1))
    ward.as_("surgeon")
    criteria = sheets.eligibility(kind="ANTIMICROBIAL", codes=["ABX_1"])[0]["criteria"]
    barred = [row for row in criteria if not row["met"] and nowdate()[:4] in row["message"]]
    assert barred and all(row["mandatory"] for row in barred)


def test_a_fresh_hospital_has_the_national_conditions_with_their_basis(site) -> None:
    rows = frappe.get_all(
        "Eligibility Rule",
        {"rule_key": ("is", "set")},
        ["rule_key", "basis", "certainty", "mandatory", "kind"],
    )
    assert {row.kind for row in rows} == {"SURGERY", "PRESCRIPTION", "ANTIMICROBIAL", "ANTITUMOUR"}
    assert all(row.basis and row.certainty for row in rows)
    by_key = {row.rule_key: row for row in rows}
    assert by_key["ABX_2/title"].mandatory and not by_key["SURGERY/4/title"].mandatory
    from medaffairs.setup.privileges import sync_privileges

    assert sync_privileges() == 0


@pytest.mark.parametrize(
    "values",
    [
        {"rule_type": "Title Level"},
        {"rule_type": "Years In Title", "value": 0},
        {"rule_type": "Exam Score", "item": "QUALIFICATION-BLS"},
        {"rule_type": "Qualification", "item": "EXAM-NARCOTIC"},
        {"rule_type": "Procedure Volume", "value": 3, "item": "LEVEL-9"},
        {"rule_type": "Held Privilege", "item": "NOTHING"},
        {"rule_type": "Title Level", "title_level": "Senior", "code": "NOWHERE"},
    ],
)
def test_a_rule_that_means_nothing_is_refused(ward, values) -> None:
    with pytest.raises(frappe.ValidationError):
        _rule(kind="SURGERY", **values)


def test_drug_privileges_have_no_levels(ward) -> None:
    with pytest.raises(frappe.ValidationError):
        _rule(kind="PRESCRIPTION", rule_type="Title Level", title_level="Senior", level="3")
