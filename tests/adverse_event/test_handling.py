"""An event on its way: who takes which step, analysis, joint handling, what the reporter is told, what nobody does past it."""

from __future__ import annotations

import frappe
import pytest
from adverse_event.conftest import (
    CHIEF,
    DOCTOR,
    HEAD,
    MANAGER,
    NURSE,
    OFFICER,
    PHARMACIST,
    PHARMACY,
    STRANGER,
    WARD,
    told,
)  # fmt: skip

from medaffairs.adverse_event import api, course, reporting, steps
from medaffairs.improvement import steps as improvement

CHANGE = "卫生间加装防滑垫与夜灯，完成率100%。"
CAUSES = [
    {"kind": "CAUSE_KIND-ENVIRONMENT", "cause": "地面湿滑", "is_root": 1},
    {"kind": "CAUSE_KIND-MAN", "cause": "未陪同"},
]
WHYS = [
    {"chain": 1, "level": 1, "question": "为什么滑倒？", "answer": "地面有水"},
    {"chain": 1, "level": 2, "question": "为什么有水？", "answer": "排水慢"},
]


def analysed(as_user, take, doc, **more):
    as_user(MANAGER)
    steps.save_analysis(doc.name, {"causes": CAUSES, "whys": WHYS, "analysis": "排水设计缺陷", **more})
    as_user("Administrator")


def test_stepwise_from_the_ward_to_the_archive(report, take, as_user):
    doc = report()
    assert take(HEAD, doc, "Forward", "情况属实") == "Managing Review"
    assert "EVENT_REPORTED" in told(MANAGER)
    assert take(MANAGER, doc, "Accept") == "Analysis"
    analysed(as_user, take, doc)
    assert take(MANAGER, doc, "Hand In") == "Final Review"
    assert take(OFFICER, doc, "Archive", CHANGE) == "Archived"
    doc.reload()
    assert (doc.change_made, bool(doc.archived_at), doc.due_at) == (CHANGE, True, None)
    assert [row["action"] for row in course.history(doc)] == ["Forward", "Accept", "Hand In", "Archive"]


def test_direct_reports_go_straight_to_the_managing_department(report, take):
    doc = report(category="AE03")
    with pytest.raises(frappe.PermissionError):
        take(HEAD, doc, "Forward")
    assert take(PHARMACIST, doc, "Accept") == "Analysis"


def test_the_reporter_hears_of_every_state_and_of_what_was_changed(report, take, as_user):
    doc = report()
    take(HEAD, doc, "Forward", "内部意见")
    take(MANAGER, doc, "Accept")
    analysed(as_user, take, doc)
    take(MANAGER, doc, "Hand In")
    take(OFFICER, doc, "Archive", CHANGE)
    assert told(NURSE) == ["EVENT_PROGRESS"] * 4
    last = frappe.get_last_doc("Outbound Message", {"recipient": NURSE})
    assert CHANGE in last.text
    as_user(NURSE)
    seen = course.of(frappe.get_doc(reporting.DOCTYPE, doc.name))
    assert (seen["change_made"], seen["over"]) == (CHANGE, True)
    assert [row["state"] for row in seen["steps"]] == [
        "Managing Review",
        "Analysis",
        "Final Review",
        "Archived",
    ]
    assert "内部意见" not in str(seen) and "测试T-AE" not in str(seen)


def test_a_report_is_returned_supplemented_and_goes_on(report, take):
    doc = report()
    assert take(HEAD, doc, "Return", "请补充") == "To Supplement"
    assert told(NURSE) == ["EVENT_RETURNED"]
    with pytest.raises(frappe.PermissionError):
        take(DOCTOR, doc, "Resubmit", "我来补充")
    assert take(NURSE, doc, "Resubmit", "患者有骨质疏松病史") == "Reported"
    doc.reload()
    assert (doc.return_reason, doc.supplement) == ("请补充", "患者有骨质疏松病史")


