"""The ways of warnings, complaints, disputes and claims: who takes which step, what follows, what cannot be done past it."""

from __future__ import annotations

import json

import frappe
import pytest
from dispute.conftest import COLLEAGUE, DESCRIPTION, DESK, HEAD, LEADER, MANAGER, OFFICE, REPORTER, STRANGER
from frappe.model.workflow import apply_workflow
from frappe.utils import add_to_date, getdate, now_datetime

from medaffairs.dispute import api, rules
from medaffairs.organization import deadlines


def told(user: str) -> list[str]:
    return frappe.get_all("Outbound Message", filters={"recipient": user}, pluck="template", order_by="name")


def history(doc) -> list[tuple[str, str]]:
    rows = frappe.get_all(
        "Approval Opinion",
        filters={"reference_name": doc.name},
        fields=["action", "opinion"],
        order_by="creation",
    )
    return [(row.action, row.opinion or "") for row in rows]


def steps_of(as_user, user: str, doc) -> set[str]:
    as_user(user)
    try:
        return set(api.possible_steps(doc.doctype, doc.name))
    finally:
        as_user("Administrator")


def test_from_the_warning_to_the_payment_everything_is_filled_from_what_came_before(warning, take, as_user):
    first = warning(staff=[{"practitioner": "T-CASE2", "part": "主管医师"}])
    assert take(REPORTER, first, "Submit")["workflow_state"] == "Submitted"
    assert told(DESK) == ["CASE_SUBMITTED"]
    made = take(DESK, first, "Turn into Complaint")["made"]
    assert first.workflow_state == "Turned into Complaint"
    complaint = frappe.get_doc(made["doctype"], made["name"])
    assert (complaint.warning, complaint.content, complaint.patient_name) == (
        first.name,
        DESCRIPTION,
        "测试患者甲",
    )
    assert [row.practitioner for row in complaint.staff] == [
        "T-CASE2"
    ] and complaint.workflow_state == "Draft"

    take(DESK, complaint, "Submit")
    take(DESK, complaint, "Take Up")
    dispute = frappe.get_doc("Medical Dispute", take(DESK, complaint, "Turn into Dispute")["made"]["name"])
    assert (dispute.complaint, dispute.warning, dispute.description) == (
        complaint.name,
        first.name,
        DESCRIPTION,
    )
    as_user(DESK)
    dispute.update({"claimed_amount": 80000}).save()
    take(DESK, dispute, "Submit")
    take(DESK, dispute, "Take Up")
    claim = frappe.get_doc("Insurance Claim", take(DESK, dispute, "Open Claim")["made"]["name"])
    assert (claim.dispute, claim.claimed_amount, claim.patient_name) == (dispute.name, 80000, "测试患者甲")
    take(DESK, claim, "Report")
    take(DESK, claim, "Hand In Materials")
    take(DESK, claim, "Pay", "按比例赔付", amount=52000.5)
    dispute.reload()
    assert (claim.workflow_state, claim.paid_on, dispute.insurance_paid, dispute.paid_amount) == (
        "Paid",
        getdate(),
        52000.5,
        52000.5,
    )

    as_user(DESK)
    chain = api.case("Medical Dispute", dispute.name)["chain"]
    assert [(row["doctype"], row["name"]) for row in chain] == [
        (doc.doctype, doc.name) for doc in (first, complaint, dispute, claim)
    ]
    assert [row["here"] for row in chain] == [False, False, True, False]
    as_user(REPORTER)
    assert [row["readable"] for row in api.case("Dispute Warning", first.name)["chain"]] == [
        True,
        False,
        False,
        False,
    ]


def test_a_warning_can_be_withdrawn_until_somebody_takes_it_up(warning, take, as_user):
    doc = warning()
    take(REPORTER, doc, "Submit")
    assert "Withdraw" in steps_of(as_user, REPORTER, doc)
    take(REPORTER, doc, "Withdraw")
    assert (doc.workflow_state, doc.submitted_at) == ("Draft", None)
    take(REPORTER, doc, "Submit")
    take(DESK, doc, "Take Up")
    with pytest.raises(frappe.ValidationError, match="not possible in the state In Handling"):
        take(REPORTER, doc, "Withdraw")
    assert history(doc)[-1][0] == "Take Up" and doc.handler == DESK


