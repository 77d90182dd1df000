"""Statistics and queries: every figure is known beforehand, and every row leads to the cases behind it."""

from __future__ import annotations

from typing import Any

import frappe
import pytest
from dispute.conftest import DESK
from frappe.desk import query_report
from frappe.utils import add_days, getdate, now_datetime
from support.printing import printed

from medaffairs.dispute import api, rules

PERIOD = {"from_date": "2023-01-01", "to_date": "2023-03-31"}


def run(report: str, **filters: Any) -> dict[str, Any]:
    return query_report.run(report, filters=PERIOD | filters, ignore_prepared_report=True)


def rows_of(answer: dict[str, Any]) -> list[dict]:
    return [row for row in answer["result"] if isinstance(row, dict)]


@pytest.fixture
def complaints(complaint, as_user) -> list[Any]:
    """Four complaints of a past winter and a draft: three about the first department, two by the hotline."""
    made = []
    for number, (day, department, source, state, late) in enumerate((
        ("2023-01-05", "T-CASE", "07", "Archived", 0), ("2023-01-20", "T-CASE", "07", "Answered", 1),
        ("2023-03-02", "T-CASE", "01", "In Handling", 0), ("2023-03-31", "T-CASE2", "01", "Closed", 0), ("2023-02-01", "T-CASE", "01", "Draft", 0),
    )):  # fmt: skip
        doc = complaint(
            subject=f"统计{number}",
            received_at=f"{day} 23:30:00",
            department=department,
            source=f"COMPLAINT_SOURCE-{source}",
            cause="COMPLAINT_CAUSE-21",
        )
        answered = f"{day} 23:59:00" if state in ("Archived", "Answered", "Closed") else None
        doc.db_set(
            {"workflow_state": state, "answered_at": answered, "answered_late": late}, update_modified=False
        )
        made.append(doc)
    as_user(DESK)
    return made


def test_months_without_a_complaint_are_shown_and_drafts_are_not_counted(complaints):
    answer = run("Complaint Statistics", group_by="Month")
    assert [(row["group"], row["cases"], row["over"]) for row in rows_of(answer)] == [
        ("2023-01", 2, 1), ("2023-02", 0, 0), ("2023-03", 2, 1),
    ]  # fmt: skip
    figures = {row["label"]: row["value"] for row in answer["report_summary"]}
    assert (figures["Complaints"], figures["Settled"], figures["Answered in Time (%)"]) == (4, 2, 66.7)


@pytest.mark.parametrize(
    ("group", "counted"),
    [
        ("Department", [("测试科 T-CASE", 3), ("测试科 T-CASE2", 1)]),
        ("Source", [("现场来访", 2), ("12345政务热线", 2)]),
        ("Cause", [("服务态度", 4)]),
    ],
)
def test_every_row_leads_to_as_many_cases_as_it_counts(complaints, group, counted):
    answer = run("Complaint Statistics", group_by=group)
    assert [(row["group"], row["cases"]) for row in rows_of(answer)] == counted
    for row in rows_of(answer):
        found = frappe.get_list("Medical Complaint", filters=row["drill"]["filters"], pluck="name")
        assert len(found) == row["cases"]
    assert sum(answer["chart"]["data"]["datasets"][0]["values"]) == 4


def test_a_department_counts_its_own(complaints):
    answer = run("Complaint Statistics", group_by="Source", department="T-CASE2")
    assert [(row["group"], row["cases"]) for row in rows_of(answer)] == [("现场来访", 1)]


def test_the_query_shows_what_was_done(handled, take, as_user):
    doc = handled(mode="COMPLAINT_MODE-01", subject="查询测试")
    as_user(DESK)
    (given,) = api.circulate(doc.doctype, doc.name, ["T-CASE2"], "请说明")
    take(DESK, doc, "Switch Mode", "情况复杂", mode="COMPLAINT_MODE-02")
    take(DESK, doc, "Hand Over", "请医务处办理", to="T-CASE6")
    frappe.db.set_value(rules.CIRCULATION, given, {"status": "Replied", "reply": "已核实"})
    as_user(DESK)
    today = str(getdate())
    answer = query_report.run(
        "Complaint Query",
        filters={"from_date": str(add_days(today, -1)), "to_date": today, "text": "查询测试"},
        ignore_prepared_report=True,
    )
    (row,) = rows_of(answer)
    assert "情况复杂" in row["switches"] and "请医务处办理" in row["handed_over"]
    assert row["circulated"].endswith("（Replied）") and row["replies"].endswith("：已核实")
    assert row["handling"].count(str(getdate(now_datetime()))) == 2


def test_printed_forms_say_what_was_entered_and_run_nothing(handled, as_user):
    doc = handled(complainant="<b>测试家属乙</b>", content="{{ 7 * 7 }}<script>alert(1)</script>")
    as_user(DESK)
    html = printed(doc.doctype, doc.name, "Complaint Acceptance")
    assert "{{ 7 * 7 }}" in html and "<script>alert" not in html and "&lt;b&gt;" in html
    notice = api.issue_notice(doc.name, "投诉受理告知书")
    html = printed("Complaint Notice", notice, "Complaint Notice Letter")
    assert doc.name in html and "&lt;b&gt;测试家属乙" in html
