"""The printed forms: what the hospital files, in its own words, with nothing that a reader may not see."""

import shutil

import frappe
import pytest
from frappe.utils import add_to_date, now_datetime
from support.printing import printed

from medaffairs.privileging import ledger
from medaffairs.privileging.reevaluation.api import generate

CODE = "F01.1"


@pytest.fixture
def person(site):
    """A surgeon with a privilege, in a hospital that prints in Chinese."""
    frappe.local.lang = "zh"
    frappe.get_doc(
        doctype="Clinical Department",
        department_code="F1",
        department_name="打印科",
        department_type="Clinical",
    ).insert()
    for code, level in ((CODE, "4"), ("F02.2", "2")):
        frappe.get_doc(
            doctype="Procedure", procedure_code=code, procedure_name=f"打印手术{code}", status="Active",
            hospital_level=level,
        ).insert()  # fmt: skip
    return frappe.get_doc(
        doctype="Practitioner", staff_no="F001", practitioner_name="赵印", department="F1", profession="Physician",
        employment_status="Active", id_no="110101199001011237", mobile="13800000000",
    ).insert().name  # fmt: skip


def sheet(person: str, **values):
    doc = frappe.get_doc(doctype="Privilege Application", practitioner=person, kind="SURGERY", **values)
    for code in (CODE, "F02.2"):
        doc.append("items", {"item_type": "Procedure", "code": code})
    return doc.insert(ignore_permissions=True)


def opinion(doc, state: str, action: str, words: str) -> None:
    frappe.get_doc(
        doctype="Approval Opinion", reference_doctype=doc.doctype, reference_name=doc.name, workflow_state=state,
        action=action, next_state="", actor="Administrator", decided_at=now_datetime(), opinion=words,
    ).insert(ignore_permissions=True)  # fmt: skip


def test_the_application_shows_every_step_and_item(person):
    doc = sheet(person, reason="独立开展")
    opinion(doc, "Department Review", "Approve", "能力符合，同意")
    frappe.db.set_value(
        "Privilege Application Item", doc.items[0].name, {"department_decision": "Agree", "level": "4"}
    )
    frappe.db.set_value("Privilege Application Item", doc.items[1].name, "department_decision", "Refuse")
    html = printed(doc.doctype, doc.name, "Privilege Application Form")
    for words in (
        "申请审批表",
        "赵印",
        "打印科",
        "独立开展",
        "能力符合，同意",
        "党支部意见",
        "医务部意见",
        "打印手术F01.1",
        "四级",
        "不予授权",
    ):
        assert words in html
    assert "110101199001011237" not in html, "personal numbers are not printed"


def test_what_was_decided_before_a_return_is_superseded(person):
    doc = sheet(person, reason="独立开展")
    opinion(doc, "Department Review", "Approve", "第一次的意见")
    opinion(doc, "Draft", "Submit", "重新提交")
    opinion(doc, "Department Review", "Approve", "第二次的意见")
    html = printed(doc.doctype, doc.name, "Privilege Application Form")
    assert "第二次的意见" in html
    assert "第一次的意见" not in html


def test_the_vote_is_printed_without_who_voted_what(person):
    doc = sheet(person, reason="独立开展")
    ballot = frappe.get_doc(
        doctype="Ballot", subject="表决", reference_doctype=doc.doctype, reference_name=doc.name, status="Passed",
        quorum_percent=66, threshold_percent=60, opened_at=now_datetime(), closed_at=now_datetime(), secret=1,
        voters=[{"practitioner": person, "member_role": "Chair", "voted": 1}],
        items=[{"item_key": CODE, "description": "打印手术", "for_count": 1, "outcome": "Passed"}],
    )  # fmt: skip
    ballot.insert(ignore_permissions=True)
    frappe.db.set_value("Privilege Application", doc.name, "ballot", ballot.name)
    html = printed(doc.doctype, doc.name, "Privilege Application Form")
    assert "应到 1 人，实到 1 人" in html
    assert "同意 1 票，反对 0 票，弃权 0 票" in html
    assert "通过" in html


def test_what_people_write_is_not_run(person):
    doc = sheet(person, reason="<script>alert(1)</script>{{ 7919 * 7907 }}")
    opinion(doc, "Department Review", "Approve", "<img src=x onerror=alert(2)>{{ 7919 * 7907 }}")
    html = printed(doc.doctype, doc.name, "Privilege Application Form")
    assert "<script>alert(1)" not in html
    assert "onerror=alert(2)>" not in html
    assert "62615533" not in html


def test_the_certificate_lists_what_is_in_force_today(person):
    end = add_to_date(now_datetime(), days=90)
    ledger.grant(person, "SURGERY", CODE, valid_to=end, level="4")
    gone = ledger.grant(person, "SURGERY", "F02.2", valid_to=end, level="2")
    ledger.revoke(gone, "考核不合格")
    html = printed("Practitioner", person, "Privilege Certificate")
    assert "授权书" in html
    assert "打印手术F01.1" in html
    assert "打印手术F02.2" not in html
    assert f"{end:%Y-%m-%d}" in html


def act(person: str) -> str:
    return frappe.get_doc(
        doctype="Unauthorized Act", practitioner=person, department="F1", kind="SURGERY", code=CODE, item_name="打印手术",
        occurred_at=now_datetime(), detected_at=now_datetime(), decision_reason="NO_GRANT", status="Open",
    ).insert(ignore_permissions=True).name  # fmt: skip


def test_the_reminder_counts_the_year_and_names_the_person_and_his_head(person):
    act(person)
    html = printed("Unauthorized Act", act(person), "Unauthorised Act Reminder")
    for words in (
        "越权行为提醒单",
        "赵印医师并打印科主任",
        f"{now_datetime().year} 年度第 2 次越权记录",
        "当事人说明",
    ):
        assert words in html


def test_the_reevaluation_list_counts_what_is_proposed(person):
    ledger.grant(person, "SURGERY", CODE, level="4", valid_from=add_to_date(now_datetime(), days=-200))
    made = generate(now_datetime().year, "SURGERY", "F1")
    sheet = frappe.get_doc("Privilege Reevaluation", made["sheets"][0])
    html = printed(sheet.doctype, sheet.name, "Privilege Reevaluation List")
    assert len(sheet.items) == 1
    counts = "/".join(str(int(sheet.items[0].proposal == word)) for word in ("Continue", "Suspend", "Revoke"))
    for words in (f"{sheet.year} 年度授权再评价表", "打印科", "赵印", counts, "四级"):
        assert words in html


def test_nobody_prints_what_he_may_not_read(person, as_user):
    name = act(person)
    user = frappe.get_doc(doctype="User", email="else@forms.test", first_name="else", send_welcome_email=0)
    user.append("roles", {"role": "Practitioner"})
    user.insert(ignore_permissions=True)
    as_user(user.name)
    for doctype, record, form in (
        ("Unauthorized Act", name, "Unauthorised Act Reminder"),
        ("Practitioner", person, "Privilege Certificate"),
    ):
        with pytest.raises(frappe.PermissionError):
            printed(doctype, record, form)


@pytest.mark.skipif(not shutil.which("wkhtmltopdf"), reason="needs the package wkhtmltopdf")
def test_a_form_becomes_a_pdf(person):
    pdf = frappe.get_print("Unauthorized Act", act(person), "Unauthorised Act Reminder", as_pdf=True)
    assert pdf.startswith(b"%PDF")
    assert len(pdf) > 5_000