def test_what_is_wrong_is_returned_with_the_reason_and_comes_again(warning, take):
    doc = warning()
    take(REPORTER, doc, "Submit")
    with pytest.raises(frappe.ValidationError, match="give the reason"):
        take(DESK, doc, "Return", "  ")
    take(DESK, doc, "Return", "请补充患者病历号")
    assert doc.workflow_state == "Returned"
    take(REPORTER, doc, "Submit")
    assert [row[0] for row in history(doc)] == ["Submit", "Return", "Submit"]


def test_reporter_and_head_supplement_and_explain_while_it_is_handled(warning, take, as_user):
    doc = warning()
    take(REPORTER, doc, "Submit")
    take(DESK, doc, "Take Up")
    take(REPORTER, doc, "Supplement", "家属今日再次到科")
    take(HEAD, doc, "Explain", "已与家属沟通两次")
    assert doc.workflow_state == "In Handling"
    assert history(doc)[-2:] == [("Supplement", "家属今日再次到科"), ("Explain", "已与家属沟通两次")]
    assert told(DESK)[-2:] == ["CASE_STEP", "CASE_STEP"]
    assert steps_of(as_user, REPORTER, doc) == {"Supplement", "Explain"}


def test_every_switch_of_the_handling_mode_is_on_record(handled, take, as_user):
    doc = handled(mode="COMPLAINT_MODE-01")
    take(DESK, doc, "Switch Mode", "需调取监控", mode="COMPLAINT_MODE-02")
    assert (doc.mode, history(doc)[-1]) == (
        "COMPLAINT_MODE-02",
        ("Switch Mode", "当场处理 → 调查核实：需调取监控"),
    )
    with pytest.raises(frappe.ValidationError, match="Handling Mode: please choose another one"):
        take(DESK, doc, "Switch Mode", "x", mode="COMPLAINT_MODE-02")
    with pytest.raises(frappe.ValidationError, match="Please choose: Handling Mode"):
        take(DESK, doc, "Switch Mode", "x", mode="WARNING_LEVEL-01")
    as_user(DESK)
    doc.mode = "COMPLAINT_MODE-03"
    with pytest.raises(frappe.PermissionError, match="switched by a step"):
        doc.save()


def test_a_case_is_handed_over_to_somebody_who_may_handle_it_and_sees_it_then(handled, house, take, as_user):
    doc = handled(staff=[{"practitioner": house.head}])
    as_user(OFFICE)
    with pytest.raises(frappe.PermissionError):
        api.possible_steps(doc.doctype, doc.name)
    for person, said in (
        (house.colleague, "has no role"),
        (house.head, "persons concerned"),
        ("NOBODY", "nobody with an account"),
    ):
        with pytest.raises(frappe.ValidationError, match=f"Handler.*{said}"):
            take(DESK, doc, "Hand Over", "请办理", to=person)
    take(DESK, doc, "Hand Over", "请医务处办理", to=house.office)
    assert doc.handler == OFFICE and told(OFFICE)[-1] == "CASE_HANDED_OVER"
    take(OFFICE, doc, "Answer", "已核实并致歉")
    assert (doc.workflow_state, doc.answer) == ("Answered", "已核实并致歉")


def test_a_complaint_is_answered_closed_and_archived(handled, take):
    doc = handled()
    take(DESK, doc, "Answer", "已核实")
    take(DESK, doc, "Reopen", "投诉人不认可")
    take(DESK, doc, "Answer", "补充答复")
    take(DESK, doc, "Close", "双方达成一致", satisfaction="Satisfied")
    assert (doc.answer, doc.satisfaction, doc.answered_late) == ("补充答复", "Satisfied", 0)
    take(DESK, doc, "Archive")
    assert doc.workflow_state == "Archived" and doc.archived_at
    assert (steps_of is not None and not doc.get("due_at")) or getdate(doc.due_at).year > getdate().year + 10


def test_what_is_not_handled_is_refused_with_its_ground(complaint, take):
    doc = complaint()
    take(DESK, doc, "Submit")
    with pytest.raises(frappe.ValidationError, match="Please choose: Ground of the Refusal"):
        take(DESK, doc, "Refuse", "已起诉")
    take(DESK, doc, "Refuse", "已起诉", ground="COMPLAINT_REFUSAL-01")
    assert (doc.workflow_state, doc.closing_reason) == ("Refused", "已起诉")


