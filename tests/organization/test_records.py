"""Departments, practitioners, dictionaries and committees as documents on a site."""

import frappe
import pytest
from frappe.utils import add_days, nowdate

pytestmark = pytest.mark.usefixtures("site")


def department(code="T900", **values):
    facts = {"department_name": "测试外科", "department_type": "Clinical", **values}
    return frappe.get_doc({"doctype": "Clinical Department", "department_code": code, **facts}).insert()


def practitioner(staff_no="T9001", name="欧阳测试", **values):
    if not frappe.db.exists("Clinical Department", "T900"):
        department()
    facts = {"practitioner_name": name, "department": "T900", "employment_status": "Active", **values}
    return frappe.get_doc({"doctype": "Practitioner", "staff_no": staff_no, **facts}).insert()


def test_a_practitioner_is_found_by_the_initials_of_his_name():
    practitioner()
    from frappe.desk.search import search_link

    found = search_link("Practitioner", "oycs", page_length=5) or frappe.response.get("results")
    assert "T9001" in [row["value"] for row in found]


def test_the_title_follows_from_the_history():
    history = [
        {"title": "PROFESSIONAL_TITLE-233", "from_date": "2015-07-01", "to_date": "2021-06-30"},
        {"title": "PROFESSIONAL_TITLE-232", "from_date": "2021-07-01"},
    ]
    doc = practitioner(title_history=history)
    assert (doc.title, doc.title_level, str(doc.title_date)) == (
        "PROFESSIONAL_TITLE-232",
        "Associate Senior",
        "2021-07-01",
    )
    doc.title_history[1].from_date = add_days(nowdate(), 10)
    doc.title_history[0].to_date = add_days(nowdate(), 9)
    doc.save()
    assert doc.title_level == "Intermediate"


def test_a_title_that_begins_today_is_taken_over_by_the_daily_job():
    from medaffairs.organization.events import refresh_titles

    doc = practitioner(title_history=[{"title": "PROFESSIONAL_TITLE-234", "from_date": "2019-07-01"}])
    doc.append("title_history", {"title": "PROFESSIONAL_TITLE-233", "from_date": nowdate()})
    for row in doc.title_history[1:]:
        row.parent, row.parenttype, row.parentfield = doc.name, doc.doctype, "title_history"
        row.db_insert()
    assert frappe.db.get_value("Practitioner", doc.name, "title_level") == "Junior"
    assert refresh_titles() >= 1
    assert frappe.db.get_value("Practitioner", doc.name, "title_level") == "Intermediate"


@pytest.mark.parametrize(
    "values",
    [
        {"birth_date": "2990-01-01"},
        {"birth_date": "1990-01-01", "work_start_date": "1980-01-01"},
        {
            "qualifications": [
                {"qualification": "QUALIFICATION-BLS", "obtained_on": "2020-01-02", "valid_to": "2020-01-01"}
            ]
        },
        {"department": "no such department"},
    ],
)
def test_dates_and_links_that_cannot_be_are_refused(values):
    with pytest.raises(frappe.ValidationError):
        practitioner(**values)


def test_an_account_belongs_to_one_practitioner():
    practitioner(user="Guest")
    with pytest.raises(frappe.ValidationError, match="欧阳测试"):
        practitioner("T9002", "另一人", user="Guest")


def test_departments_form_a_tree():
    department("T901", department_name="测试大外科", is_group=1)
    department("T902", parent_clinical_department="T901")
    with pytest.raises(frappe.ValidationError):
        department("T903", parent_clinical_department="T902")
    top = frappe.db.get_value("Clinical Department", "T901", ["lft", "rgt"], as_dict=True)
    leaf = frappe.db.get_value("Clinical Department", "T902", ["lft", "rgt"], as_dict=True)
    assert top.lft < leaf.lft < leaf.rgt < top.rgt


def test_a_dictionary_item_is_named_after_its_dictionary_and_code():
    values = {"doctype": "Dictionary Item", "dictionary": "EXAM", "code": "T9", "item_name": "测试考试"}
    doc = frappe.get_doc(values).insert()
    assert doc.name == "EXAM-T9"
    assert doc.pinyin_initials == "csks"
    with pytest.raises(frappe.DuplicateEntryError):
        frappe.get_doc(values).insert()


@pytest.mark.parametrize("attributes", ["[1]", "{", '"text"'])
def test_attributes_of_an_item_are_an_object(attributes):
    with pytest.raises(frappe.ValidationError):
        frappe.get_doc(
            {
                "doctype": "Dictionary Item",
                "dictionary": "EXAM",
                "code": "T8",
                "item_name": "x",
                "attributes": attributes,
            }
        ).insert()


def test_a_committee_with_two_chairs_is_refused():
    first, second = practitioner(), practitioner("T9002", "另一人")
    members = [{"practitioner": doc.name, "member_role": "Chair"} for doc in (first, second)]
    committee = {"doctype": "Committee", "committee_name": "测试委员会", "committee_type": "Other"}
    with pytest.raises(frappe.ValidationError):
        frappe.get_doc({**committee, "members": members}).insert()
    members[1]["member_role"] = "Member"
    assert frappe.get_doc({**committee, "members": members}).insert().members[0].member_name == "欧阳测试"


def test_an_exam_knows_whether_it_was_passed():
    doc = practitioner()
    values = {
        "doctype": "Exam Result",
        "practitioner": doc.name,
        "exam": "EXAM-ANTIMICROBIAL",
        "pass_score": 80,
    }
    good = frappe.get_doc({**values, "score": 80, "exam_date": "2026-01-05"}).insert()
    poor = frappe.get_doc({**values, "score": 79.5, "exam_date": "2026-01-05"}).insert()
    assert (good.passed, poor.passed) == (1, 0)
    assert good.department == "T900"
    with pytest.raises(frappe.ValidationError):
        frappe.get_doc({**values, "score": 90, "exam_date": add_days(nowdate(), 1)}).insert()


def test_records_of_access_cannot_be_kept_for_less_than_the_law_asks():
    settings = frappe.get_doc("Medical Affairs Settings")
    settings.audit_retention_days = 182
    with pytest.raises(frappe.ValidationError):
        settings.save()


@pytest.mark.parametrize("report", ["Practitioner Query", "Title Statistics"])
@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"department": "T900"},
        {"department": "' or 1=1 --", "name_or_pinyin": "%'; drop table x; --", "privilege_state": "x"},
        {"surgery_level": "4", "title_level": "Senior", "profession": "Physician"},
    ],
)
def test_reports_answer_with_five_parts_for_any_filters(report, filters):
    module = frappe.get_module(
        f"medaffairs.organization.report.{frappe.scrub(report)}.{frappe.scrub(report)}"
    )
    practitioner()
    answer = module.execute(filters)
    assert len(answer) == 5
    columns, rows, _message, _chart, summary = answer
    keys = {column["fieldname"] for column in columns}
    assert all(keys <= row.keys() for row in rows)
    assert summary[0]["value"] >= 0
    if filters.get("department", "").startswith("'"):
        assert rows == []


def test_the_query_finds_by_initials_and_counts_the_department():
    from medaffairs.organization.report.practitioner_query.practitioner_query import execute

    practitioner()
    rows = execute({"name_or_pinyin": "OYCS", "department": "T900"})[1]
    assert [row["name"] for row in rows] == ["T9001"]
