"""Whatever fails: no positive answer without a committed message, nothing lost, nothing done twice."""

from __future__ import annotations

import asyncio
import random
import socket
import time
from contextlib import contextmanager

import frappe
import pytest
from support.gate_process import GateProcess, read, wait_until
from support.hospital import APPENDIX, GALLBLADDER, HELPER, SURGEON
from support.messages import booking, person, procedure, processed, stored

from medaffairs.integration.hl7.mllp import Framer, frame

pytestmark = pytest.mark.usefixtures("fresh")


def plain(control: str, appointment: str = "T-F", surgeon: str = SURGEON, code: str = APPENDIX) -> bytes:
    return booking(control, procedure(code), person(surgeon), appointment=f"{appointment}-{control}")


@contextmanager
def away(doctype: str):
    """The database refuses everything about a DocType."""
    frappe.db.commit()
    frappe.db.sql_ddl(f"alter table `tab{doctype}` rename to `away {doctype}`")
    try:
        yield
    finally:
        frappe.db.sql_ddl(f"alter table `away {doctype}` rename to `tab{doctype}`")


class Connection:
    """A sender that does what no good sender would."""

    def __init__(self, gate: GateProcess) -> None:
        self.socket = socket.create_connection(("127.0.0.1", gate.mllp), timeout=30)
        self.framer = Framer()
        self.waiting: list[bytes] = []

    def answers(self, count: int) -> list[bytes]:
        """The next answers; fails when the gate closes the connection before."""
        while len(self.waiting) < count:
            data = self.socket.recv(65536)
            assert data, "the gate closed the connection"
            self.waiting += self.framer.feed(data)
        found, self.waiting = self.waiting[:count], self.waiting[count:]
        return found

    def is_closed(self) -> bool:
        """Whether the gate ends the connection."""
        try:
            return self.socket.recv(65536) == b""
        except ConnectionResetError:
            return True

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()


def test_a_resent_message_gets_the_same_bytes_and_is_not_done_again(gate: GateProcess) -> None:
    message = booking("T-R1", procedure(GALLBLADDER), person(SURGEON), appointment="T-R1")
    first = gate.ask(message)[0]
    row = processed("T-R1")
    assert gate.ask(message, message) == [first, first]
    assert processed("T-R1")["name"] == row["name"]
    assert frappe.db.count("Unauthorized Act", {"hl7_message": str(row["name"])}) == 1


def test_a_control_id_used_for_another_message_is_rejected_and_seen(gate: GateProcess) -> None:
    first = gate.ask(plain("T-R2"))[0]
    answer = read(gate.ask(plain("T-R2", surgeon=HELPER))[0])
    assert (answer.get("MSA-1"), answer.get("ERR-3"), answer.get("ERR-2.3")) == ("AR", "205", "10")
    frappe.db.rollback()
    rows = frappe.get_all("HL7 Message", filters={"control_id": "T-R2"}, fields=["status", "error"])
    assert sorted(row.status for row in rows if row.status == "Rejected") == ["Rejected"] and len(rows) == 2
    assert gate.ask(plain("T-R2"))[0] == first


def test_a_refused_message_may_be_sent_again_when_it_is_mended(gate: GateProcess) -> None:
    assert read(gate.ask(booking("T-R3", procedure(APPENDIX)))[0]).get("MSA-1") == "AE"
    assert stored("T-R3")["status"] == "Rejected"
    assert read(gate.ask(plain("T-R3"))[0]).get("MSA-1") == "AA"
    assert processed("T-R3")["status"] == "Processed"


def test_no_positive_answer_while_the_database_refuses(gate: GateProcess) -> None:
    with away("HL7 Message"):
        answer = read(gate.ask(plain("T-DB1"))[0])
        assert (answer.get("MSA-1"), answer.get("MSA-2"), answer.get("ERR-3")) == ("AE", "T-DB1", "207")
        assert not gate.healthy() and gate.alive
    assert read(gate.ask(plain("T-DB1"))[0]).get("MSA-1") == "AA"
    assert processed("T-DB1")["status"] == "Processed"
    wait_until(gate.healthy)


def test_what_waits_for_the_database_is_not_lost_and_not_reordered(gate: GateProcess) -> None:
    """More messages than the gate holds, sent without waiting, while another writer keeps the database."""
    count = 2500
    frappe.db.begin()
    frappe.db.set_value("Practitioner", HELPER, "highest_degree", "Master")
    with Connection(gate) as sender:
        sender.socket.settimeout(60)
        stream = b"".join(frame(plain(f"T-Q{number}")) for number in range(count))
        asyncio.run(_pour(sender, stream))
        frappe.db.rollback()
        answers = [read(answer) for answer in sender.answers(count)]
    assert [a.get("MSA-2") for a in answers] == [f"T-Q{number}" for number in range(count)]
    assert {a.get("MSA-1") for a in answers} == {"AA"}
    frappe.db.rollback()
    assert frappe.db.count("HL7 Message", {"control_id": ("like", "T-Q%")}) == count