def test_nobody_handles_a_case_that_concerns_himself(complaint, house, take, as_user):
    doc = complaint(by=DESK, staff=[{"practitioner": house.desk}])
    take(DESK, doc, "Submit")
    assert steps_of(as_user, DESK, doc) == {"Withdraw", "Supplement", "Explain"}
    assert "Take Up" in steps_of(as_user, MANAGER, doc)


def test_nothing_moves_past_the_steps(warning, take, as_user):
    doc = warning()
    take(REPORTER, doc, "Submit")
    as_user(DESK)
    with pytest.raises(frappe.PermissionError):
        apply_workflow(frappe.get_doc(doc.doctype, doc.name), "Take Up")
    doc.workflow_state = "Closed"
    with pytest.raises(frappe.PermissionError):
        doc.save()
    as_user(REPORTER)
    doc.reload()
    doc.description = "改写"
    with pytest.raises(frappe.PermissionError, match="not changed any more"):
        doc.save()
    with pytest.raises(frappe.PermissionError):
        frappe.delete_doc(doc.doctype, doc.name)


def test_results_that_are_sent_with_a_new_case_are_thrown_away(warning):
    doc = warning(workflow_state="Closed", handler=REPORTER, closed_at=now_datetime(), closing_reason="x")
    assert (doc.workflow_state, doc.handler, doc.closed_at, doc.closing_reason) == ("Draft", None, None, None)


# -- clocks


def clocks(doc) -> dict[str, str]:
    return {row.clock: row.status for row in deadlines.clocks_of(doc.doctype, doc.name)}


def test_the_statutory_clocks_of_a_complaint_follow_receipt_departments_and_answer(handled, take, as_user):
    doc = handled()
    assert clocks(doc)["投诉·受理确认"] == "Finished"
    assert clocks(doc)["投诉·需调查核实的投诉向患者反馈"] == "Not Due"
    as_user(DESK)
    doc.append("other_departments", {"department": "T-CASE2"})
    doc.save()
    running = {name for name, status in clocks(doc).items() if status != "Finished"}
    assert running == {"投诉·涉及多科室需协调的投诉反馈"}
    (row,) = [row for row in deadlines.clocks_of(doc.doctype, doc.name) if row.status != "Finished"]
    assert row.basis.startswith("医疗机构投诉管理办法") and (row.limit_value, row.unit) == (10, "Working Day")
    take(DESK, doc, "Answer", "已答复")
    assert set(clocks(doc).values()) == {"Finished"}


def test_an_answer_after_its_time_is_noted_as_late(complaint, take):
    doc = complaint(received_at=add_to_date(now_datetime(), days=-60))
    take(DESK, doc, "Submit")
    take(DESK, doc, "Take Up")
    assert clocks(doc)["投诉·需调查核实的投诉向患者反馈"] == "Overdue"
    deadlines.watch()
    assert "DEADLINE_OVERDUE" in told(DESK) and "DEADLINE_ESCALATED" in told(MANAGER)
    take(DESK, doc, "Answer", "迟到的答复")
    assert doc.answered_late == 1


@pytest.fixture
def dispute(house, as_user, take):
    as_user(DESK)
    doc = frappe.get_doc(
        doctype="Medical Dispute", subject="死亡争议", filed_on=getdate(), department="T-CASE", patient_name="测试患者甲",
        description=DESCRIPTION, died_at=add_to_date(now_datetime(), hours=-3), route="DISPUTE_ROUTE-02",
    ).insert()  # fmt: skip
    take(DESK, doc, "Submit")
    take(DESK, doc, "Take Up")
    return doc


def test_after_a_death_the_clock_of_the_autopsy_runs_until_consent_or_refusal(dispute, as_user):
    assert clocks(dispute)["纠纷·尸检"] == "Not Due" and "纠纷·尸检(具备冻存条件)" not in clocks(dispute)
    as_user(DESK)
    dispute.update({"body_frozen": 1}).save()
    assert (clocks(dispute)["纠纷·尸检"], clocks(dispute)["纠纷·尸检(具备冻存条件)"]) == (
        "Finished",
        "Not Due",
    )
    frappe.get_doc(
        doctype=rules.RECORD, reference_doctype="Medical Dispute", reference_name=dispute.name, kind="Autopsy",
        happened_at=now_datetime(), content="已告知近亲属", consent="Refused",
    ).insert()  # fmt: skip
    assert clocks(dispute)["纠纷·尸检(具备冻存条件)"] == "Finished"


