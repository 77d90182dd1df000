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
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SITE = "bench.test"
BENCH = str(Path(sys.executable).with_name("bench"))
FLOORS = {50: 1000, 1: 300}
ROUNDS = 3
SHORT = {50: 5000, 1: 1500}
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


def bench(folder: Path, *arguments: str) -> list[str]:
    """A command of the host for the sites of a folder."""
    return [BENCH, "--sites-path", str(folder), "--site", SITE, *arguments]


def prepare(folder: Path) -> list[tuple[str, str]]:
    """A site with the demo hospital; surgeons and procedures that they may do."""
    for arguments in (
        ["new-site", SITE, "--admin-password", "a password 4 Benchmarks", "--set-default"],
        ["install-app", "medaffairs"],
        ["execute", "medaffairs.setup.demo.make"],
    ):
        command = bench(folder, *arguments)
        if arguments[0] == "new-site":
            command = [BENCH, "--sites-path", str(folder), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    import frappe

    os.chdir(folder)
    frappe.init(SITE, sites_path=".", force=True)
    frappe.connect()
    rows = frappe.get_all(
        "Privilege Grant", filters={"kind": "SURGERY", "status": "Active"}, fields=["practitioner", "code"],
        limit_page_length=2000,
    )  # fmt: skip
    frappe.destroy()
    return [(row.practitioner, row.code) for row in rows]


def count_rows(folder: Path) -> tuple[int, int]:
    """Messages that are kept, and those of them that are processed."""
    import frappe

    os.chdir(folder)
    frappe.init(SITE, sites_path=".", force=True)
    frappe.connect()
    ours = {"control_id": ("like", "B%"), "sender": "ORIS|DEMO"}
    counts = (
        frappe.db.count("HL7 Message", ours),
        frappe.db.count("HL7 Message", ours | {"status": ("!=", "Received")}),
    )
    frappe.destroy()
    return counts


def resident(process: int) -> float:
    """Memory of a process in MB."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def main() -> None:
    """Prints rates beside the floors and the bare server, then the memory over a long run."""
    long_run = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    folder = Path(tempfile.mkdtemp(prefix="mllp-"))
    acts = prepare(folder)
    http, port, plain = free_port(), free_port(), free_port()
    gate = subprocess.Popen(
        bench(folder, "medaffairs-gate", "--http-port", str(http), "--mllp-port", str(port)), cwd=folder
    )
    reference = multiprocessing.Process(target=bare, args=(plain,), daemon=True)
    reference.start()
    try:
        wait_for(port)
        wait_for(plain)
        time.sleep(3)
        sent = 0
        for connections, floor in FLOORS.items():
            count, best, floorless = SHORT[connections], (0.0, 0.0, 0.0), 0.0
            for _ in range(ROUNDS):
                floorless = max(floorless, measure(plain, 0, count, connections, acts)[0])
                best = max(best, measure(port, sent, count, connections, acts))
                sent += count
            rate, median, slowest = best
            print(
                f"{connections:2} connections: {rate:6.0f} msg/s = {rate / floor:.2f} x the floor of {floor}, "
                f"{rate / floorless:.2f} x the bare server ({floorless:.0f}); "
                f"wait {median:.1f} ms, 99 % within {slowest:.1f} ms"
            )
        print(f"memory before the long run: {resident(gate.pid):.0f} MB")
        for step in range(1, STEPS + 1):
            rate, _, _ = measure(port, sent, long_run // STEPS, 50, acts)
            sent += long_run // STEPS
            kept, processed = count_rows(folder)
            print(
                f"after {step * long_run // STEPS:7} messages: {resident(gate.pid):.0f} MB, {rate:.0f} msg/s, "
                f"{processed} of {kept} processed"
            )
            assert kept == sent, f"{sent} acknowledged, {kept} kept"
    finally:
        reference.kill()
        gate.terminate()
        gate.wait()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
