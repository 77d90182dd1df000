"""Messages per second through the real gate: every one decided, committed and then acknowledged.

One process with one or fifty connections sends scheduling messages to a gate on a site with the demo hospital (50,000
grants). Beside it runs a bare server that answers the same bytes without reading or keeping anything: what MLLP
and this sender cost alone. At the end the rows in the database are counted: each acknowledged message is there.

    benchmarks/mllp.py [messages of the long run, 100000 by default]
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import frappe
from support import hospital

FLOORS = {50: 1000, 1: 300}
ROUNDS = 3
SHORT = {50: 5000, 1: 1500}
BARE = 20_000
STEPS = 10
END = b"\x1c\r"


def message(control: str, surgeon: str, procedure: str) -> bytes:
    """SIU^S12 as an operating theatre sends it, framed."""
    lines = (
        f"MSH|^~\\&|ORIS|DEMO|MEDAFFAIRS|DEMO|20260503083000||SIU^S12^SIU_S12|{control}|P|2.5.1||||||UNICODE UTF-8",
        f"SCH|A{control}|||||^择期手术^L|||60|min|^^60^20260504080000|||||D0001^张^三|||||||||Booked",
        f"PID|1||P{control}^^^DEMO^MR||王^小明||19800229|M",
        "PV1|1|I|0301^^12||||D0001^张^三|||||||||||" + f"|V{control}",
        "RGS|1|A",
        f"AIS|1|A|{procedure}^腹腔镜手术^ICD9CM3|20260504080000",
        f"AIP|1|A|{surgeon}^李^四|SURGEON",
        "AIP|2|A|D0002^赵^六|ASSISTANT",
    )
    return b"\x0b" + ("\r".join(lines) + "\r").encode() + END


class Sender(asyncio.Protocol):
    """One connection: the next message leaves when the last one is acknowledged."""

    def __init__(
        self, numbers, waits: list[float], done: asyncio.Future, acts: list[tuple[str, str]]
    ) -> None:
        self.numbers, self.waits, self.done, self.acts = numbers, waits, done, acts
        self.buffer = b""
        self.control = ""

    def connection_made(self, transport) -> None:
        self.transport = transport
        self.next()

    def next(self) -> None:
        number = next(self.numbers, None)
        if number is None:
            self.transport.close()
            return
        self.control = f"B{number:09d}"
        self.sent = time.perf_counter()
        self.transport.write(message(self.control, *self.acts[number % len(self.acts)]))

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if self.buffer.endswith(END):
            answer, self.buffer = self.buffer, b""
            if f"MSA|AA|{self.control}".encode() not in answer:
                self.done.set_exception(SystemExit(f"not acknowledged: {answer.decode()}"))
                return
            self.waits.append(time.perf_counter() - self.sent)
            self.next()

    def connection_lost(self, error) -> None:
        if not self.done.done():
            self.done.set_result(None)


def drive(port: int, first: int, count: int, connections: int, acts, queue) -> None:
    """Sends messages; puts (seconds, waits) into the queue. Runs in a process of its own."""

    async def run() -> None:
        loop, numbers, waits, ends = asyncio.get_running_loop(), iter(range(first, first + count)), [], []
        start = time.perf_counter()
        for _ in range(connections):
            done = loop.create_future()
            await loop.create_connection(
                lambda done=done: Sender(numbers, waits, done, acts), "127.0.0.1", port
            )
            ends.append(done)
        await asyncio.gather(*ends)
        queue.put((time.perf_counter() - start, sorted(waits)))

    asyncio.run(run())


def measure(port: int, first: int, count: int, connections: int, acts) -> tuple[float, float, float]:
    """Messages per second, median and 99th percentile of the wait for an acknowledgement in ms."""
    queue = multiprocessing.Queue()
    process = multiprocessing.Process(target=drive, args=(port, first, count, connections, acts, queue))
    process.start()
    seconds, waits = queue.get(timeout=600)
    process.join()
    assert len(waits) == count
    return count / seconds, waits[count // 2] * 1000, waits[int(count * 0.99)] * 1000


def bare(port: int) -> None:
    """A server that acknowledges without looking further than MSH-10."""

    class Echo(asyncio.Protocol):
        def connection_made(self, transport) -> None:
            self.transport, self.buffer = transport, b""

        def data_received(self, data: bytes) -> None:
            self.buffer += data
            if self.buffer.endswith(END):
                control = self.buffer.split(b"|", 10)[9]
                self.buffer = b""
                self.transport.write(
                    b"\x0bMSH|^~\\&|A|B|C|D|20260503083000||ACK|1|P|2.5.1\rMSA|AA|" + control + b"\r" + END
                )

    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(Echo, "127.0.0.1", port)
        await server.serve_forever()

    asyncio.run(serve())


def free_port() -> int:
    """A port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port: int) -> None:
    """Until somebody listens there."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"nobody listens on {port}")


def count_rows() -> tuple[int, int]:
    """Messages that are kept, and those of them that are processed."""
    frappe.db.rollback()
    ours = {"control_id": ("like", "B%"), "sender": "ORIS|DEMO"}
    waiting = frappe.db.count("HL7 Message", ours | {"status": "Received"})
    kept = frappe.db.count("HL7 Message", ours)
    return kept, kept - waiting


def resident(process: int) -> float:
    """Memory of a process in MB."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def spent(process: int) -> float:
    """Seconds that a process has computed: what a busy machine does not change."""
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def compare(port: int, process: int, plain: int, acts) -> int:
    """Prints rates beside the floors and the bare server; how many messages were sent to the gate."""
    sent = 0
    for connections, floor in FLOORS.items():
        count, best, bare_rate = SHORT[connections], (0.0, 0.0, 0.0), 0.0
        computed = 1.0
        for _ in range(ROUNDS):
            bare_rate = max(bare_rate, measure(plain, 0, BARE, connections, acts)[0])
            before = spent(process)
            best = max(best, measure(port, sent, count, connections, acts))
            computed = min(computed, (spent(process) - before) / count)
            sent += count
        rate, median, slowest = best
        print(
            f"{connections:2} connections: {rate:6.0f} msg/s = {rate / floor:.2f} x the floor of {floor}, "
            f"{rate / bare_rate:.2f} x the bare server ({bare_rate:.0f}); "
            f"wait {median:.1f} ms, 99 % within {slowest:.1f} ms; {computed * 1000:.2f} ms of CPU a message"
        )
    return sent