def test_withdrawn_only_while_nobody_has_handled_it(report, take):
    assert take(NURSE, report(), "Withdraw") == "Withdrawn"
    doc = report(visit_no="", category="AE11")
    take(OFFICER, doc, "Accept")
    with pytest.raises(frappe.ValidationError, match="Withdraw is not possible in the state Analysis"):
        take(NURSE, doc, "Withdraw")


def test_another_department_takes_over(report, take):
    doc = report()
    take(HEAD, doc, "Forward")
    assert take(MANAGER, doc, "Transfer", "系药品问题", department=PHARMACY) == "Managing Review"
    with pytest.raises(frappe.PermissionError):
        take(MANAGER, doc, "Accept")
    assert take(PHARMACIST, doc, "Accept") == "Analysis"
    with pytest.raises(frappe.ValidationError, match="Managing Department: is missing"):
        take(PHARMACIST, doc, "Transfer", "转出", department="NOWHERE")


def test_departments_handle_an_event_together(report, take, as_user):
    doc = report()
    take(HEAD, doc, "Forward")
    as_user(MANAGER)
    steps.ask_jointly(doc.name, PHARMACY, "该患者夜间是否使用镇静药？")
    assert told(PHARMACIST) == ["EVENT_JOINT"]
    with pytest.raises(frappe.ValidationError, match="asked already"):
        steps.ask_jointly(doc.name, PHARMACY, "再问一次")
    as_user(STRANGER)
    with pytest.raises(frappe.PermissionError):
        steps.reply_jointly(doc.name, "不知道")
    as_user(PHARMACIST)
    assert frappe.get_doc(reporting.DOCTYPE, doc.name).has_permission("read")
    steps.reply_jointly(doc.name, "22 时服用艾司唑仑 1 mg")
    doc.reload()
    assert [(row.department, row.reply, row.replied_by) for row in doc.joint] == [
        (PHARMACY, "22 时服用艾司唑仑 1 mg", PHARMACIST)
    ]


def test_grave_events_need_root_cause_and_improvement_before_they_go_on(report, take, as_user):
    doc = report(harm_level="G")
    take(HEAD, doc, "Forward")
    take(MANAGER, doc, "Accept")
    with pytest.raises(frappe.ValidationError) as caught:
        take(MANAGER, doc, "Hand In")
    for line in (
        "Conclusion of the Analysis: is missing",
        "Causes: no root cause",
        "Improvement Actions: this grade needs",
    ):
        assert line in str(caught.value)
    analysed(as_user, take, doc)
    as_user(MANAGER)
    action = api.open_action(doc.name, "加装防滑垫", WARD, frappe.utils.add_days(None, 7), "覆盖率100%")
    assert take(MANAGER, doc, "Hand In") == "Final Review"
    with pytest.raises(frappe.ValidationError, match=f"still open: {action}"):
        take(OFFICER, doc, "Archive", CHANGE)
    as_user(HEAD)
    improvement.take(action, "Hand In", "已全部加装")
    as_user(MANAGER)
    improvement.take(action, "Pass", "合格")
    assert take(OFFICER, doc, "Archive", CHANGE) == "Archived"


def test_light_events_take_the_short_way_grave_ones_do_not(report, take):
    light, grave = report(harm_level="B"), report(harm_level="F")
    for doc in (light, grave):
        take(HEAD, doc, "Forward")
    assert take(MANAGER, light, "Archive", "已修床栏") == "Archived"
    with pytest.raises(frappe.PermissionError):
        take(MANAGER, grave, "Archive", "算了")


def test_a_5_why_chain_leaves_out_no_level(report, take, as_user):
    doc = report()
    take(HEAD, doc, "Forward")
    take(MANAGER, doc, "Accept")
    as_user(MANAGER)
    with pytest.raises(frappe.ValidationError) as caught:
        steps.save_analysis(
            doc.name,
            {"causes": [{"kind": "", "cause": ""}], "whys": [{"chain": 1, "level": 2, "question": "?"}]},
        )
    assert "5 Whys: chain 1 leaves out a level" in str(caught.value)
    assert "Causes: row 1 needs its kind and its words" in str(caught.value)


