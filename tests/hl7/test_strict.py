"""Senders whose messages are judged to the letter of the standard, without anybody else waiting for it."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator

import frappe
import pytest
from support.gate_process import GateProcess, read, wait_until
from support.hospital import APPENDIX, SURGEON
from support.messages import booking, person, procedure, stored

from medaffairs.integration.hl7.mllp import Framer, frame

pytestmark = pytest.mark.usefixtures("fresh")


def message(control: str, strict: bool = True, reason: str = "择期手术", more: int = 0) -> bytes:
    """A booking; one without a reason breaks version 2.5.1."""
    details = [procedure(APPENDIX, number) for number in range(1, more + 2)]
    made = booking(control, *details, person(SURGEON), appointment=f"T-{control}").decode()
    head, _, rest = made.partition("SCH|")
    appointment = f"SCH|T-{control}|||||{reason}||||||||||{SURGEON}^李^四||||{SURGEON}^李^四|||||Booked"
    made = head + appointment + rest[rest.index("\r") :]
    return (made.replace("|T-ORIS|", "|T-STRICT|") if strict else made).encode()


@pytest.fixture(scope="module")
def strict(hospital: str, gate: GateProcess) -> Iterator[GateProcess]:
    """A gate that knows two senders, one of them strict."""
    for application, strictly in (("T-ORIS", 0), ("T-STRICT", 1)):
        frappe.get_doc(
            doctype="HL7 Endpoint", endpoint_name=application, direction="Inbound", enabled=1,
            sending_application=application, validate_strictly=strictly,
        ).insert()  # fmt: skip
    frappe.db.commit()
    number = iter(range(1000))

    def known() -> bool:
        answer = read(gate.ask(message(f"T-S-{next(number)}", reason=""))[0])
        return answer.get("MSA-1") == "AE" and answer.get("ERR-2.1") == "SCH"

    wait_until(known)
    yield gate
    frappe.db.delete("HL7 Endpoint", {"endpoint_name": ("like", "T-%")})
    frappe.db.commit()


def checker_of(gate: GateProcess) -> list[int]:
    """The processes that validate for a gate."""
    found = subprocess.run(
        ["pgrep", "-P", str(gate.pid), "-f", "hl7.standard"], capture_output=True, text=True, check=False
    )
    return [int(line) for line in found.stdout.split()]


def test_what_keeps_to_the_standard_is_decided(strict: GateProcess) -> None:
    answer = read(strict.ask(message("T-S1"))[0])
    assert (answer.get("MSA-1"), answer.get("MSA-3")) == ("AA", "OK")


def test_what_breaks_it_is_refused_with_the_field_and_may_come_again_mended(strict: GateProcess) -> None:
    answer = read(strict.ask(message("T-S2", reason=""))[0])
    assert (answer.get("MSA-1"), answer.get("ERR-2.1"), answer.get("ERR-2.3")) == ("AE", "SCH", "6")
    assert answer.get("ERR-3") == "101" and "HL7 2.5.1" in answer.get("ERR-8")
    assert stored("T-S2")["status"] == "Rejected"
    assert read(strict.ask(message("T-S2"))[0]).get("MSA-1") == "AA"


def test_other_senders_may_write_as_they_always_did(strict: GateProcess) -> None:
    assert read(strict.ask(message("T-S3", strict=False, reason=""))[0]).get("MSA-1") == "AA"


def test_a_repeated_message_gets_its_first_answer(strict: GateProcess) -> None:
    first, second = strict.ask(message("T-S4"), message("T-S4"))
    assert first == second


def test_answers_of_one_connection_keep_their_order(strict: GateProcess) -> None:
    controls = [f"T-S5-{number}" for number in range(12)]
    sent = b"".join(
        frame(message(control, strict=number % 3 > 0, reason="" if number % 4 == 0 else "择期手术"))
        for number, control in enumerate(controls)
    )
    framer, answers = Framer(), []
    with socket.create_connection(("127.0.0.1", strict.mllp), timeout=30) as connection:
        connection.sendall(sent)
        while len(answers) < len(controls):
            answers += [read(answer) for answer in framer.feed(connection.recv(65536))]
    assert [answer.get("MSA-2") for answer in answers] == controls
    # Every fourth has no reason; the first and the tenth of them are of the sender who may.
    expected = ["AE" if number % 4 == 0 and number % 3 else "AA" for number in range(12)]
    assert [answer.get("MSA-1") for answer in answers] == expected


def test_nobody_waits_for_the_validation_of_another_s_message(strict: GateProcess) -> None:
    async def story() -> bool:
        async with strict.client() as slow, strict.client() as quick:
            judging = asyncio.create_task(slow.send(message("T-S6", more=400), 30))
            await asyncio.sleep(0.05)
            await quick.send(message("T-S6-Q", strict=False), 30)
            answered = not judging.done()
            await judging
            return answered

    assert asyncio.run(story()), "the quick sender was answered only after the slow one"


def test_a_message_too_large_to_be_judged_is_refused(strict: GateProcess) -> None:
    answer = read(strict.ask(message("T-S7", more=4000))[0])
    assert answer.get("MSA-1") == "AE" and "131,072" in answer.get("ERR-8").replace("131072", "131,072")


def test_a_lost_checker_is_replaced(strict: GateProcess) -> None:
    strict.ask(message("T-S8"))
    for pid in checker_of(strict):
        os.kill(pid, signal.SIGKILL)
    time.sleep(0.2)
    answers = [read(strict.ask(message(f"T-S8-{number}"))[0]).get("MSA-1") for number in range(2)]
    assert answers[-1] == "AA" and checker_of(strict)


def test_a_stopped_checker_costs_its_message_an_answer_to_send_it_again(strict: GateProcess) -> None:
    strict.ask(message("T-S9"))
    (pid,) = checker_of(strict)
    os.kill(pid, signal.SIGSTOP)
    answer = read(strict.ask(message("T-S9-1"), timeout=60)[0])
    assert (answer.get("MSA-1"), answer.get("ERR-3")) == ("AE", "207")
    assert pid not in checker_of(strict)
    assert read(strict.ask(message("T-S9-1"))[0]).get("MSA-1") == "AA"
