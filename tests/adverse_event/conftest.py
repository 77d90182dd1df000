"""A ward with its people, a managing department and a patient in bed: rolled back after each test."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import frappe
import pytest
from frappe.utils import now_datetime
from support import staff
from support.staff import delete_users

from medaffairs.adverse_event import notices, reporting, rules, steps
from medaffairs.permissions import forget_scopes

PLACES = WARD, QUALITY, PHARMACY = "T-AEW", "T-AEQ", "T-AEP"
NURSE, DOCTOR, HEAD, MANAGER, PHARMACIST, OFFICER, CHIEF, STRANGER, LEADER, AUDITOR = (
    f"t-ae-{name}@test.example"
    for name in (
        "nurse", "doctor", "head", "manager", "pharmacist", "officer", "chief", "stranger", "leader", "auditor",
    )
)  # fmt: skip
PEOPLE = (
    (NURSE, "Nurse", WARD), (DOCTOR, "Practitioner", WARD), (HEAD, "Department Head", WARD),
    (MANAGER, "Functional Department", QUALITY), (PHARMACIST, "Functional Department", PHARMACY),
    (OFFICER, "Medical Affairs Officer", QUALITY), (CHIEF, "Medical Affairs Manager", QUALITY),
    (STRANGER, "Practitioner", PHARMACY), (LEADER, "Hospital Leader", QUALITY), (AUDITOR, "Auditor", QUALITY),
)  # fmt: skip
STORY = "患者下床如厕时在卫生间门口滑倒，右手撑地，未诉头痛。"


def build() -> None:
    """Departments, people, a patient in bed and one who has left."""
    for code in (WARD, QUALITY, PHARMACY):
        staff.department(code)
    for number, (user, role, place) in enumerate(PEOPLE):
        staff.person(user, role, f"T-AE{number}", place)
    frappe.db.set_value("Clinical Department", WARD, "head", "T-AE2")
    frappe.get_doc(
        doctype="Patient Index", patient_id="T-AEPAT", patient_name="测试患者", gender="Female", birth_date="1950-06-01"
    ).insert()  # fmt: skip
    now = now_datetime()
    for number, left in (("T-AEIN", None), ("T-AEOUT", now - timedelta(days=5))):
        frappe.get_doc(
            doctype="Hospital Stay", visit_no=number, patient="T-AEPAT", department=WARD, bed="12", attending="T-AE1",
            admitted_at=now - timedelta(days=9), discharged_at=left, status="Discharged" if left else "Admitted",
            diagnosis="肺炎",
        ).insert()  # fmt: skip
    for category, route, place in (("AE02", "Stepwise", QUALITY), ("AE03", "Direct", PHARMACY)):
        frappe.db.set_value(
            "Adverse Event Category", category, {"route": route, "managing_department": place}
        )
    frappe.clear_document_cache("Adverse Event Category")
    frappe.clear_document_cache("Adverse Event Category", "AE02")
    frappe.clear_document_cache("Adverse Event Category", "AE03")
    forget_scopes()


def values(**more: Any) -> dict[str, Any]:
    """What a nurse says of a fall."""
    return {
        "category": "AE02", "department": WARD, "occurred_at": str(now_datetime() - timedelta(hours=1)), "description": STORY,
        "place": "EVENT_PLACE-BATHROOM", "visit_no": "T-AEIN", "harm_level": "D", **more,
    }  # fmt: skip


def clean_reports() -> None:
    """Takes away what was reported in these departments, and what people were told of it."""
    for name in frappe.get_all(reporting.DOCTYPE, {"department": ("in", PLACES)}, pluck="name"):
        for doctype in ("Approval Opinion", "Outbound Message"):
            frappe.db.delete(doctype, {"reference_name": name})
        frappe.delete_doc(
            reporting.DOCTYPE, name, force=True, ignore_permissions=True, delete_permanently=True
        )
    people = [user for user, _role, _place in PEOPLE]
    frappe.db.delete("Outbound Message", {"recipient": ("in", people)})
    frappe.db.delete("Outbound Message", {"recipient": ("like", "ae-%")})


def clean() -> None:
    """Takes the ward away."""
    clean_reports()
    for name in ("T-AEIN", "T-AEOUT"):
        frappe.delete_doc_if_exists("Hospital Stay", name, force=True)
    frappe.delete_doc_if_exists("Patient Index", "T-AEPAT", force=True)
    frappe.db.set_value(
        "Adverse Event Category", {"managing_department": ("in", PLACES)}, "managing_department", None
    )
    frappe.db.set_value("Clinical Department", {"name": WARD}, "head", None)
    for number in range(len(PEOPLE)):
        frappe.delete_doc_if_exists("Practitioner", f"T-AE{number}", force=True)
    delete_users([user for user, _role, _place in PEOPLE if frappe.db.exists("User", user)])
    for code in PLACES:
        frappe.delete_doc_if_exists("Clinical Department", code, force=True)


@pytest.fixture(scope="session")
def settled(connected_site: str) -> Iterator[None]:
    """The ward, made once for all these tests and committed; gone at the end."""
    frappe.set_user("Administrator")
    clean()
    build()
    frappe.db.commit()
    yield
    frappe.db.rollback()
    frappe.set_user("Administrator")
    clean()
    frappe.db.commit()


@pytest.fixture
def ward(settled: None, site: str) -> Iterator[SimpleNamespace]:
    """The hospital of these tests; what a test does in it is rolled back."""
    yield SimpleNamespace(now=now_datetime())
    # What was rolled back may still be in the cache.
    frappe.clear_document_cache("Adverse Event Category", "AE02")
    frappe.clear_document_cache("Adverse Event Category", "AE03")


@pytest.fixture
def report(ward: SimpleNamespace, as_user) -> Callable[..., Any]:
    """Reports an event, by the nurse and open unless it is said otherwise; those whose turn it is have been told."""

    def make(by: str = NURSE, identity: str = rules.OPEN, key: str = "", **more: Any) -> Any:
        as_user(by)
        if identity == rules.ANONYMOUS:
            doc = reporting.submit_anonymously(values(**more), key or rules.new_code())
        else:
            doc = reporting.submit(values(**more), identity, key or uuid.uuid4().hex)
        notices.announce(doc.name)
        as_user("Administrator")
        return doc

    return make


@pytest.fixture
def take(as_user) -> Callable[..., str]:
    """Somebody takes a step: the new state."""

    def step(user: str, doc: Any, action: str, words: str = "", **more: str) -> str:
        as_user(user)
        try:
            return steps.take(doc.name, action, words, **more).workflow_state
        finally:
            as_user("Administrator")

    return step


def told(user: str) -> list[str]:
    """The templates of what a user was told."""
    return frappe.get_all("Outbound Message", filters={"recipient": user}, pluck="template", order_by="name")


def hours_ago(hours: float) -> datetime:
    """So many hours back."""
    return now_datetime() - timedelta(hours=hours)
