"""What is told by itself about people: licences and certificates that end, and what leaving means."""

from __future__ import annotations

import frappe
import pytest
from frappe.utils import add_days, add_to_date, nowdate
from support.ward import ward

from medaffairs.organization import events
from medaffairs.privileging import ledger
from medaffairs.privileging.api import check

__all__ = ["ward"]


@pytest.fixture
def quiet(ward):
    """A hospital in which nobody else's papers end."""
    frappe.db.set_value(
        "Practitioner", {"name": ("not in", list(ward.people.values()))}, "licence_valid_to", None
    )
    return ward


def told(ward, who: str) -> int:
    return frappe.db.count("Notification Log", {"for_user": ward.users[who], "document_type": "Practitioner"})


def set_licence(ward, until: str) -> None:
    doc = frappe.get_doc("Practitioner", ward.people["surgeon"])
    doc.licence_valid_to = until
    doc.save()


def test_the_end_of_a_licence_is_told_once_to_person_head_and_office(quiet) -> None:
    set_licence(quiet, add_days(nowdate(), 90))
    assert events.remind_of_licences() == 0
    set_licence(quiet, add_days(nowdate(), 30))
    assert events.remind_of_licences() == 1 and events.remind_of_licences() == 0
    assert [told(quiet, who) for who in ("surgeon", "head", "office", "stranger")] == [1, 1, 1, 0]


def test_a_renewed_licence_is_told_of_again_before_its_new_end(quiet) -> None:
    set_licence(quiet, add_days(nowdate(), 30))
    events.remind_of_licences()
    set_licence(quiet, add_days(nowdate(), 59))
    assert events.remind_of_licences() == 0
    frappe.db.set_value("Practitioner", quiet.people["surgeon"], "licence_told_on", add_days(nowdate(), -700))
    assert events.remind_of_licences() == 1


def test_certificates_that_end_are_told_of_by_name(quiet) -> None:
    doc = frappe.get_doc("Practitioner", quiet.people["surgeon"])
    doc.append(
        "qualifications",
        {
            "qualification": "QUALIFICATION-ROBOTIC",
            "obtained_on": add_days(nowdate(), -700),
            "valid_to": add_days(nowdate(), -3),
        },
    )
    doc.save()
    assert events.remind_of_licences() == 1 and events.remind_of_licences() == 0
    subject = frappe.get_last_doc("Notification Log", {"for_user": quiet.users["surgeon"]}).subject
    assert "手术机器人" in subject


def test_who_leaves_loses_every_privilege(ward) -> None:
    person = ward.people["surgeon"]
    for code in ("T51.2300", "T47.0100"):
        ledger.grant(person, "SURGERY", code, valid_from=add_to_date(None, days=-5))
    doc = frappe.get_doc("Practitioner", person)
    doc.employment_status = "Left"
    doc.save()
    assert not any(
        check(practitioner=person, kind="SURGERY", code=code)["allowed"] for code in ("T51.2300", "T47.0100")
    )
    assert set(frappe.get_all("Privilege Grant", {"practitioner": person}, pluck="status")) == {"Revoked"}
    events_before = frappe.db.count("Privilege Event")
    doc.save()
    assert frappe.db.count("Privilege Event") == events_before


def test_a_title_that_begins_today_is_taken_over(ward) -> None:
    doc = frappe.get_doc("Practitioner", ward.people["surgeon"])
    doc.append("title_history", {"title": "PROFESSIONAL_TITLE-233", "from_date": add_days(nowdate(), -900)})
    doc.append("title_history", {"title": "PROFESSIONAL_TITLE-232", "from_date": add_days(nowdate(), 1)})
    doc.save()
    assert doc.title_level == "Intermediate"
    row = doc.title_history[1].name
    frappe.db.set_value("Practitioner Title", row, "from_date", nowdate())
    assert events.refresh_titles() == 1 and events.refresh_titles() == 0
    assert frappe.db.get_value("Practitioner", doc.name, "title_level") == "Associate Senior"