def test_two_people_on_one_page_lose_nothing(report, take, as_user):
    doc = report()
    take(HEAD, doc, "Forward")
    take(MANAGER, doc, "Accept")
    seen = str(frappe.db.get_value(reporting.DOCTYPE, doc.name, "modified"))
    as_user(MANAGER)
    steps.save_analysis(doc.name, {"analysis": "先保存的"}, seen)
    as_user(OFFICER)
    with pytest.raises(frappe.TimestampMismatchError, match="your words are kept"):
        steps.save_analysis(doc.name, {"analysis": "后保存的"}, seen)
    with pytest.raises(frappe.TimestampMismatchError, match="in the state Analysis meanwhile"):
        take(OFFICER, doc, "Decline", "无关", seen="Managing Review")
    assert frappe.db.get_value(reporting.DOCTYPE, doc.name, "analysis") == "先保存的"


def test_a_grade_is_corrected_and_the_clocks_follow(report, take, as_user):
    doc = report(harm_level="D")
    take(HEAD, doc, "Forward")
    as_user(MANAGER)
    api.classify(doc.name, {"harm_level": "H", "grade": "I"})
    doc.reload()
    assert (doc.grade, doc.rca_required, bool(doc.rca_due_on)) == ("I", 1, True)
    clocks = {row["clock"] for row in api.event(doc.name)["clocks"] if row["status"] != "Finished"}
    assert {"不良事件·Ⅰ级主管部门审核", "不良事件·根本原因分析"} <= clocks
    with pytest.raises(frappe.ValidationError, match="Grade: there is no V"):
        api.classify(doc.name, {"grade": "V"})


@pytest.mark.parametrize("user", [NURSE, DOCTOR, STRANGER, PHARMACIST])
def test_strangers_take_no_step(report, take, user):
    doc = report(by=NURSE)
    for action in ("Forward", "Accept", "Decline", "Archive", "Transfer", "Return"):
        with pytest.raises((frappe.PermissionError, frappe.ValidationError)):
            take(user, doc, action, "越权", department=PHARMACY)
    assert frappe.db.get_value(reporting.DOCTYPE, doc.name, "workflow_state") == "Reported"


@pytest.mark.parametrize("field", ["grade", "change_made", "workflow_state", "description", "rca_required"])
def test_even_the_office_writes_nothing_past_the_steps(report, as_user, field):
    doc = report()
    as_user(OFFICER)
    mine = frappe.get_doc(reporting.DOCTYPE, doc.name)
    mine.set(field, {"grade": "IV", "workflow_state": "Archived", "rca_required": 1}.get(field, "改写"))
    with pytest.raises((frappe.PermissionError, frappe.ValidationError)):
        mine.save()


def test_words_are_asked_for_and_not_endless(report, take):
    doc = report()
    with pytest.raises(frappe.ValidationError, match="Please give the reason"):
        take(HEAD, doc, "Return", "  ")
    with pytest.raises(frappe.ValidationError, match="has 2001 characters; at most 2000"):
        take(HEAD, doc, "Return", "长" * 2001)


def test_only_the_manager_opens_an_archived_event_again(report, take):
    doc = report(harm_level="A")
    take(HEAD, doc, "Forward")
    take(MANAGER, doc, "Archive", "已处理")
    with pytest.raises(frappe.PermissionError):
        take(OFFICER, doc, "Reopen", "有新情况")
    assert take(CHIEF, doc, "Reopen", "有新情况") == "Analysis"


def test_a_delegate_stands_in_for_the_head(report, take):
    frappe.get_doc(
        doctype="Approval Delegation", from_user=HEAD, to_user=DOCTOR, from_time="2020-01-01 00:00:00",
        to_time="2099-01-01 00:00:00", status="Active", reason="外出",
    ).insert()  # fmt: skip
    doc = report()
    assert take(DOCTOR, doc, "Forward", "代审") == "Managing Review"
    assert course.history(doc)[0]["for"] == "测试T-AE2"
