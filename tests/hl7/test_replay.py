"""A message that came in can be processed again, by whom and with which trace."""

from __future__ import annotations

import frappe
import pytest
from support.gate_process import GateProcess, read
from support.hospital import APPENDIX, SURGEON
from support.messages import booking, person, procedure, processed, stored

from medaffairs.audit import keeper

pytestmark = pytest.mark.usefixtures("fresh")
REPLAY = "/api/method/medaffairs.integration.api.replay"


def test_a_message_is_processed_again_with_today_s_records(gate: GateProcess, request_as, make_user) -> None:
    gate.ask(booking("T-RE1", procedure(APPENDIX), person(SURGEON), appointment="T-RA1"))
    name = processed("T-RE1")["name"]
    frappe.db.delete("Operation Record", {"operation_no": "T-RA1"})
    frappe.db.commit()
    _email, token = make_user("replay-integration", "Integration")
    assert request_as(token, "POST", REPLAY, name=name, reason=" ").status == 417, "a reason is needed"
    answer = request_as(token, "POST", REPLAY, name=name, reason="手术记录误删")
    assert (answer.status, answer.json["message"]["status"]) == (200, "Processed")
    frappe.db.rollback()
    assert frappe.db.get_value("Operation Record", "T-RA1", "surgeon") == SURGEON
    keeper.bring()
    access = frappe.get_last_doc(
        "Data Access Log", {"target_type": "HL7 Message", "action": "Replay"}, "name desc"
    )
    assert (access.target_name, access.filters, access.outcome) == (str(name), "手术记录误删", "Success")


def test_a_refused_act_that_is_processed_again_is_listed_once(
    gate: GateProcess, request_as, make_user
) -> None:
    gate.ask(booking("T-RE2", procedure("T51.2300"), person(SURGEON), appointment="T-RA2"))
    name = processed("T-RE2")["name"]
    _email, token = make_user("replay-integration", "Integration")
    assert request_as(token, "POST", REPLAY, name=name, reason="核对").status == 200
    frappe.db.rollback()
    assert frappe.db.count("Unauthorized Act", {"hl7_message": str(name)}) == 1
    assert stored("T-RE2")["decision"] == "Denied", "what the sender was told stays"


def test_a_message_that_was_rejected_is_not_processed_after_all(
    gate: GateProcess, request_as, make_user
) -> None:
    answer = read(gate.ask(booking("T-RE3", procedure(APPENDIX), trigger="S99"))[0])
    assert answer.get("MSA-1") == "AR"
    _email, token = make_user("replay-integration", "Integration")
    assert request_as(token, "POST", REPLAY, name=stored("T-RE3")["name"], reason="x").status == 417


@pytest.mark.parametrize("role", ["Auditor", "Medical Affairs Officer", "System Manager", "Practitioner"])
def test_who_only_looks_or_may_not_read_cannot_replay(
    gate: GateProcess, request_as, make_user, role: str
) -> None:
    gate.ask(booking("T-RE4", procedure(APPENDIX), person(SURGEON), appointment="T-RA4"))
    name = processed("T-RE4")["name"]
    _email, token = make_user("replay-" + frappe.scrub(role).replace("_", "-"), role)
    assert request_as(token, "POST", REPLAY, name=name, reason="x").status == 403