def test_an_appraisal_stops_the_clock_of_the_conciliation_until_its_opinion(dispute, as_user):
    as_user(DESK)
    dispute.update({"conciliation_from": now_datetime()}).save()
    assert clocks(dispute)["纠纷·人民调解完成"] == "Not Due"
    record = frappe.get_doc(
        doctype=rules.RECORD, reference_doctype="Medical Dispute", reference_name=dispute.name, kind="Appraisal",
        happened_at=now_datetime(), content="共同委托医学会鉴定", appraisal_kind="APPRAISAL_KIND-01",
    ).insert()  # fmt: skip
    assert clocks(dispute)["纠纷·人民调解完成"] == "Paused"
    record.update({"opinion_on": getdate(), "causation": "DAMAGE_CAUSATION-04"}).save()
    dispute.reload()
    assert (clocks(dispute)["纠纷·人民调解完成"], dispute.causation) == ("Not Due", "DAMAGE_CAUSATION-04")


def test_sealed_records_may_be_opened_after_three_years(dispute, as_user):
    as_user(DESK)
    record = frappe.get_doc(
        doctype=rules.RECORD, reference_doctype="Medical Dispute", reference_name=dispute.name, kind="Sealing of Records",
        happened_at=now_datetime(), content="封存病历复制件一套", sealed_what="住院病历", witnesses="家属、医务处", pages=210, copies=2,
    ).insert()  # fmt: skip
    (row,) = deadlines.clocks_of(rules.RECORD, record.name)
    assert (row.clock, (getdate(row.due_at) - getdate()).days) == ("纠纷·封存病历/实物可自行启封", 1096)
    record.update({"unsealed_at": now_datetime()}).save()
    assert [row.status for row in deadlines.clocks_of(rules.RECORD, record.name)] == ["Finished"]


def test_every_kind_of_record_has_its_history_and_is_voided_never_deleted(dispute, as_user):
    as_user(DESK)
    for kind in rules.KINDS:
        more = {
            "Irrational Behaviour": {"behaviour": "IRRATIONAL_BEHAVIOUR-03"}, "Appraisal": {"appraisal_kind": "APPRAISAL_KIND-01"},
            "Sealing of Records": {"sealed_what": "病历"},
        }.get(kind, {})  # fmt: skip
        frappe.get_doc(
            doctype=rules.RECORD, reference_doctype="Medical Dispute", reference_name=dispute.name, kind=kind,
            happened_at=now_datetime(), content=f"记录 {kind}", **more,
        ).insert()  # fmt: skip
    found = api.case("Medical Dispute", dispute.name)["records"]
    assert {row["kind"] for row in found} == set(rules.KINDS)
    record = frappe.get_doc(rules.RECORD, found[0]["name"])
    record.content = "更正后的记录"
    record.save()
    versions = frappe.get_all("Version", filters={"docname": record.name}, pluck="data")
    assert any("更正后的记录" in str(json.loads(row)) for row in versions)
    with pytest.raises(frappe.PermissionError):
        frappe.delete_doc(rules.RECORD, record.name)
    bare = frappe.copy_doc(
        frappe.get_doc(rules.RECORD, {"kind": "Appraisal", "reference_name": dispute.name})
    )
    bare.appraisal_kind = None
    with pytest.raises(frappe.ValidationError, match="Please fill in Kind of Appraisal"):
        bare.insert()
    with pytest.raises(frappe.ValidationError, match="reason"):
        api.void_record(record.name, " ")
    assert api.void_record(record.name, "录入错误") == 1
    with pytest.raises(frappe.PermissionError, match="void already"):
        frappe.get_doc(rules.RECORD, record.name).update({"content": "再改"}).save()


# -- circulation


