"""Answers on the site: begun, saved in parts, completed, seen where their record is, anonymous where asked."""

from __future__ import annotations

from types import SimpleNamespace

import frappe
import pytest
from frappe.utils import add_days, nowdate
from support import staff

from medaffairs.forms import answers, api, templates
from medaffairs.improvement import steps

HEAD, DOCTOR, STRANGER, OFFICE = (
    f"t-form-{name}@test.example" for name in ("head", "doctor", "stranger", "office")
)
ROLES = {
    HEAD: "Department Head",
    DOCTOR: "Practitioner",
    STRANGER: "Practitioner",
    OFFICE: "Medical Affairs Officer",
}
QUESTIONS = [
    {"question_code": "place", "section": "经过", "label": "地点", "question_type": "Select", "options": "病房|0\n走廊|5", "mandatory": 1},
    {"question_code": "corridor", "section": "经过", "label": "走廊名称", "depends_on": "eval:doc.place=='走廊'", "mandatory": 1},
    {"question_code": "bed_rail", "section": "经过", "label": "床栏是否拉起", "question_type": "Yes/No", "options": "是|0\n否|5"},
    {"question_code": "witness", "section": "人员", "label": "发现人", "question_type": "Staff"},
    {"question_code": "drugs", "section": "用药", "label": "在用药品", "question_type": "Table"},
    {"question_code": "name", "label": "药名", "in_table": "drugs", "mandatory": 1},
    {"question_code": "dose", "label": "剂量", "in_table": "drugs", "question_type": "Number", "minimum": "0"},
    {"question_code": "photos", "section": "附件", "label": "照片", "question_type": "File"},
]  # fmt: skip


@pytest.fixture
def house(site) -> SimpleNamespace:
    """A department with head and doctor, a stranger elsewhere, a form in force, a record that it is filled in for."""
    for code in ("T-FORM", "T-FORM2"):
        staff.department(code)
    for number, (user, role) in enumerate(ROLES.items()):
        staff.person(user, role, f"T-FORM{number}", "T-FORM2" if user in (STRANGER, OFFICE) else "T-FORM")
    frappe.db.set_value("Clinical Department", "T-FORM", "head", "T-FORM0")
    doc = frappe.get_doc(
        doctype="Form Template", form_code="T_FALL", title="跌倒", questions=QUESTIONS
    ).insert()
    templates.put_in_force(doc.name)
    record = steps.open_action("病房地面湿滑", "T-FORM", add_days(nowdate(), 5), responsible="T-FORM1")
    return SimpleNamespace(record=record.name, template=doc.name)


@pytest.fixture
def response(house, as_user) -> str:
    as_user(DOCTOR)
    return answers.open("T_FALL", "Improvement Action", house.record)


def test_answers_are_saved_in_parts_and_completed_when_nothing_is_missing(response):
    assert api.save(response, {"place": "走廊"})["faults"] == []
    missing = api.complete(response)
    assert [(fault["label"], fault["missing"]) for fault in missing["faults"]] == [("走廊名称", True)]
    assert missing["status"] == "Draft"
    done = api.complete(
        response, {"corridor": "三楼东", "bed_rail": "否", "drugs": [{"name": "地西泮", "dose": "2.5"}]}
    )
    assert (done["status"], done["score"], done["max_score"]) == ("Completed", 10, 10)
    found = api.definition(response)["answers"]
    assert found == {
        "place": "走廊",
        "corridor": "三楼东",
        "bed_rail": 0,
        "drugs": [{"name": "地西泮", "dose": 2.5}],
    }


def test_what_is_not_understood_is_named_and_the_rest_kept(response):
    faults = api.save(
        response,
        {"place": "病房", "drugs": [{"name": "地西泮", "dose": "一片"}], "age": 3, "witness": "T-NOBODY"},
    )["faults"]
    assert [(fault["label"], fault["row"], fault["section"]) for fault in faults] == [
        ("age", 0, ""), ("在用药品/剂量", 1, "用药"), ("发现人", 0, "人员"),
    ]  # fmt: skip
    assert faults[1]["text"] == "用药 · 在用药品/剂量, row 1: This is not a number"
    assert api.definition(response)["answers"] == {"place": "病房", "drugs": [{"name": "地西泮"}]}
    api.save(response, {"place": None})
    assert "place" not in api.definition(response)["answers"]


def test_answers_to_questions_no_longer_asked_are_dropped(response):
    api.save(response, {"place": "走廊", "corridor": "三楼东"})
    api.save(response, {"place": "病房"})
    api.save(response, {"place": "走廊"})
    assert api.definition(response)["answers"] == {"place": "走廊"}


def test_a_completed_response_changes_as_a_whole_or_not_at_all_and_on_record(response):
    api.complete(response, {"place": "病房", "bed_rail": 1})
    assert api.save(response, {"place": "走廊", "bed_rail": 0})["faults"]
    assert api.definition(response)["answers"] == {"place": "病房", "bed_rail": 1}
    versions = {"ref_doctype": "Form Response", "docname": response}
    assert not frappe.get_all("Version", versions)
    assert api.save(response, {"bed_rail": 0})["faults"] == []
    assert frappe.get_all("Version", versions)


def test_opening_again_resumes(response, house):
    assert answers.open("T_FALL", "Improvement Action", house.record) == response


