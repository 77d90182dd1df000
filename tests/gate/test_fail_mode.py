"""When the ledger cannot be read the hospital's fail mode decides, says so, and what went ahead is reported later."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import frappe
import pytest
import requests
from gate.conftest import CODES
from gate.processes import Gate, wait_until

TABLES = ("Privilege Event", "Data Access Log")


def health(gate: Gate) -> requests.Response:
    return requests.get(f"{gate.url}/health", timeout=5)


@pytest.fixture
def unreadable(site: str) -> Iterator[Callable[[str], None]]:
    """Takes a table away, as a database that fails does; gives it back on demand and at the end."""
    away: set[str] = set()

    def toggle(doctype: str) -> None:
        source, target = f"tab{doctype}", f"tab{doctype} away"
        if doctype in away:
            source, target = target, source
        frappe.db.rollback()
        frappe.db.sql_ddl(f"alter table `{source}` rename to `{target}`")
        away.symmetric_difference_update({doctype})

    yield toggle
    for doctype in list(away):
        toggle(doctype)


@pytest.fixture
def fail_modes(site: str) -> Iterator[Callable[[str, str], None]]:
    """Sets what happens without a decision for surgery, and sets it back."""
    before = frappe.db.get_value("Privilege Kind", "SURGERY", ["fail_mode", "emergency_fail_mode"])

    def choose(usual: str, in_emergency: str) -> None:
        kind = frappe.get_doc("Privilege Kind", "SURGERY")
        kind.fail_mode, kind.emergency_fail_mode = usual, in_emergency
        kind.save()
        frappe.db.commit()

    yield choose
    frappe.db.rollback()
    choose(*before)


def acts(person: str) -> list:
    frappe.db.rollback()
    return frappe.get_all(
        "Unauthorized Act",
        filters={"practitioner": person},
        fields=["code", "decision_reason", "was_emergency", "source_system"],
        order_by="creation",
    )


def test_the_fail_mode_decides_until_the_ledger_can_be_read_again(
    own_gate: Callable[..., Gate], surgeon: str, unreadable: Callable, fail_modes: Callable
) -> None:
    fail_modes("Deny", "Allow and Report")
    gate = own_gate("--stale-after", "1")
    assert (health(gate).status_code, health(gate).json()["troubles"]) == (200, [])
    assert gate.check(surgeon, "SURGERY", CODES[0])["allowed"]
    unreadable("Privilege Event")
    wait_until(lambda: health(gate).status_code == 503, 12)
    troubles = health(gate).json()
    assert troubles["status"] == "degraded"
    assert any("the ledger could not be read for" in trouble for trouble in troubles["troubles"])
    assert requests.get(f"{gate.url}/health/live", timeout=5).status_code == 200

    usual = gate.check(surgeon, "SURGERY", CODES[0])
    assert (usual["allowed"], usual["reason"]) == (False, "UNDECIDABLE_DENIED")
    assert usual["message"] == "权限暂时无法核验：不予放行"
    emergency = gate.check(surgeon, "SURGERY", CODES[1], emergency=1, source="手麻系统")
    assert (emergency["allowed"], emergency["reason"]) == (True, "UNDECIDABLE_ALLOWED")
    assert emergency["message"] == "权限暂时无法核验：先予放行并上报"

    unreadable("Privilege Event")
    wait_until(lambda: health(gate).status_code == 200, 5)
    assert gate.check(surgeon, "SURGERY", CODES[0])["reason"] == "GRANTED"
    assert wait_until(lambda: acts(surgeon)) == [
        {"code": CODES[1], "decision_reason": "UNDECIDABLE_ALLOWED", "was_emergency": 1, "source_system": "手麻系统"}
    ]  # fmt: skip


def test_another_choice_of_the_hospital_is_followed(
    own_gate: Callable[..., Gate], surgeon: str, unreadable: Callable, fail_modes: Callable
) -> None:
    gate = own_gate("--stale-after", "1")
    fail_modes("Allow and Report", "Deny")
    wait_until(lambda: gate.figures()["medaffairs_gate_catalogue_changes_total"] >= 1)
    assert gate.check(surgeon, "SURGERY", CODES[0])["allowed"]
    unreadable("Privilege Event")
    wait_until(lambda: health(gate).status_code == 503, 12)
    assert gate.check(surgeon, "SURGERY", CODES[0], emergency=1)["reason"] == "UNDECIDABLE_DENIED"
    assert gate.check(surgeon, "SURGERY", CODES[0])["reason"] == "UNDECIDABLE_ALLOWED"
    unreadable("Privilege Event")
    assert [(act.code, act.was_emergency) for act in wait_until(lambda: acts(surgeon))] == [(CODES[0], 0)]


def test_acts_survive_the_end_of_the_gate_while_the_database_is_away(
    own_gate: Callable[..., Gate], surgeon: str, unreadable: Callable, fail_modes: Callable
) -> None:
    fail_modes("Deny", "Allow and Report")
    gate = own_gate("--stale-after", "1")
    assert gate.check(surgeon, "SURGERY", CODES[0])["allowed"]
    unreadable("Privilege Event")
    unreadable("Unauthorized Act")
    wait_until(lambda: health(gate).status_code == 503, 12)
    assert gate.check(surgeon, "SURGERY", CODES[1], emergency=1)["allowed"]
    gate.stop(9)
    unreadable("Unauthorized Act")
    unreadable("Privilege Event")
    assert acts(surgeon) == []
    own_gate()
    assert [act.code for act in wait_until(lambda: acts(surgeon))] == [CODES[1]]
