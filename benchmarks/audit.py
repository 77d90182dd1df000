"""What the audit costs: a whole HTTP request with recording and without it, verification and export of the log.

Two servers that differ in the two hooks of the audit alone are asked the same thing in turns, one request at a time;
the pairs are made many times, so that what else the machine does meets both alike, and the median is what counts.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import resource
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

import frappe
from support import hospital

PAIRS, ROUNDS, RECORDS, EXPORTED = 1_500, 5, 100_000, 50_000
ASKED_SHARE, ASKED_RATE, ASKED_SECONDS = 0.05, 300_000, 3.0
REQUESTS = {
    "list of 20 practitioners": '/api/resource/Practitioner?fields=["name","practitioner_name","department"]&limit=20',
    "one practitioner": "/api/resource/Practitioner/D00007",
    "a privilege check": "/api/method/medaffairs.privileging.api.check?practitioner=D00007&kind=SURGERY&code=01.0100",
}
SERVER = """
from medaffairs.audit import watch
if {silent}:
    watch.before_request = watch.after_request = lambda *args, **kwargs: None
from frappe.app import application
"""


def serve(folder: Path, name: str, silent: bool) -> tuple[subprocess.Popen, int]:
    """One server with one worker, as production has several."""
    (folder / f"{name}.py").write_text(SERVER.format(silent=silent))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "2",
               "--worker-class", "gthread", "--keep-alive", "60", "--log-level", "warning", f"{name}:application"]  # fmt: skip
    environment = os.environ | {"PYTHONPATH": str(folder), "SITES_PATH": str(folder)}
    process = subprocess.Popen(command, cwd=folder, env=environment)
    while socket.socket().connect_ex(("127.0.0.1", port)):
        time.sleep(0.1)
    return process, port


def cpu_seconds(process: subprocess.Popen) -> float:
    """Processor time of a server and its workers so far."""
    total = 0.0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(path.parent.name) == process.pid or int(fields[1]) == process.pid:
            total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


def ask(connection: http.client.HTTPConnection, path: str) -> float:
    """Seconds of one request."""
    headers = {
        "Host": hospital.SITE,
        "Authorization": f"token {hospital.KEY}",
        "Accept": "application/json",
    }
    start = time.perf_counter()
    connection.request("GET", path.replace('"', "%22"), headers=headers)
    response = connection.getresponse()
    body = response.read()
    elapsed = time.perf_counter() - start
    if response.status != 200:
        raise SystemExit(body.decode(errors="replace")[:2000])
    return elapsed


def requests(folder: Path) -> None:
    """Every kind of request, with and without."""
    servers = {name: serve(folder, name, name == "without") for name in ("without", "with")}
    connections = {name: http.client.HTTPConnection("127.0.0.1", port) for name, (_, port) in servers.items()}
    for what, path in REQUESTS.items():
        for connection in connections.values():
            for _ in range(30):
                ask(connection, path)
        times: dict[str, list[float]] = {"without": [], "with": []}
        spent = {name: cpu_seconds(process) for name, (process, _) in servers.items()}
        for pair in range(PAIRS):
            # Who comes second finds warmer caches: they take turns.
            for name in ("without", "with") if pair % 2 else ("with", "without"):
                times[name].append(ask(connections[name], path))
        time.sleep(0.5)
        spent = {name: cpu_seconds(process) - spent[name] for name, (process, _) in servers.items()}
        without = statistics.median(times["without"])
        added = statistics.median(b - a for a, b in zip(times["without"], times["with"], strict=True))
        print(
            f"{what:<28} without {without * 1e3:6.3f} ms, added {added * 1e6:4.0f} µs = {added / without:5.1%} "
            f"(asked ≤ {ASKED_SHARE:.0%}); processor, with the writing afterwards {spent['with'] / spent['without'] - 1:6.1%}"
        )
    for process, _ in servers.values():
        process.terminate()
        process.wait()


def fill() -> None:
    """Many records, written as the recorder writes them."""
    from medaffairs.audit.recorder import record_all
    from medaffairs.audit.rules import Entry

    start = time.perf_counter()
    for block in range(0, RECORDS, 1000):
        record_all(
            [
                Entry(
                    f"2026-01-01 00:00:00.{number % 1_000_000:06d}", f"user{number % 300}@bench.example", "List",
                    target_type="Practitioner", target_name="", row_count=20, duration_ms=4, ip="10.1.2.3",
                    agent="Mozilla/5.0", filters='{"doctype":"Practitioner","filters":"[[\\"department\\",\\"=\\",\\"内科\\"]]"}',
                )
                for number in range(block, block + 1000)
            ]
        )  # fmt: skip
    seconds = time.perf_counter() - start
    print(f"{'append in blocks of 1,000':<28} {RECORDS / seconds:9,.0f} records/s")


def verification() -> None:
    """The chain, beside hashing as many texts of the same length alone; in processor time."""
    from medaffairs.audit.verify import verify

    text = b"x" * 330
    best = reference = float("inf")
    for _ in range(ROUNDS):
        start = time.process_time()
        verdict = verify()
        best = min(best, (time.process_time() - start) / verdict.records)
        assert verdict.intact
        start = time.process_time()
        for _ in range(RECORDS):
            hashlib.sha256(text).hexdigest()
        reference = min(reference, (time.process_time() - start) / RECORDS)
    print(
        f"{'verify':<28} {1 / best:9,.0f} records/s (asked ≥ {ASKED_RATE:,}); "
        f"hashing alone {1 / reference:,.0f}/s, ratio {best / reference:.1f}"
    )


def export() -> None:
    """The auditor's export in processor time, and how much memory grows from a tenth of it to all."""
    from medaffairs.audit import api

    frappe.db.set_single_value("Medical Affairs Settings", "audit_export_rows", EXPORTED // 10)
    frappe.db.commit()
    for file_format in ("csv", "xlsx"):
        peaks, seconds, size = [], 0.0, 0
        for rows in (EXPORTED // 10, EXPORTED):
            frappe.db.set_single_value("Medical Affairs Settings", "audit_export_rows", rows)
            frappe.db.commit()
            start = time.process_time()
            response = api.export(file_format=file_format)
            size = sum(len(part) for part in response.iter_encoded())
            seconds = time.process_time() - start
            peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        print(
            f"export of {EXPORTED:,} rows, {file_format:<5} {seconds:6.2f} s (asked ≤ {ASKED_SECONDS:.0f} s), "
            f"{size / 1e6:.1f} MB; memory at its highest {peaks[0]:.0f} MB after {EXPORTED // 10:,} rows, {peaks[1]:.0f} MB after all"
        )


def main() -> None:
    """Everything on a site of its own."""
    print(hospital.machine())
    with hospital.site(grants=5_000) as folder:
        requests(folder)
        fill()
        verification()
        export()


if __name__ == "__main__":
    main()
