"""What cannot be is refused in words that name the field, and nothing of it is kept."""

from __future__ import annotations

from datetime import datetime, timedelta

import frappe
import pytest
from dispute.conftest import DESK, REPORTER
from frappe.utils import add_days, add_to_date, now_datetime, nowdate

from medaffairs.dispute import api

TOMORROW = str(datetime.now() + timedelta(days=2))[:19]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"occurred_at": TOMORROW}, "Occurred At must not lie in the future"),
        ({"description": "文" * 20_001}, "What Happened has 20001 characters"),
        ({"description": "x" * 10_000_000}, "What Happened has 10000000 characters"),
        ({"measures": "x" * 2_001}, "Measures Taken has 2001 characters"),
        ({"subject": "长" * 141}, "Subject"),
        ({"department": "NOWHERE"}, "Department"),
        ({"level": "WARNING_LEVEL-99"}, "Level"),
        ({"stay": "NO-STAY"}, "Hospital Stay"),
        ({"staff": [{"practitioner": "NOBODY"}]}, "Practitioner"),
        ({"evidence": "/private/files/病毒.exe"}, "File: files of the type exe are not taken"),
        ({"patient_name": ""}, "patient_name|Patient Name"),
    ],
)
def test_a_warning_that_cannot_be_names_its_field(warning, values, said):
    count = frappe.db.count("Dispute Warning")
    with pytest.raises(frappe.ValidationError, match=said):
        warning(**values)
    assert frappe.db.count("Dispute Warning") == count


def test_an_event_after_the_discharge_is_refused(warning, house):
    with pytest.raises(frappe.ValidationError, match="Occurred At: the patient was discharged at"):
        warning(stay=house.stay, occurred_at=add_to_date(now_datetime(), days=-2))
    doc = warning(stay=house.stay, patient_name="")
    assert (doc.patient, doc.patient_name, doc.department) == ("T-CASE-P", "测试患者甲", "T-CASE")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"received_at": TOMORROW}, "Received At must not lie in the future"),
        ({"representatives": 6}, "Representatives: each side has at most 5"),
        ({"complainant": ""}, "complainant|Complainant"),
        ({"source": "COMPLAINT_SOURCE-77"}, "Source"),
        ({"warning": "DW-0000"}, "Dispute Warning"),
        ({"other_departments": [{"department": "NOWHERE"}]}, "Department"),
    ],
)
def test_a_complaint_that_cannot_be_names_its_field(complaint, values, said):
    with pytest.raises(frappe.ValidationError, match=said):
        complaint(**values)


def test_a_second_click_makes_no_second_case(warning, complaint):
    first = warning()
    with pytest.raises(frappe.ValidationError, match=f"saved already: {first.name}"):
        warning()
    warning(subject="另一件事")
    complaint()
    with pytest.raises(frappe.ValidationError, match="saved already"):
        complaint()


def test_a_second_submission_says_where_the_case_stands(warning, take):
    doc = warning()
    take(REPORTER, doc, "Submit")
    with pytest.raises(frappe.ValidationError, match="Submit is not possible in the state Submitted"):
        take(REPORTER, doc, "Submit")


def test_a_stale_form_loses_nothing(warning, as_user):
    doc = warning()
    as_user(REPORTER)
    mine, theirs = (frappe.get_doc("Dispute Warning", doc.name) for _ in range(2))
    theirs.update({"measures": "已报科主任"}).save()
    mine.measures = "另一说法"
    with pytest.raises(frappe.TimestampMismatchError):
        mine.save()
    assert frappe.db.get_value("Dispute Warning", doc.name, "measures") == "已报科主任"


def test_words_that_nobody_reads_and_files_of_others_are_refused(handled, take):
    doc = handled()
    with pytest.raises(frappe.ValidationError, match="Words has 2001 characters"):
        take(DESK, doc, "Supplement", "x" * 2001)
    with pytest.raises(frappe.ValidationError, match="upload the file again"):
        take(DESK, doc, "Supplement", "见附件", evidence="/private/files/none.pdf")


def test_a_file_on_a_case_is_a_document_a_picture_or_sound(warning, as_user):
    doc = warning()
    as_user(REPORTER)
    for name, taken in (("说明.txt", True), ("脚本.js", False)):
        file = frappe.get_doc(
            doctype="File", file_name=name, content=b"x", is_private=1, attached_to_doctype=doc.doctype, attached_to_name=doc.name
        )  # fmt: skip
        if taken:
            file.insert()
        else:
            with pytest.raises(frappe.ValidationError, match="js"):
                file.insert()


def test_what_is_no_case_has_no_steps(house, as_user):
    as_user(DESK)
    for call in (
        lambda: api.possible_steps("User", "Administrator"),
        lambda: api.take("User", "Administrator", "Submit"),
    ):
        with pytest.raises(frappe.ValidationError, match="is no case"):
            call()


def test_an_answer_by_yesterday_and_nobody_to_read_are_refused(handled, as_user):
    doc = handled()
    as_user(DESK)
    with pytest.raises(frappe.ValidationError, match="Answer By must not lie in the past"):
        api.circulate(doc.doctype, doc.name, ["T-CASE2"], "请阅", str(add_days(nowdate(), -1)))
    for readers, said in (([], "name 1 to 30"), (["NOBODY"], "Reader: NOBODY is nobody with an account")):
        with pytest.raises(frappe.ValidationError, match=said):
            api.circulate(doc.doctype, doc.name, readers, "请阅")


def test_no_more_is_paid_than_approved_and_not_nothing(house, as_user, take):
    as_user(DESK)
    dispute = frappe.get_doc(
        doctype="Medical Dispute", subject="争议", filed_on=nowdate(), department="T-CASE", patient_name="甲", description="经过"
    ).insert()  # fmt: skip
    claim = frappe.get_doc(
        doctype="Insurance Claim", subject="理赔", dispute=dispute.name, department="T-CASE", approved_amount=100
    ).insert()  # fmt: skip
    take(DESK, claim, "Report")
    take(DESK, claim, "Hand In Materials")
    for amount, said in ((0, "Amount Paid must be above zero"), (101, "must not be above Amount Approved")):
        with pytest.raises(frappe.ValidationError, match=said):
            take(DESK, claim, "Pay", amount=amount)
        claim.reload()
        assert claim.workflow_state == "Materials Handed In"
