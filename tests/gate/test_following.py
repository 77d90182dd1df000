"""What changes in the hospital arrives at the gate by itself; what is undone never does."""

from __future__ import annotations

import time
from collections.abc import Callable

import frappe
import requests
from frappe.utils import add_to_date, now_datetime
from gate.conftest import CODES
from gate.processes import Gate, Web, wait_until

from medaffairs.privileging import ledger
from medaffairs.privileging.api import check


def reason(gate: Gate, person: str, code: str = CODES[0], kind: str = "SURGERY") -> str:
    return gate.check(person, kind, code)["reason"]


def test_a_revocation_is_seen_at_every_door_within_a_second(gate: Gate, web: Web, surgeon: str) -> None:
    wait_until(lambda: reason(gate, surgeon) == "GRANTED")
    asked = {"practitioner": surgeon, "kind": "SURGERY", "code": CODES[0]}
    assert web.check(**asked)["allowed"] and check(**asked)["allowed"]
    name = frappe.db.get_value("Privilege Grant", {"practitioner": surgeon})
    ledger.revoke(name, "考核不合格")
    frappe.db.commit()
    committed = time.monotonic()
    assert check(**asked)["reason"] == "REVOKED"
    assert web.check(**asked)["reason"] == "REVOKED"
    wait_until(lambda: reason(gate, surgeon) == "REVOKED", 5)
    assert time.monotonic() - committed <= 1.0


def test_a_suspension_and_its_return_are_seen(gate: Gate, surgeon: str) -> None:
    wait_until(lambda: reason(gate, surgeon) == "GRANTED")
    item = frappe.db.get_value("Dictionary Item", {"dictionary": "SUSPEND_REASON"})
    start = now_datetime()
    rest = frappe.get_doc(
        doctype="Privilege Suspension", practitioner=surgeon, reason=item, from_time=start,
        to_time=add_to_date(start, days=3),
    ).insert()  # fmt: skip
    frappe.db.commit()
    wait_until(lambda: reason(gate, surgeon) == "SUSPENDED")
    later = str(add_to_date(start, days=3, seconds=1))
    assert gate.check(surgeon, "SURGERY", CODES[0], at=later)["allowed"]
    ledger.resume(rest)
    frappe.db.commit()
    wait_until(lambda: reason(gate, surgeon) == "GRANTED")


def test_what_is_undone_is_never_seen(gate: Gate, surgeon: str, hire: Callable[..., str]) -> None:
    wait_until(lambda: reason(gate, surgeon) == "GRANTED")
    ledger.revoke(frappe.db.get_value("Privilege Grant", {"practitioner": surgeon}), "会被撤回")
    ledger.grant(surgeon, "SURGERY", CODES[1])
    version = requests.get(f"{gate.url}/health", timeout=5).json()["version"]
    time.sleep(0.6)
    assert (reason(gate, surgeon), reason(gate, surgeon, CODES[1])) == ("GRANTED", "NO_GRANT")
    frappe.db.rollback()
    ledger.grant(surgeon, "SURGERY", CODES[2])
    frappe.db.commit()
    wait_until(lambda: reason(gate, surgeon, CODES[2]) == "GRANTED")
    assert (reason(gate, surgeon), reason(gate, surgeon, CODES[1])) == ("GRANTED", "NO_GRANT")
    assert requests.get(f"{gate.url}/health", timeout=5).json()["version"] == version + 1


def test_a_new_staff_number_and_a_new_code_are_known_without_a_restart(
    gate: Gate, hire: Callable[..., str]
) -> None:
    assert reason(gate, "TG-P-new") == "UNKNOWN_PRACTITIONER"
    person = hire()
    wait_until(lambda: reason(gate, person) == "NO_GRANT", 4)
    assert reason(gate, person, "TG-new") == "UNKNOWN_CODE"
    procedure = frappe.get_doc(doctype="Procedure", procedure_code="TG-new", procedure_name="新手术").insert()
    frappe.db.commit()
    wait_until(lambda: reason(gate, person, "TG-new") == "NO_GRANT", 4)
    procedure.delete()
    frappe.db.commit()
    wait_until(lambda: reason(gate, person, "TG-new") == "UNKNOWN_CODE", 4)


def test_what_a_grade_includes_is_followed(gate: Gate, hire: Callable[..., str]) -> None:
    person = hire()
    for code in ("TG-ABX-1", "TG-ABX-2"):
        frappe.get_doc(
            doctype="Drug Privilege",
            privilege_code=code,
            privilege_name=code,
            kind="ANTIMICROBIAL",
            grade="1",
        ).insert()
    ledger.grant(person, "ANTIMICROBIAL", "TG-ABX-2")
    frappe.db.commit()
    higher = frappe.get_doc("Drug Privilege", "TG-ABX-2")
    try:
        wait_until(lambda: reason(gate, person, "TG-ABX-2", "ANTIMICROBIAL") == "GRANTED")
        assert reason(gate, person, "TG-ABX-1", "ANTIMICROBIAL") == "NO_GRANT"
        higher.append("implies", {"privilege": "TG-ABX-1"})
        higher.save()
        frappe.db.commit()
        wait_until(lambda: reason(gate, person, "TG-ABX-1", "ANTIMICROBIAL") == "GRANTED", 4)
    finally:
        frappe.db.rollback()
        frappe.delete_doc("Drug Privilege", "TG-ABX-2", force=True)
        frappe.delete_doc("Drug Privilege", "TG-ABX-1", force=True)
        frappe.db.commit()
