"""A report comes in: filled from clinical facts, refused with the fields that are wrong, written once."""

from __future__ import annotations

import base64
import uuid
from datetime import timedelta
from io import BytesIO

import frappe
import pytest
from adverse_event.conftest import (
    DOCTOR,
    HEAD,
    NURSE,
    OFFICER,
    PHARMACIST,
    PHARMACY,
    WARD,
    hours_ago,
    told,
    values,
)
from frappe.utils import now_datetime
from PIL import Image

from medaffairs.adverse_event import api, reporting, rules

GPS = {0x010F: "相机厂", 0x0131: "手机 序列号 42"}


def refused(given: dict, identity: str = rules.OPEN, files: list | None = None) -> str:
    with pytest.raises(frappe.ValidationError) as caught:
        reporting.submit(given, identity, uuid.uuid4().hex, files or [])
    return str(caught.value)


def photo(name: str = "IMG_张三_0001.jpg") -> dict[str, str]:
    out = BytesIO()
    exif = Image.Exif()
    for tag, text in GPS.items():
        exif[tag] = text
    Image.new("RGB", (64, 48), "red").save(out, "JPEG", exif=exif)
    return {"file_name": name, "content": base64.b64encode(out.getvalue()).decode()}


def test_patient_and_staff_are_filled_from_clinical_facts(report):
    doc = report(staff=[{"practitioner": "T-AE1"}])
    assert (doc.patient, doc.patient_name, doc.gender, doc.bed, doc.attending) == (
        "T-AEPAT", "测试患者", "Female", "12", "T-AE1",
    )  # fmt: skip
    assert 70 < doc.age < 120 and doc.diagnosis == "肺炎"
    assert [(row.practitioner_name, row.department) for row in doc.staff] == [("测试T-AE1", WARD)]
    assert doc.subject.startswith("护理不良事件：患者下床如厕")
    assert (doc.owner, doc.reporter_name, doc.workflow_state) == (NURSE, "测试T-AE0", "Reported")


def test_the_grade_follows_the_harm_as_the_hospital_maps_it(report):
    assert report(harm_level="D").grade == "III"
    assert report(harm_level="G").grade == "I"
    category = frappe.get_doc("Adverse Event Category", "AE02")
    category.append("grade_rules", {"harm_level": "D", "grade": "II"})
    category.save()
    assert report(harm_level="D").grade == "II"


def test_a_near_miss_needs_four_answers(report):
    doc = report(near_miss=1, visit_no="", harm_level="", place="", description="床栏松动，及时发现")
    assert (doc.grade, doc.near_miss, doc.visit_no) == ("IV", 1, None)


def test_those_whose_turn_it_is_are_told_at_once(report):
    report()
    assert told(HEAD) == ["EVENT_REPORTED"] and told(OFFICER) == []
    report(category="AE03")
    assert told(PHARMACIST) == ["EVENT_REPORTED"]


def test_a_grave_event_takes_the_fast_track(report):
    doc = report(harm_level="I")
    assert doc.rca_required and doc.rca_due_on
    assert {"EVENT_URGENT"} == {*told(HEAD), *told(OFFICER)}
    doc.reload()
    assert doc.due_at <= now_datetime() + timedelta(hours=2)


def test_a_report_past_its_grades_limit_is_late(report):
    assert report(occurred_at=str(hours_ago(30)), harm_level="E").late_report == 1
    assert report(occurred_at=str(hours_ago(30)), harm_level="D").late_report == 0


