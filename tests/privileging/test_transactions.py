"""What a transaction has written it sees itself; others see it when it is committed, and never when it is undone."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from typing import Any

import frappe
import pytest

from medaffairs.privileging import ledger, rules
from medaffairs.privileging.api import check

CODE = "T-TX-1"
# Memory keeps what was committed once, as the ledger does: every test has a person of its own.
numbers = itertools.count(1)


@pytest.fixture
def person(site: str) -> Iterator[str]:
    """A committed practitioner and procedure, removed afterwards together with their events."""
    staff_no = f"T-TX{next(numbers)}"
    made = [
        frappe.get_doc(doctype="Clinical Department", department_code="T-TX", department_name="测试科",
                       department_type="Clinical").insert(),
        frappe.get_doc(doctype="Procedure", procedure_code=CODE, procedure_name="测试手术").insert(),
        frappe.get_doc(doctype="Practitioner", staff_no=staff_no, practitioner_name="测试医师", department="T-TX",
                       profession="Physician", employment_status="Active", gender="Male").insert(),
    ]  # fmt: skip
    frappe.db.commit()
    yield staff_no
    frappe.db.rollback()
    for doctype in ("Privilege Event", "Privilege Grant"):
        frappe.db.delete(doctype, {"practitioner": staff_no})
    for doc in reversed(made):
        frappe.delete_doc(doc.doctype, doc.name, force=True)
    frappe.db.commit()


def ask(person: str) -> str:
    return check(practitioner=person, kind="SURGERY", code=CODE)["reason"]


def elsewhere(site: str, work: Callable[[], Any]) -> Any:
    """What another request of the same process gets."""
    answers = []

    def run() -> None:
        frappe.init(site=site, sites_path=".")
        frappe.connect()
        try:
            answers.append(work())
        finally:
            frappe.destroy()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return answers[0]


def test_nobody_else_sees_a_grant_before_it_is_committed(site: str, person: str) -> None:
    assert ask(person) == rules.NO_GRANT
    ledger.grant(person, "SURGERY", CODE)
    assert ask(person) == rules.GRANTED
    assert elsewhere(site, lambda: ask(person)) == rules.NO_GRANT
    frappe.db.commit()
    assert elsewhere(site, lambda: ask(person)) == rules.GRANTED


def test_an_undone_grant_never_was(site: str, person: str) -> None:
    ledger.grant(person, "SURGERY", CODE)
    assert ask(person) == rules.GRANTED
    frappe.db.rollback()
    assert ask(person) == rules.NO_GRANT
    assert elsewhere(site, lambda: ask(person)) == rules.NO_GRANT


def test_what_is_undone_to_a_savepoint_is_undone_for_answers(site: str, person: str) -> None:
    held = ledger.grant(person, "SURGERY", CODE)
    frappe.db.savepoint("before_revoking")
    ledger.revoke(held, "测试")
    assert ask(person) == rules.REVOKED
    frappe.db.rollback(save_point="before_revoking")
    assert ask(person) == rules.GRANTED
    frappe.db.commit()
    assert elsewhere(site, lambda: ask(person)) == rules.GRANTED


def test_a_number_given_anew_after_an_undone_event_is_seen(site: str, person: str) -> None:
    ledger.grant(person, "SURGERY", CODE)
    ask(person)
    frappe.db.rollback()
    held = ledger.grant(person, "SURGERY", CODE)
    frappe.db.commit()
    ledger.revoke(held, "测试")
    assert elsewhere(site, lambda: ask(person)) == rules.GRANTED
    frappe.db.commit()
    assert elsewhere(site, lambda: ask(person)) == ask(person) == rules.REVOKED


def test_names_are_known_as_soon_as_they_exist_and_no_longer(site: str, person: str) -> None:
    assert check(practitioner="T-TX0", kind="SURGERY", code=CODE)["reason"] == rules.UNKNOWN_PRACTITIONER
    assert check(practitioner=person, kind="SURGERY", code="T-TX-2")["reason"] == rules.UNKNOWN_CODE
    frappe.get_doc(doctype="Procedure", procedure_code="T-TX-2", procedure_name="另一手术").insert()
    assert check(practitioner=person, kind="SURGERY", code="T-TX-2")["reason"] == rules.NO_GRANT
    frappe.db.rollback()
    assert check(practitioner=person, kind="SURGERY", code="T-TX-2")["reason"] == rules.UNKNOWN_CODE
    # The database may not tell upper from lower case; the ledger does.
    assert (
        check(practitioner=person.lower(), kind="SURGERY", code=CODE)["reason"] == rules.UNKNOWN_PRACTITIONER
    )


def test_a_lower_grade_added_to_the_catalogue_counts_at_once(site: str, person: str) -> None:
    for code in ("T-ABX-1", "T-ABX-2"):
        frappe.get_doc(
            doctype="Drug Privilege",
            privilege_code=code,
            privilege_name=code,
            kind="ANTIMICROBIAL",
            grade="1",
        ).insert()
    ledger.grant(person, "ANTIMICROBIAL", "T-ABX-2")
    asked = {"practitioner": person, "kind": "ANTIMICROBIAL", "code": "T-ABX-1"}
    assert check(**asked)["reason"] == rules.NO_GRANT
    higher = frappe.get_doc("Drug Privilege", "T-ABX-2")
    higher.append("implies", {"privilege": "T-ABX-1"})
    higher.save()
    assert check(**asked)["reason"] == rules.GRANTED
    frappe.db.rollback()
    assert check(**asked)["reason"] == rules.UNKNOWN_CODE