async def _pour(sender: Connection, stream: bytes) -> None:
    """Sends as much as the gate takes within two seconds, the rest when it reads on."""
    sender.socket.setblocking(False)
    loop = asyncio.get_running_loop()
    sending = loop.create_task(loop.sock_sendall(sender.socket, stream))
    await asyncio.sleep(2)
    frappe.db.rollback()
    await sending
    sender.socket.settimeout(60)


@pytest.mark.parametrize("round_number", range(3))
def test_killed_at_any_moment_nothing_is_lost_or_done_twice(gate: GateProcess, round_number: int) -> None:
    """Five senders, a kill in the midst of it, a new gate: everything is sent again until it is acknowledged."""
    controls = [f"T-K{round_number}-{number}" for number in range(150)]
    acknowledged: dict[str, bytes] = {}

    async def sender(mine: list[str]) -> None:
        async with gate.client() as client:
            for control in mine:
                acknowledged[control] = await client.send(plain(control, code=GALLBLADDER))

    async def crowd() -> None:
        senders = [asyncio.create_task(sender(controls[start::5])) for start in range(5)]
        while len(acknowledged) < 40:
            await asyncio.sleep(0.001)
        await asyncio.sleep(random.uniform(0, 0.01))
        gate.kill()
        await asyncio.gather(*senders, return_exceptions=True)

    asyncio.run(crowd())
    assert len(acknowledged) < len(controls), "the gate was not killed in the midst of it"
    kept_before = dict(acknowledged)
    frappe.db.rollback()
    rows = frappe.get_all(
        "HL7 Message", filters={"control_id": ("in", controls)}, pluck="control_id", limit_page_length=0
    )
    assert set(kept_before) <= set(rows), "acknowledged and not kept"
    gate.start()
    for control, answer in zip(
        controls, gate.ask(*(plain(c, code=GALLBLADDER) for c in controls)), strict=True
    ):
        assert read(answer).get("MSA-1") == "AA"
        assert kept_before.get(control, answer) == answer
    wait_until(
        lambda: _count("HL7 Message", control_id=("in", controls), status="Processed") == len(controls), 60
    )
    assert _count("HL7 Message", control_id=("in", controls)) == len(controls)
    names = frappe.get_all("HL7 Message", filters={"control_id": ("in", controls)}, pluck="name")
    assert _count("Unauthorized Act", hl7_message=("in", [str(name) for name in names])) == len(controls)


def _count(doctype: str, **filters: object) -> int:
    frappe.db.rollback()
    return frappe.db.count(doctype, filters)


def test_the_scheduler_processes_what_a_dead_gate_left_behind(gate: GateProcess) -> None:
    from medaffairs.integration.events import process_left_behind

    gate.ask(plain("T-L1"))
    row = processed("T-L1")
    gate.kill()
    old = frappe.utils.add_to_date(frappe.utils.now_datetime(), minutes=-5)
    frappe.db.set_value("HL7 Message", row["name"], {"status": "Received", "received_at": old})
    frappe.db.commit()
    process_left_behind()
    assert stored("T-L1")["status"] == "Processed"
    gate.start()


def test_a_segment_of_two_megabytes(gate: GateProcess) -> None:
    note = "NTE|1||" + "术前讨论记录" * 120_000
    answer = read(gate.ask(booking("T-BIG", procedure(APPENDIX), person(SURGEON), note))[0])
    assert answer.get("MSA-1") == "AA"
    assert note in processed("T-BIG")["payload"]


def test_a_message_beyond_the_limit_is_refused_and_harms_nobody(gate: GateProcess) -> None:
    with Connection(gate) as big, Connection(gate) as other:
        body = booking("T-HUGE", "NTE|1||" + "x" * 5 * 1024 * 1024)
        try:
            big.socket.sendall(frame(body))
            answer = read(big.answers(1)[0])
            assert (answer.get("MSA-1"), answer.get("MSA-2")) == ("AR", "T-HUGE")
        except (BrokenPipeError, ConnectionResetError):
            # The gate need not read on to say no.
            pass
        other.socket.sendall(frame(plain("T-H2")))
        assert read(other.answers(1)[0]).get("MSA-1") == "AA"
    frappe.db.rollback()
    assert not frappe.db.exists("HL7 Message", {"control_id": "T-HUGE"})


