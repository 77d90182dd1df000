"""Granting, suspending, revoking: what the ledger says now and what it said then."""

from __future__ import annotations

from datetime import timedelta

import frappe
import pytest
from frappe.utils import now_datetime

from medaffairs.privileging import ledger, rules
from medaffairs.privileging.api import check, grant_history


@pytest.fixture
def surgeon(site: str) -> str:
    """A surgeon and a procedure in an otherwise empty hospital."""
    if not frappe.db.exists("Privilege Kind", "SURGERY"):
        frappe.get_doc(
            doctype="Privilege Kind",
            kind_code="SURGERY",
            kind_name="Surgery",
            item_doctype="Procedure",
            approval_route="Surgery",
        ).insert()
    frappe.get_doc(doctype="Procedure", procedure_code="T51.2300", procedure_name="腹腔镜胆囊切除术").insert()
    frappe.get_doc(
        doctype="Clinical Department",
        department_code="T-GS",
        department_name="普外科",
        department_type="Clinical",
    ).insert()
    person = frappe.get_doc(
        doctype="Practitioner", staff_no="T0001", practitioner_name="测试医师", department="T-GS", profession="Physician",
        employment_status="Active", gender="Male",
    ).insert()  # fmt: skip
    yield person.name


def ask(person: str, **kwargs) -> dict:
    return check(practitioner=person, kind="SURGERY", code="T51.2300", **kwargs)


def test_without_a_grant_the_answer_says_why(surgeon: str) -> None:
    answer = ask(surgeon)
    assert answer["allowed"] is False
    assert answer["reason"] == rules.NO_GRANT
    assert answer["message"]


def test_a_grant_is_visible_at_once_and_names_itself(surgeon: str) -> None:
    name = ledger.grant(surgeon, "SURGERY", "T51.2300")
    answer = ask(surgeon)
    assert answer["allowed"] is True
    assert answer["grant"] == name


def test_the_same_source_grants_once(surgeon: str) -> None:
    first = ledger.grant(surgeon, "SURGERY", "T51.2300", source_key="PA-1/T51.2300")
    again = ledger.grant(surgeon, "SURGERY", "T51.2300", source_key="PA-1/T51.2300")
    assert first == again
    assert frappe.db.count("Privilege Grant", {"practitioner": surgeon}) == 1


def test_revoking_needs_a_reason_and_keeps_the_past(surgeon: str) -> None:
    start = now_datetime() - timedelta(days=10)
    name = ledger.grant(surgeon, "SURGERY", "T51.2300", valid_from=start)
    with pytest.raises(frappe.ValidationError):
        ledger.revoke(name, "  ")
    ledger.revoke(name, "考核不合格")
    assert ask(surgeon)["reason"] == rules.REVOKED
    assert ask(surgeon, at=str(start + timedelta(days=1)))["allowed"] is True
    assert [row.event_type for row in grant_history(name)] == ["Grant", "Revoke"]
    with pytest.raises(frappe.ValidationError):
        ledger.revoke(name, "again")


def test_what_was_known_then_can_be_asked(surgeon: str) -> None:
    ledger.grant(surgeon, "SURGERY", "T51.2300", valid_from=now_datetime() - timedelta(days=10))
    before = str(now_datetime() - timedelta(hours=1))
    assert ask(surgeon, as_of=before)["reason"] == rules.NO_GRANT
    assert ask(surgeon)["allowed"] is True


def test_a_suspension_rests_and_returns_by_itself(surgeon: str) -> None:
    ledger.grant(surgeon, "SURGERY", "T51.2300", valid_from=now_datetime() - timedelta(days=10))
    end = now_datetime() + timedelta(days=30)
    suspension = frappe.get_doc(
        doctype="Privilege Suspension", practitioner=surgeon, reason=frappe.db.get_value("Dictionary Item", {"dictionary": "SUSPEND_REASON"}),
        from_time=now_datetime() - timedelta(minutes=1), to_time=end,
    ).insert()  # fmt: skip
    assert ask(surgeon)["reason"] == rules.SUSPENDED
    assert frappe.db.get_value("Privilege Grant", {"practitioner": surgeon}, "status") == "Suspended"
    assert ask(surgeon, at=str(end + timedelta(seconds=1)))["allowed"] is True
    suspension.to_time = now_datetime()
    suspension.save()
    assert ask(surgeon)["allowed"] is True
    assert frappe.db.get_value("Privilege Grant", {"practitioner": surgeon}, "status") == "Active"


def test_a_refused_act_is_kept_when_asked_for(surgeon: str) -> None:
    ask(surgeon, record=1, source="手麻系统")
    act = frappe.get_last_doc("Unauthorized Act", {"practitioner": surgeon})
    assert (act.decision_reason, act.item_name, act.department) == (
        rules.NO_GRANT,
        "腹腔镜胆囊切除术",
        "T-GS",
    )


def test_the_sequence_grows_without_gaps_in_bulk(surgeon: str) -> None:
    first = ledger.reserve()
    moment = now_datetime()
    rows = [
        {"practitioner": surgeon, "practitioner_name": "测试医师", "kind": "SURGERY",
         "code": "T51.2300", "item_name": "腹腔镜胆囊切除术", "level": "3", "valid_from": moment, "valid_to": None,
         "recorded_at": moment}
        for _ in range(3)
    ]  # fmt: skip
    assert ledger.bulk_grant(rows) == 3
    assert ledger.reserve() == first + 4
    assert ask(surgeon)["allowed"] is True


def test_nobody_writes_the_ledger_past_it(surgeon: str) -> None:
    name = ledger.grant(surgeon, "SURGERY", "T51.2300")
    event = frappe.get_last_doc("Privilege Event", {"grant": name})
    event.reason = "changed"
    with pytest.raises(frappe.PermissionError):
        event.save(ignore_permissions=True)
    with pytest.raises(frappe.PermissionError):
        frappe.delete_doc("Privilege Event", event.name, force=True, ignore_permissions=True)
    with pytest.raises(frappe.PermissionError):
        frappe.get_doc("Privilege Grant", name).save(ignore_permissions=True)


@pytest.mark.parametrize("field,value", [("at", "gestern"), ("as_of", "2026-13-45")])
def test_a_bad_time_names_the_field(surgeon: str, field: str, value: str) -> None:
    with pytest.raises(frappe.ValidationError, match=field):
        ask(surgeon, **{field: value})
