"""What can be said of cases without a site."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medaffairs.dispute import rules
from medaffairs.organization.rules import RuleError

TEXT = st.text(max_size=60)


@given(
    st.sampled_from(sorted(rules.PREFILL)),
    st.dictionaries(st.sampled_from(["subject", "name", "description", "content", "patient_name"]), TEXT),
)
def test_the_next_document_takes_over_only_what_is_there(step, values):
    source, target = step
    made = rules.prefilled(source, target, values)
    assert set(made.values()) <= set(values.values())
    assert all(made.values())
    if values.get("patient_name"):
        assert made["patient_name"] == values["patient_name"]


@given(st.sampled_from(rules.CASES), st.sampled_from(rules.CASES))
def test_the_chain_leads_forward_only(source, target):
    if (source, target) in rules.PREFILL:
        assert rules.CASES.index(target) > rules.CASES.index(source)
    else:
        with pytest.raises(RuleError, match="cannot be turned into"):
            rules.prefilled(source, target, {})


def test_persons_and_departments_go_along_but_not_into_a_claim():
    staff = {"staff": [{"practitioner": "D1", "part": "主管", "name": "row"}], "subject": "x"}
    assert rules.prefilled(rules.WARNING, rules.COMPLAINT, staff)["staff"] == [
        {"practitioner": "D1", "part": "主管"}
    ]
    assert "staff" not in rules.prefilled(rules.DISPUTE, rules.CLAIM, staff)


@given(
    st.dictionaries(st.sampled_from(rules.BLANKS), st.text(alphabet="{}patientanswer测甲 ", max_size=30)),
    TEXT,
)
def test_what_fills_a_blank_is_never_a_blank_itself(values, around):
    around = around.replace("{", "").replace("}", "")
    for name, value in values.items():
        assert rules.fill_notice(f"{around}{{{name}}}。", values) == f"{around}{value}。"


def test_a_notice_has_no_blanks_that_nothing_fills():
    rules.check_blanks("{complainant}：{answer}")
    with pytest.raises(RuleError, match=r"no blank \{frappe.session\}"):
        rules.check_blanks("{{frappe.session}}")
    assert rules.fill_notice("{{ 7 * 7 }}", {}) == "{{ 7 * 7 }}"


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)), st.timedeltas(timedelta(-400), timedelta(400))
)
def test_nothing_has_happened_in_the_future(now, ahead):
    moment = now + ahead
    for value, late in ((moment, moment > now), (moment.date(), moment.date() > now.date())):
        if late:
            with pytest.raises(RuleError, match="Occurred At must not lie in the future"):
                rules.check_moments([("Occurred At", value)], now)
        else:
            rules.check_moments([("Occurred At", value)], now)
    rules.check_moments([("Occurred At", None)], now)


def test_an_event_lies_within_its_stay():
    stay = datetime(2026, 5, 1, 8), datetime(2026, 5, 9, 10)
    rules.check_within_stay("Occurred At", datetime(2026, 5, 9, 10), *stay)
    for at, said in (
        (datetime(2026, 4, 30), "admitted only at"),
        (datetime(2026, 5, 9, 11), "was discharged at 2026-05-09 10:00"),
    ):
        with pytest.raises(RuleError, match=f"Occurred At.*{said}"):
            rules.check_within_stay("Occurred At", at, *stay)


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("a.PDF", ""),
        ("录音.m4a", ""),
        ("x.exe", "exe"),
        ("x.pdf.js", "js"),
        ("none", "none"),
        ("a.svg", "svg"),
    ],
)
def test_types_of_files(name, fault):
    assert rules.file_fault(name) == fault


def test_limits_of_texts_people_and_records():
    with pytest.raises(RuleError, match="Content has 20001 characters; at most 20000"):
        rules.check_lengths([("Content", "文" * 20001, rules.LONGEST_TEXT)])
    with pytest.raises(RuleError, match="at most 5"):
        rules.check_representatives(6)
    with pytest.raises(RuleError, match="does not belong"):
        rules.check_record(rules.APPRAISAL, rules.COMPLAINT)
    with pytest.raises(RuleError, match="is no case"):
        rules.check_record(rules.APPRAISAL, "User")
    assert rules.paid_altogether(0.1, 0.2, None) == 0.3
