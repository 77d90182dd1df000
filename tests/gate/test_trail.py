"""Every question at the gate is in the audit, whatever becomes of the gate or the database."""

from __future__ import annotations

import secrets
from collections.abc import Callable

import frappe
import requests
from gate.conftest import CODES
from gate.processes import Gate, wait_until
from gate.test_fail_mode import unreadable  # noqa: F401 - a fixture

from medaffairs.audit.verify import verify

FIELDS = ["user", "door", "action", "outcome", "target_type", "row_count", "filters", "ip"]


def records(text: str) -> list:
    frappe.db.rollback()
    return frappe.get_all(
        "Data Access Log", filters={"filters": ("like", f"%{text}%")}, fields=FIELDS, order_by="name"
    )


def ask_many(gate: Gate, marks: list[str]) -> None:
    for mark in marks:
        gate.check(mark, "SURGERY", CODES[0])


# The log is never emptied: what another run has left there must not be taken for this run's.
RUN = secrets.token_hex(3)


def marks(name: str, count: int) -> list[str]:
    return [f"TG-{RUN}-{name}-{number:04d}" for number in range(count)]


def recorded(name: str) -> list[str]:
    return [row.filters.split()[0].split("=")[1] for row in records(f"TG-{RUN}-{name}-")]


def test_a_record_says_who_asked_what_and_what_he_was_told(gate: Gate, surgeon: str) -> None:
    wait_until(lambda: gate.check(surgeon, "SURGERY", CODES[0])["allowed"])
    gate.check(surgeon, "SURGERY", CODES[1], at="2026-05-03T08:32:00", source="手麻系统")
    row = wait_until(lambda: records(f"{surgeon} kind=SURGERY code={CODES[1]}"))[0]
    assert row == {
        "user": "gate-client@test.example", "door": "Gate", "action": "Check", "outcome": "Success",
        "target_type": "Privilege Grant", "row_count": 1, "ip": "127.0.0.1",
        "filters": f"practitioner={surgeon} kind=SURGERY code={CODES[1]} source=手麻系统 "
        "at=2026-05-03 08:32:00 → NO_GRANT",
    }  # fmt: skip


def test_of_many_questions_none_is_cut_off(gate: Gate) -> None:
    asked = marks("batch", 200)
    assert gate.post([{"practitioner": mark, "kind": "SURGERY", "code": "A"} for mark in asked]).ok
    wait_until(lambda: sum(row.row_count for row in records(f"TG-{RUN}-batch-")) == 200)
    text = " ".join(row.filters for row in records(f"TG-{RUN}-batch-"))
    assert [mark for mark in asked if mark not in text] == []
    assert text.count("→ UNKNOWN_PRACTITIONER") == 200


def test_wrong_keys_and_wrong_questions_are_recorded_too(own_gate: Callable[..., Gate]) -> None:
    gate = own_gate()
    gate.get("/check", practitioner=f"TG-{RUN}-question", kind="SURGERY")
    assert wait_until(lambda: records(f"TG-{RUN}-question"))[0].outcome == "Failed"
    before = frappe.db.count("Data Access Log", {"door": "Gate", "outcome": "Denied", "user": "Guest"})
    requests.get(f"{gate.url}/check", headers={"Authorization": "token no:no"}, timeout=5)

    def denied() -> bool:
        frappe.db.rollback()
        return (
            frappe.db.count("Data Access Log", {"door": "Gate", "outcome": "Denied", "user": "Guest"})
            > before
        )

    wait_until(denied)


def test_a_gate_that_stops_has_recorded_everything(own_gate: Callable[..., Gate]) -> None:
    gate, asked = own_gate(), marks("stop", 300)
    ask_many(gate, asked)
    assert gate.stop() == 0
    assert recorded("stop") == asked
    assert verify().intact


def test_a_gate_that_is_killed_loses_nothing_that_it_answered(own_gate: Callable[..., Gate]) -> None:
    gate, asked = own_gate(), marks("kill", 300)
    ask_many(gate, asked)
    gate.stop(9)
    own_gate()
    wait_until(lambda: len(recorded("kill")) >= 300)
    assert recorded("kill") == asked
    assert verify().intact


def test_while_the_log_cannot_be_written_answers_are_kept_and_recorded_once(
    own_gate: Callable[..., Gate],
    unreadable: Callable[[str], None],  # noqa: F811
) -> None:
    gate, asked = own_gate(), marks("away", 200)
    gate.check("TG-before", "SURGERY", CODES[0])
    unreadable("Data Access Log")
    ask_many(gate, asked)

    def degraded() -> list:
        return [t for t in requests.get(f"{gate.url}/health", timeout=5).json()["troubles"] if "wait" in t]

    assert wait_until(degraded)
    assert gate.figures()["medaffairs_gate_journal_bytes"] > 0
    unreadable("Data Access Log")
    wait_until(lambda: len(recorded("away")) >= 200)
    wait_until(lambda: requests.get(f"{gate.url}/health", timeout=5).status_code == 200)
    assert recorded("away") == asked
    assert verify().intact