def test_a_sender_that_does_not_finish_is_left(gate: GateProcess) -> None:
    with Connection(gate) as slow, Connection(gate) as idle:
        slow.socket.sendall(frame(plain("T-S1"))[:100])
        assert slow.is_closed()
        # A connection on which nothing has begun may stay for as long as it likes.
        idle.socket.sendall(frame(plain("T-S2")))
        assert read(idle.answers(1)[0]).get("MSA-1") == "AA"
    assert gate.metric("medaffairs_gate_hl7_slow_senders_total") >= 1


def test_garbage_around_and_within_messages(gate: GateProcess) -> None:
    with Connection(gate) as sender:
        sender.socket.sendall(b"\r\nnoise" + frame(random.Random(7).randbytes(500).replace(b"\x1c", b"?")))
        answer = read(sender.answers(1)[0])
        assert (answer.get("MSA-1"), answer.get("ERR-2")) == ("AR", "MSH")
        sender.socket.sendall(b"\n" + frame(plain("T-G1")))
        assert read(sender.answers(1)[0]).get("MSA-1") == "AA"
    with Connection(gate) as other:
        other.socket.sendall(b"GET / HTTP/1.1\r\n" * 10_000)
        assert other.is_closed()
    assert gate.alive and gate.healthy()


@pytest.mark.parametrize("codec", ["utf-8", "gb18030"])
def test_both_chinese_character_sets(gate: GateProcess, codec: str) -> None:
    control = f"T-C-{codec}"
    text = booking(control, procedure(GALLBLADDER), person(SURGEON), appointment=control).decode()
    if codec == "gb18030":
        text = text.replace("UNICODE UTF-8", "GB 18030-2000").replace("王^小明", "镕^小乗")
    answer = gate.ask(text.encode(codec))[0]
    assert read(answer).header.codec == codec
    words = read(answer).get("ERR-8")
    assert "授权" in words and words.encode(codec) in answer
    assert processed(control)["payload"] == text
    if codec == "gb18030":
        assert frappe.db.get_value("Patient Index", "T-P1", "patient_name") == "镕小乗"


def test_bytes_of_another_character_set_are_named(gate: GateProcess) -> None:
    message = plain("T-C3").decode().encode("gb18030")
    answer = read(gate.ask(message)[0])
    assert (answer.get("MSA-1"), answer.segment("ERR").components(2)) == ("AE", ["PID", "1", "5"])
    assert stored("T-C3")["status"] == "Rejected"


def test_fifty_senders_byte_by_byte(gate: GateProcess) -> None:
    """Fifty connections whose messages arrive in small interleaved pieces: each gets its own answer."""
    senders = [Connection(gate) for _ in range(50)]
    streams = [frame(plain(f"T-I{number}")) for number in range(50)]
    position = 0
    while position < max(map(len, streams)):
        for sender, stream in zip(senders, streams, strict=True):
            sender.socket.sendall(stream[position : position + 97])
        position += 97
    for number, sender in enumerate(senders):
        answer = read(sender.answers(1)[0])
        assert (answer.get("MSA-1"), answer.get("MSA-2")) == ("AA", f"T-I{number}")
        sender.socket.close()


def test_when_privileges_cannot_be_read_the_hospitals_choice_holds(gate: GateProcess) -> None:
    urgent = plain("T-U2").replace(b"SCH|", b"SCH|", 1).decode()
    urgent = urgent.replace("RGS|1|A", "TQ1|1||||||20260504080000||S\rRGS|1|A")
    with away("Privilege Event"):
        time.sleep(6)
        assert not gate.healthy()
        denied, allowed = map(read, gate.ask(plain("T-U1"), urgent.encode()))
    assert (denied.get("MSA-3"), denied.get("ERR-5")) == ("UA", "UNDECIDABLE_DENIED")
    assert (allowed.get("MSA-3"), allowed.get("ERR-5"), allowed.get("ERR-4")) == (
        "OK",
        "UNDECIDABLE_ALLOWED",
        "I",
    )
    name = str(processed("T-U2")["name"])
    acts = frappe.get_all(
        "Unauthorized Act", filters={"hl7_message": name}, fields=["decision_reason", "was_emergency"]
    )
    assert [(a.decision_reason, a.was_emergency) for a in acts] == [("UNDECIDABLE_ALLOWED", 1)]
    wait_until(gate.healthy)


def test_stopping_politely_answers_what_was_read(hospital: str, tmp_path) -> None:
    gate = GateProcess(tmp_path)
    gate.start()
    with Connection(gate) as sender:
        sender.socket.sendall(b"".join(frame(plain(f"T-Z{number}")) for number in range(200)))
        first = sender.answers(1)
        gate.stop()
        answers = first + _rest(sender)
    frappe.db.rollback()
    kept = frappe.db.count("HL7 Message", {"control_id": ("like", "T-Z%")})
    assert len(answers) == kept


def _rest(sender: Connection) -> list[bytes]:
    found = sender.waiting
    while data := sender.socket.recv(65536):
        found += sender.framer.feed(data)
    return found