def long_run(port: int, process: int, sent: int, count: int, acts) -> None:
    """Prints the memory of the gate at steps of a long run, and checks that every message is kept."""
    print(f"memory before the long run: {resident(process):.0f} MB")
    for step in range(1, STEPS + 1):
        rate, _, _ = measure(port, sent, count // STEPS, 50, acts)
        sent += count // STEPS
        kept, processed = count_rows()
        print(
            f"after {step * count // STEPS:7} messages: {resident(process):.0f} MB, {rate:.0f} msg/s, "
            f"{processed} of {kept} processed"
        )
        assert kept == sent, f"{sent} acknowledged, {kept} kept"
    start, before = time.perf_counter(), processed
    time.sleep(10)
    processed = count_rows()[1]
    print(f"without senders: {(processed - before) / (time.perf_counter() - start):.0f} processed/s")


def main() -> None:
    """Measures."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    print(hospital.machine())
    acts = hospital.pairs()[:2000]
    http, port, plain = free_port(), free_port(), free_port()
    reference = multiprocessing.Process(target=bare, args=(plain,), daemon=True)
    reference.start()
    with hospital.site() as folder:
        ports = ("--http-port", str(http), "--mllp-port", str(port))
        command = hospital.command("--sites-path", str(folder), "--site", hospital.SITE, "medaffairs-gate")
        # As `make run` starts it: a commit waits for the disk.
        safe = os.environ | {"SQLITE_SYNCHRONOUS": "FULL"}
        gate = subprocess.Popen([*command, *ports], cwd=folder, env=safe, stderr=subprocess.DEVNULL)
        try:
            wait_for(port)
            wait_for(plain)
            time.sleep(3)
            long_run(port, gate.pid, compare(port, gate.pid, plain, acts), count, acts)
        finally:
            gate.terminate()
            gate.wait()
            reference.kill()


if __name__ == "__main__":
    main()