def test_nobody_overwrites_what_another_has_written_meanwhile(response, as_user):
    seen = api.definition(response)["modified"]
    as_user(HEAD)
    api.save(response, {"place": "病房"}, modified=seen)
    as_user(DOCTOR)
    with pytest.raises(frappe.TimestampMismatchError):
        api.save(response, {"place": "走廊"}, modified=seen)


@pytest.mark.parametrize(
    ("user", "allowed"), [(HEAD, True), (DOCTOR, True), (OFFICE, True), (STRANGER, False)]
)
def test_a_response_is_seen_and_written_where_its_record_is(response, as_user, user, allowed):
    as_user(user)
    assert (response in frappe.get_list("Form Response", pluck="name")) == allowed
    for call in (
        lambda: api.definition(response),
        lambda: api.save(response, {"bed_rail": 1}),
        lambda: api.prefill(response),
    ):
        if allowed:
            call()
        else:
            with pytest.raises(frappe.PermissionError):
                call()


def test_a_form_is_begun_by_whoever_may_write_its_record(house, as_user):
    as_user(DOCTOR)
    begun = api.begin("T_FALL", "Improvement Action", house.record)
    as_user(HEAD)
    assert api.begin("T_FALL", "Improvement Action", house.record) == begun
    as_user(STRANGER)
    with pytest.raises(frappe.PermissionError):
        api.begin("T_FALL", "Improvement Action", house.record)
    with pytest.raises(frappe.ValidationError, match="No forms"):
        api.begin("T_FALL", "User", STRANGER)


def test_answers_come_in_by_the_form_alone(response, as_user):
    doc = frappe.get_doc("Form Response", response)
    doc.status = "Completed"
    with pytest.raises(frappe.PermissionError):
        doc.save()


def test_a_file_must_be_ones_own(response, as_user):
    def file(user: str, name: str) -> str:
        as_user(user)
        doc = frappe.get_doc(doctype="File", file_name=name, content=name, is_private=1)
        return doc.insert(ignore_permissions=True).file_url

    strange, own = file(STRANGER, "t-form-strange.txt"), file(DOCTOR, "t-form-own.txt")
    faults = api.save(response, {"photos": [strange]})["faults"]
    assert [fault["label"] for fault in faults] == ["照片"]
    assert api.save(response, {"photos": [own]})["faults"] == []
    assert frappe.db.get_value("File", {"file_url": own}, "attached_to_name") == response


def test_nothing_tells_who_wrote_an_anonymous_response(house, as_user):
    as_user(DOCTOR)
    file = frappe.get_doc(doctype="File", file_name="t-form-anonymous.txt", content="anonymous", is_private=1)
    file.insert(ignore_permissions=True)
    name = answers.open("T_FALL", "Improvement Action", house.record, anonymous=True)
    assert answers.save(name, {"place": "病房", "photos": [file.file_url]}, complete=True) == []
    assert answers.save(name, {"place": "走廊", "corridor": "三楼"}, complete=True) == []
    as_user("Administrator")
    rows = [
        *frappe.get_all("Form Response", {"name": name}, ["*"]),
        *frappe.get_all("Form Answer", {"parent": name}, ["*"]),
        *frappe.get_all("File", {"file_url": file.file_url}, ["*"]),
    ]
    assert len(rows) == 5
    assert DOCTOR not in str(rows)
    assert {str(row[key])[10:] for row in rows for key in ("creation", "modified")} == {" 00:00:00"}
    assert not frappe.get_all("Version", {"ref_doctype": "Form Response", "docname": name})
    assert not frappe.get_all("Comment", {"reference_doctype": "Form Response", "reference_name": name})


def test_a_template_in_force_is_fixed_and_answers_keep_their_version(response, house, as_user):
    as_user(OFFICE)
    doc = frappe.get_doc("Form Template", house.template)
    doc.questions[0].label = "发生地点"
    with pytest.raises(frappe.ValidationError, match="new version"):
        doc.save()
    draft = frappe.get_doc("Form Template", api.new_version(house.template))
    assert (draft.name, draft.status, draft.version) == ("T_FALL-v2", "Draft", 2)
    assert api.new_version(house.template) == draft.name
    draft.questions[0].label = "发生地点"
    draft.save()
    assert templates.in_force("T_FALL").version == 1
    api.put_in_force(draft.name)
    assert templates.in_force("T_FALL").version == 2
    assert frappe.db.get_value("Form Template", house.template, "status") == "Retired"
    assert api.definition(response)["form"]["questions"][0]["label"] == "地点"
    assert [(change["kind"], change["code"], change["fields"]) for change in api.compare(house.template, draft.name)] == [
        ("Changed", "place", ("label",)),
    ]  # fmt: skip


def test_an_unsound_form_is_not_put_in_force(house, as_user):
    as_user(OFFICE)
    draft = frappe.get_doc("Form Template", api.new_version(house.template))
    draft.questions[1].depends_on = "eval:doc.drug=='x'"
    draft.save()
    assert [fault["row"] for fault in api.preview(draft.name)["faults"]] == [2]
    with pytest.raises(frappe.ValidationError, match="row 2"):
        api.put_in_force(draft.name)


def test_only_keepers_make_versions(house, as_user):
    as_user(DOCTOR)
    for call in (api.new_version, api.put_in_force, api.retire):
        with pytest.raises(frappe.PermissionError):
            call(house.template)