def test_everything_that_is_wrong_is_said_at_once_with_its_field(ward, as_user):
    as_user(NURSE)
    text = refused({
        "category": "AE99", "department": "", "description": " ", "occurred_at": "2999-01-01 00:00:00",
        "staff": [{"practitioner": "NOBODY"}], "visit_no": "T-NONE",
    })  # fmt: skip
    for line in (
        "Category: there is no AE99", "Department: is missing", "What Happened: is missing",
        "Occurred At: must not lie in the future", "Staff: row 1: NOBODY is not on the staff list",
        "Medical Record Number: T-NONE belongs to no stay in this hospital",
    ):  # fmt: skip
        assert line in text
    assert not frappe.db.exists(reporting.DOCTYPE, {"owner": NURSE})


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"visit_no": "T-AEOUT"}, "Medical Record Number: the patient was discharged at"),
        ({"occurred_at": "gestern"}, "Occurred At: gestern is no time"),
        ({"occurred_at": "1999-01-01 00:00:00"}, "Occurred At: lies more than five years back"),
        (
            {"description": "啊" * 3_500_000},
            "What Happened: has 3500000 characters; at most 20000 are possible",
        ),
        ({"visit_no": ""}, "Medical Record Number: is needed for this category"),
        ({"subtype": "飞走"}, "Subtype: there is no 飞走"),
        ({"harm_level": ""}, "Grade: is missing"),
        ({"staff": [{"practitioner": "T-AE1", "part": "Guilty"}]}, "Staff: row 1: Guilty is not possible"),
    ],
)
def test_bad_input_is_refused_naming_the_field(ward, as_user, more, said):
    as_user(NURSE)
    assert said in refused(values(**more))


def test_somebody_who_has_left_may_have_had_the_event_while_he_was_there(report):
    assert report(visit_no="T-AEOUT", occurred_at=str(hours_ago(24 * 7))).hospital_stay == "T-AEOUT"


def test_files_are_few_kinds_checked_by_content(ward, as_user):
    as_user(NURSE)
    text = refused(values(), files=[
        {"file_name": "run.exe", "content": base64.b64encode(b"MZ").decode()},
        {"file_name": "page.pdf", "content": base64.b64encode(b"<html>").decode()},
        {"file_name": "fake.jpg", "content": base64.b64encode(b"no picture").decode()},
        {"file_name": "half.png", "content": "????"},
        {"file_name": "big.pdf", "content": base64.b64encode(b"%PDF" + b"0" * 11 * 1024 * 1024).decode()},
    ])  # fmt: skip
    for line in (
        "run.exe is not of a possible kind", "page.pdf is not what its name says", "fake.jpg is no picture",
        "half.png did not arrive whole", "big.pdf is larger than 10 MB",
    ):  # fmt: skip
        assert f"Files: {line}" in text


def test_a_photograph_is_kept_without_what_the_camera_wrote(ward, as_user):
    as_user(NURSE)
    doc = reporting.submit(values(), rules.OPEN, uuid.uuid4().hex, [photo()])
    file = frappe.get_doc("File", {"attached_to_name": doc.name})
    content = file.get_content()
    assert not Image.open(BytesIO(content)).getexif() and "手机".encode() not in content
    assert (file.is_private, [row.file for row in doc.files]) == (1, [file.file_url])


def test_sent_twice_it_is_one_report(ward, as_user):
    as_user(NURSE)
    key = uuid.uuid4().hex
    first, second = (reporting.submit(values(), rules.OPEN, key) for _ in range(2))
    assert first.name == second.name
    assert frappe.db.count(reporting.DOCTYPE, {"owner": NURSE}) == 1
    as_user(DOCTOR)
    assert reporting.submit(values(), rules.OPEN, key).name != first.name


def test_nobody_inserts_past_the_door(ward, as_user):
    for user in (NURSE, OFFICER, "Administrator"):
        as_user(user)
        with pytest.raises(frappe.PermissionError):
            frappe.get_doc(doctype=reporting.DOCTYPE, **values(), identity="Open").insert()


def test_who_does_not_work_here_reports_nothing(ward, as_user, make_user):
    as_user("Guest")
    with pytest.raises(frappe.PermissionError, match="Only people who work in this hospital"):
        reporting.submit(values(), rules.OPEN, uuid.uuid4().hex)


def test_alike_reports_are_pointed_at(report):
    first = report()
    second = report(by=DOCTOR, category="AE01")
    second.reload()
    assert second.possible_duplicate == first.name
    apart = report(occurred_at=str(hours_ago(100)))
    apart.reload()
    assert apart.possible_duplicate is None


def test_the_page_gives_everybody_the_same(ward, as_user):
    as_user(NURSE)
    mine = api.page()
    assert len(mine["categories"]) == 19 and mine["own"]["department"] == WARD
    as_user(PHARMACIST)
    assert api.page()["ticket"] == mine["ticket"] and api.page()["own"]["department"] == PHARMACY
