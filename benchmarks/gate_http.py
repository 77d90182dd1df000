"""Checks per second at the gate over keep-alive, beside a bare aiohttp application that looks the same question up
in a dictionary and answers as many bytes. The load comes from a second process; every check is recorded."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from support import hospital, load

CONNECTIONS, SECONDS, ROUNDS, ASKED_RATE, ASKED_P99_MS = 8, 1.5, 6, 2000, 5.0
BARE = """
import json, sys
from aiohttp import web
sys.path.insert(0, {folder!r})
from support import hospital
granted = {{(who, "SURGERY", code): {{"allowed": True, "reason": "GRANTED", "message": "已授权，有效期至 2035-12-30 00:00",
    "grant": "PG-0000001", "valid_to": "2035-12-30 00:00:00", "version": 50000}} for who, code in hospital.pairs()}}

async def check(request):
    query = request.query
    return web.json_response(granted.get((query["practitioner"], query["kind"], query["code"])))

app = web.Application()
app.router.add_get("/check", check)
web.run_app(app, host="127.0.0.1", port={port}, access_log=None, print=None)
"""


def free_port() -> int:
    """A port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(url: str, process: subprocess.Popen) -> float:
    """Until something answers there; the seconds it took."""
    start = time.perf_counter()
    while process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return time.perf_counter() - start
        except urllib.error.HTTPError as error:
            if error.code < 500:
                return time.perf_counter() - start
        except OSError:
            pass
        time.sleep(0.05)
    raise SystemExit(f"{url}: the server ended")


def rounds(ports: dict[str, int], rate: float, requests: list[bytes]) -> dict[str, dict[str, float]]:
    """The best of some short rounds, in turns, so that what else the machine does meets all alike."""
    found: dict[str, list[dict[str, float]]] = {name: [] for name in ports}
    for _ in range(ROUNDS):
        for name, port in ports.items():
            found[name].append(load.run(port, CONNECTIONS, SECONDS, rate, requests))
    if rate:
        return {name: min(runs, key=lambda run: run["p99"]) for name, runs in found.items()}
    return {name: max(runs, key=lambda run: run["rate"]) for name, runs in found.items()}


def show(what: str, found: dict[str, float], note: str = "") -> None:
    """One line of the table."""
    print(
        f"{what:<44} {found['rate']:8,.0f}/s  p50 {found['p50']:6.2f} ms  p99 {found['p99']:6.2f} ms"
        f"  worst {found['worst']:6.1f} ms  {note}"
    )


def memory(process: subprocess.Popen) -> str:
    """Resident memory of a process."""
    for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return f"{int(line.split()[1]) / 1024:.0f} MB"
    return "?"


def main() -> None:
    """Both servers, in turns."""
    requests = [
        load.request(f"/check?practitioner={who}&kind=SURGERY&code={code}", hospital.KEY)
        for who, code in hospital.pairs()[:2000]
    ]
    print(hospital.machine())
    with hospital.site() as folder:
        ports = {"bare": free_port(), "gate": free_port()}
        script = BARE.format(folder=str(Path(__file__).parent), port=ports["bare"])
        bare = subprocess.Popen([sys.executable, "-c", script])
        wait_for(f"http://127.0.0.1:{ports['bare']}/", bare)
        command = hospital.command("--sites-path", str(folder), "--site", hospital.SITE, "medaffairs-gate")
        gate = subprocess.Popen(
            [*command, "--http-port", str(ports["gate"]), "--mllp-port", str(free_port())],
            stderr=subprocess.DEVNULL,
        )
        seconds = wait_for(f"http://127.0.0.1:{ports['gate']}/health", gate)
        print(f"gate with {hospital.GRANTS:,} grants: answers after {seconds:.1f} s, {memory(gate)}")
        steady = rounds(ports, ASKED_RATE, requests)
        show(f"bare aiohttp at a steady {ASKED_RATE:,}/s", steady["bare"])
        show(f"gate at a steady {ASKED_RATE:,}/s", steady["gate"], f"asked: p99 ≤ {ASKED_P99_MS} ms")
        full = rounds(ports, 0, requests)
        show("bare aiohttp and a dictionary, flat out", full["bare"])
        ratio = full["bare"]["rate"] / full["gate"]["rate"]
        show("gate, flat out", full["gate"], f"asked: ≥ {ASKED_RATE:,}/s; bare / gate {ratio:.1f}")
        print(f"memory afterwards {memory(gate)}; {hospital.machine()}")
        for process in (bare, gate):
            process.terminate()
            process.wait(30)


if __name__ == "__main__":
    main()
