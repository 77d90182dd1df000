"""A surgeon's privilege is asked for over HL7, as the operating theatre does it."""

from __future__ import annotations

import frappe
import pytest
from support.gate_process import GateProcess, read, wait_until
from support.hospital import APPENDIX, GALLBLADDER, HELPER, SURGEON
from support.messages import booking, person, procedure, processed

from medaffairs.integration.hl7.reader import Message

pytestmark = pytest.mark.usefixtures("fresh")


def test_a_permitted_operation(gate: GateProcess) -> None:
    answer = read(gate.ask(booking("T-1", procedure(APPENDIX), person(SURGEON)))[0])
    assert (answer.get("MSA-1"), answer.get("MSA-2"), answer.get("MSA-3")) == ("AA", "T-1", "OK")
    assert not answer.segments("ERR")
    row = processed("T-1")
    assert (row["status"], row["decision"]) == ("Processed", "Allowed"), row["error"]
    operation = frappe.get_doc("Operation Record", "T-A1")
    assert (operation.surgeon, operation.procedure, operation.status) == (SURGEON, APPENDIX, "Scheduled")
    assert operation.patient == "T-P1"
    assert frappe.db.get_value("Patient Index", "T-P1", "patient_name") == "王小明"


def test_an_operation_without_privilege_is_answered_and_listed(gate: GateProcess) -> None:
    message = booking("T-2", procedure(GALLBLADDER), person(SURGEON), appointment="T-A2")
    answer = read(gate.ask(message)[0])
    assert (answer.get("MSA-1"), answer.get("MSA-3")) == ("AA", "UA")
    assert answer.segment("ERR").components(2) == ["AIP", "1", "3"]
    assert answer.get("ERR-5") == "NO_GRANT" and answer.get("ERR-5.3") == "MEDAFFAIRS"
    assert answer.get("ERR-8") == "未授权该项目" or answer.get("ERR-8")
    row = processed("T-2")
    acts = frappe.get_all("Unauthorized Act", filters={"hl7_message": str(row["name"])}, fields=["*"])
    assert [(a.practitioner, a.code, a.decision_reason) for a in acts] == [(SURGEON, GALLBLADDER, "NO_GRANT")]
    assert acts[0].patient_id == "T-P1" and acts[0].source_system == "T-ORIS|T-HOSP"
    assert frappe.db.get_value("Operation Record", "T-A2", "status") == "Refused"


def test_each_person_and_procedure_has_an_answer(gate: GateProcess) -> None:
    details = [procedure(APPENDIX), procedure(GALLBLADDER, 2), person(SURGEON), person(HELPER, "SURGEON", 2)]
    answer = read(gate.ask(booking("T-3", *details, appointment="T-A3"))[0])
    denied = {s.get(7) for s in answer.segments("ERR")}
    assert denied == {
        f"{SURGEON} SURGERY {GALLBLADDER}",
        f"{HELPER} SURGERY {APPENDIX}",
        f"{HELPER} SURGERY {GALLBLADDER}",
    }


def test_assistants_need_no_privilege(gate: GateProcess) -> None:
    details = [procedure(APPENDIX), person(SURGEON), person(HELPER, "ASSISTANT", 2)]
    assert read(gate.ask(booking("T-4", *details, appointment="T-A4"))[0]).get("MSA-3") == "OK"
    processed("T-4")
    assert frappe.db.get_value("Operation Record", "T-A4", "assistants") == "测试"


def test_a_cancelled_operation(gate: GateProcess) -> None:
    gate.ask(booking("T-5", procedure(APPENDIX), person(SURGEON), appointment="T-A5"))
    answer = read(gate.ask(booking("T-6", trigger="S15", appointment="T-A5"))[0])
    assert (answer.get("MSA-1"), answer.get("MSA-3")) == ("AA", "")
    processed("T-6")
    assert frappe.db.get_value("Operation Record", "T-A5", "status") == "Cancelled"


def test_the_question_is_on_record(gate: GateProcess) -> None:
    def records() -> list:
        frappe.db.rollback()
        return frappe.get_all(
            "Data Access Log", filters={"target_name": "T-7"}, fields=["*"], order_by="name"
        )

    before = len(records())
    gate.ask(booking("T-7", procedure(GALLBLADDER), person(SURGEON), appointment="T-A7"))
    wait_until(lambda: len(records()) == before + 1)
    record = records()[-1]
    assert (record.door, record.action, record.outcome) == ("HL7", "Check", "Denied")
    assert record.user == "T-ORIS|T-HOSP" and record.ip == "127.0.0.1"
    assert GALLBLADDER in record.filters


def test_only_registered_senders_are_heard_as_soon_as_one_is_registered(gate: GateProcess) -> None:
    controls = iter(range(1, 1000))

    def answer(sender: str) -> Message:
        message = booking(f"T-E{next(controls)}", trigger="S15", appointment="T-A8")
        return read(gate.ask(message.replace(b"|T-ORIS|", f"|{sender}|".encode()))[0])

    assert answer("T-LIS").get("MSA-1") == "AA"
    frappe.get_doc(
        doctype="HL7 Endpoint", endpoint_name="T-ORIS", direction="Inbound", enabled=1,
        sending_application="T-ORIS", sending_facility="T-HOSP",
    ).insert()  # fmt: skip
    frappe.db.commit()
    try:
        wait_until(lambda: answer("T-LIS").get("MSA-1") == "AR")
        refusal = answer("T-LIS")
        assert (refusal.get("ERR-3"), refusal.get("ERR-2.3")) == ("204", "3")
        assert answer("T-ORIS").get("MSA-1") == "AA"
    finally:
        frappe.delete_doc("HL7 Endpoint", "T-ORIS")
        frappe.db.commit()
    wait_until(lambda: answer("T-LIS").get("MSA-1") == "AA")


def test_a_code_that_is_mapped_now_is_understood_now(gate: GateProcess) -> None:
    details = procedure("T-OWN-CODE"), person(SURGEON)

    def answered(control: str) -> str:
        return read(gate.ask(booking(control, *details, appointment=control))[0]).get("MSA-3")

    assert answered("T-M0") == "UA"
    frappe.get_doc(
        doctype="Code Mapping", source_system="T-ORIS", target_doctype="Procedure", source_code="T-OWN-CODE",
        target=APPENDIX,
    ).insert()  # fmt: skip
    frappe.db.commit()
    controls = iter(range(1, 1000))
    wait_until(lambda: answered(f"T-M{next(controls)}") == "OK")