def test_a_reader_sees_the_case_replies_in_his_words_and_writes_nothing_else(handled, as_user):
    doc = handled()
    as_user(COLLEAGUE)
    with pytest.raises(frappe.PermissionError):
        api.case(doc.doctype, doc.name)
    as_user(DESK)
    (name,) = api.circulate(doc.doctype, doc.name, ["T-CASE2"], "请说明当日情况")
    assert told(COLLEAGUE) == ["CASE_CIRCULATED"]
    assert [row.clock for row in deadlines.owed_by(COLLEAGUE)] == ["投诉·科室书面说明"]
    with pytest.raises(frappe.ValidationError, match="has the case already"):
        api.circulate(doc.doctype, doc.name, ["T-CASE2"], "再问")
    as_user(COLLEAGUE)
    found = api.case(doc.doctype, doc.name)
    assert found["to_reply"] == [name] and not found["handles"] and found["kinds"] == []
    mine = frappe.get_doc(doc.doctype, doc.name)
    mine.content = "改写"
    with pytest.raises(frappe.PermissionError):
        mine.save()
    with pytest.raises(frappe.ValidationError, match="write something"):
        api.reply(name, "  ")
    assert api.reply(name, "当日按规范换药") == "Replied"
    with pytest.raises(frappe.ValidationError, match="not possible in the state Replied"):
        api.reply(name, "再答")
    as_user(DESK)
    (row,) = api.case(doc.doctype, doc.name)["circulations"]
    assert (row["reply"], row["reader"]) == ("当日按规范换药", COLLEAGUE)
    assert history(doc)[-1] == ("Reply", "当日按规范换药") and told(DESK)[-1] == "CASE_REPLIED"


def test_only_its_reader_replies_and_what_is_taken_back_is_seen_no_more(handled, as_user):
    doc = handled()
    as_user(DESK)
    (name,) = api.circulate(doc.doctype, doc.name, "T-CASE2", "请阅")
    as_user(STRANGER)
    with pytest.raises(frappe.PermissionError, match="somebody else's"):
        api.reply(name, "我来答")
    with pytest.raises(frappe.PermissionError):
        api.take_back(name)
    as_user(DESK)
    assert api.take_back(name) == "Withdrawn"
    as_user(COLLEAGUE)
    with pytest.raises(frappe.PermissionError):
        api.case(doc.doctype, doc.name)


def test_a_leader_reads_everything_and_may_be_asked_too(handled, as_user):
    doc = handled()
    as_user(LEADER)
    assert api.case(doc.doctype, doc.name)["circulations"] == []
    assert api.possible_steps(doc.doctype, doc.name) == []


# -- notices


def test_a_notice_is_filled_from_its_template_and_keeps_its_text(handled, complaint, take, as_user):
    as_user(DESK)
    template = frappe.get_doc(
        doctype="Notice Template", template_name="T 受理告知", title="投诉受理告知书",
        body="{complainant}：您于{received}反映的问题（{number}，患者{patient}）已于{accepted}受理。{answer}",
    ).insert()  # fmt: skip
    doc = handled(complainant="{answer}{{ 7*7 }}")
    as_user(DESK)
    notice = frappe.get_doc("Complaint Notice", api.issue_notice(doc.name, template.name))
    assert (
        notice.body.startswith("{answer}{{ 7*7 }}：您于") and f"（{doc.name}，患者测试患者甲）" in notice.body
    )
    assert (notice.accepted_on, notice.patient_name, notice.complainant) == (
        getdate(),
        "测试患者甲",
        "{answer}{{ 7*7 }}",
    )
    template.update({"body": "改了"}).save()
    notice.reload()
    notice.body = "改写"
    with pytest.raises(frappe.PermissionError, match="keeps its text"):
        notice.save()
    draft = complaint(subject="另一件")
    as_user(DESK)
    with pytest.raises(frappe.ValidationError, match="not accepted yet"):
        api.issue_notice(draft.name, template.name)
    template.append("sources", {"source": "COMPLAINT_SOURCE-07"})
    template.save()
    assert template.name not in {row.name for row in api.notice_templates(doc.name)}
    with pytest.raises(frappe.ValidationError, match="not for complaints from this source"):
        api.issue_notice(doc.name, template.name)
    template.body = "{password}"
    with pytest.raises(frappe.ValidationError, match="no blank"):
        template.save()
