"""Two departments, people with every role that meets a case, a patient with a stay: rolled back after each test."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import frappe
import pytest
from frappe.utils import add_to_date, now_datetime
from support import staff

from medaffairs.dispute import api

REPORTER, HEAD, COLLEAGUE, STRANGER, DESK, MANAGER, OFFICE, LEADER, AUDITOR = (
    f"t-case-{name}@test.example"
    for name in (
        "reporter",
        "head",
        "colleague",
        "stranger",
        "desk",
        "manager",
        "office",
        "leader",
        "auditor",
    )
)
ROLES = {
    REPORTER: "Practitioner", HEAD: "Department Head", COLLEAGUE: "Practitioner", STRANGER: "Department Head",
    DESK: "Complaint Officer", MANAGER: "Medical Affairs Manager", OFFICE: "Medical Affairs Officer",
    LEADER: "Hospital Leader", AUDITOR: "Auditor",
}  # fmt: skip
ELSEWHERE = (STRANGER, DESK, MANAGER, OFFICE, LEADER, AUDITOR)
DESCRIPTION = "术后切口感染，家属情绪激动。"


def _person(user: str, role: str, staff_no: str, place: str) -> None:
    """As `staff.person`, written straight to the database: every test needs nine of them."""
    account = frappe.get_doc(
        doctype="User",
        name=user,
        email=user,
        first_name=staff_no,
        full_name=staff_no,
        enabled=1,
        user_type="System User",
    )
    account.db_insert()
    held = frappe.get_doc(
        doctype="Has Role", parent=user, parenttype="User", parentfield="roles", idx=1, role=role
    )
    held.set_new_name()
    held.db_insert()
    frappe.get_doc(
        doctype="Practitioner", name=staff_no, staff_no=staff_no, practitioner_name=f"测试{staff_no}", department=place, user=user,
        profession="Physician", employment_status="Active",
    ).db_insert()  # fmt: skip


@pytest.fixture
def house(site: str) -> SimpleNamespace:
    """The hospital of these tests."""
    for code in ("T-CASE", "T-CASE2"):
        staff.department(code)
    for number, (user, role) in enumerate(ROLES.items()):
        _person(user, role, f"T-CASE{number}", "T-CASE2" if user in ELSEWHERE else "T-CASE")
    frappe.db.set_value("Clinical Department", "T-CASE", "head", "T-CASE1")
    frappe.db.set_value("Clinical Department", "T-CASE2", "head", "T-CASE3")
    frappe.get_doc(doctype="Patient Index", patient_id="T-CASE-P", patient_name="测试患者甲").insert()
    admitted = add_to_date(now_datetime(), days=-20)
    frappe.get_doc(
        doctype="Hospital Stay", visit_no="T-CASE-V", patient="T-CASE-P", department="T-CASE", admitted_at=admitted,
        discharged_at=add_to_date(admitted, days=10), status="Discharged",
    ).insert()  # fmt: skip
    return SimpleNamespace(
        stay="T-CASE-V", colleague="T-CASE2", head="T-CASE1", office="T-CASE6", desk="T-CASE4"
    )


@pytest.fixture
def warning(house: SimpleNamespace, as_user) -> Callable[..., Any]:
    """Makes a draft of a warning."""

    def make(by: str = REPORTER, **values: Any) -> Any:
        as_user(by)
        doc = frappe.get_doc({
            "doctype": "Dispute Warning", "subject": "切口感染引发不满", "level": "WARNING_LEVEL-03", "department": "T-CASE",
            "occurred_at": add_to_date(now_datetime(), days=-15), "patient_name": "测试患者甲", "description": DESCRIPTION,
            "cause": "COMPLAINT_CAUSE-17", **values,
        }).insert()  # fmt: skip
        as_user("Administrator")
        return doc

    return make


@pytest.fixture
def complaint(house: SimpleNamespace, as_user) -> Callable[..., Any]:
    """Makes a draft of a complaint."""

    def make(by: str = DESK, **values: Any) -> Any:
        as_user(by)
        doc = frappe.get_doc({
            "doctype": "Medical Complaint", "subject": "投诉术后感染", "received_at": add_to_date(now_datetime(), hours=-2),
            "source": "COMPLAINT_SOURCE-01", "department": "T-CASE", "patient_name": "测试患者甲", "complainant": "测试家属乙",
            "content": DESCRIPTION, **values,
        }).insert()  # fmt: skip
        as_user("Administrator")
        return doc

    return make


@pytest.fixture
def take(as_user) -> Callable[..., dict]:
    """Takes a step through the door, as somebody."""

    def step(user: str, doc: Any, action: str, words: str = "", **values: Any) -> dict:
        as_user(user)
        try:
            return api.take(doc.doctype, doc.name, action, words, **values)
        finally:
            as_user("Administrator")
            doc.reload()

    return step


@pytest.fixture
def handled(complaint, take) -> Callable[..., Any]:
    """A complaint that the desk has taken up."""

    def make(**values: Any) -> Any:
        doc = complaint(**values)
        take(DESK, doc, "Submit")
        take(DESK, doc, "Take Up")
        return doc

    return make
