"""An event on paper, and the notice to the department that has to put it right. Who hides is hidden there too."""

from __future__ import annotations

import frappe
import pytest
from adverse_event.conftest import HEAD, MANAGER, NURSE, OFFICER, STRANGER, WARD
from support.printing import printed

from medaffairs.adverse_event import api, reporting, steps

EVENT_FORM, NOTICE = "Event Report Form", "Rectification Notice"


def chinese(doctype: str, name: str, form: str) -> str:
    frappe.local.lang = "zh"
    return printed(doctype, name, form)


@pytest.fixture
def analysed(report, take, as_user):
    """An event in analysis with causes, a chain and an improvement action: its number and the action's."""
    doc = report(staff=[{"practitioner": "T-AE1"}])
    take(HEAD, doc, "Forward", "情况属实")
    take(MANAGER, doc, "Accept")
    as_user(MANAGER)
    steps.save_analysis(doc.name, {
        "causes": [{"kind": "CAUSE_KIND-ENVIRONMENT", "cause": "地面湿滑", "is_root": 1}],
        "whys": [{"chain": 1, "level": 1, "question": "为什么滑倒？", "answer": "有水"}], "analysis": "设施缺陷",
    })  # fmt: skip
    action = api.open_action(doc.name, "加装防滑垫", WARD, "2099-01-31", "覆盖率100%")
    as_user("Administrator")
    return doc.name, action


def test_the_report_shows_facts_analysis_actions_and_course(analysed, as_user):
    as_user(OFFICER)
    page = chinese(reporting.DOCTYPE, analysed[0], EVENT_FORM)
    for words in (
        "不良事件报告表", "护理不良事件", "测试患者", "卫生间", "滑倒", "地面湿滑", "√", "为什么滑倒？ 有水", "加装防滑垫",
        "情况属实", "测试T-AE0",
    ):  # fmt: skip
        assert words in page, words


def test_a_hidden_reporter_is_hidden_on_paper(report, as_user):
    doc = report(identity="Protected")
    as_user(OFFICER)
    page = chinese(reporting.DOCTYPE, doc.name, EVENT_FORM)
    assert "身份保护" in page and "测试T-AE0" not in page and NURSE not in page


def test_the_notice_says_what_by_when_and_to_which_standard(analysed, as_user):
    as_user(HEAD)
    page = chinese("Improvement Action", analysed[1], NOTICE)
    for words in ("整改通知书", "加装防滑垫", "2099年01月31日", "覆盖率100%", f"测试科 {WARD}", analysed[0]):
        assert words in page, words


def test_who_may_not_read_may_not_print(analysed, as_user):
    as_user(STRANGER)
    for doctype, name, form in (
        (reporting.DOCTYPE, analysed[0], EVENT_FORM), ("Improvement Action", analysed[1], NOTICE),
    ):  # fmt: skip
        with pytest.raises(frappe.PermissionError):
            chinese(doctype, name, form)
