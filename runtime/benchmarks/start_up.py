"""How long the host's processes take to be ready, and how much memory they hold.

    python runtime/benchmarks/start_up.py [--rounds 5] [--sites-path … --site …]

Budgets: a worker is ready within 1.5 s and holds less than 120 MB. Without a site a fresh one is made.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

SECONDS, MEGABYTES = 1.5, 120


def bench(sites: str, site: str | None, *arguments: str) -> list[str]:
    """A command of this environment."""
    chosen = ["--site", site] if site else []
    return [str(Path(sys.executable).with_name("bench")), "--sites-path", sites, *chosen, *arguments]


def megabytes(pid: int) -> float:
    """Resident memory of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def children(pid: int) -> list[int]:
    """Processes that a process has started."""
    return [int(number) for number in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def ask(port: int, site: str, path: str) -> bool:
    """Whether the server answers at all."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Host": site})
    try:
        urllib.request.urlopen(request, timeout=10).read()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def web(sites: str, site: str) -> tuple[float, float]:
    """(seconds to the first page, memory of the larger worker after a few requests)."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    start = time.perf_counter()
    with running(bench(sites, site, "serve", "--port", str(port))) as process:
        while not ask(port, site, "/login"):
            time.sleep(0.005)
        ready = time.perf_counter() - start
        for path in ("/login", "/api/method/ping", "/api/resource/User", "/nowhere") * 10:
            ask(port, site, path)
        return ready, max(megabytes(child) for child in children(process.pid))


def worker(sites: str, site: str) -> tuple[float, float]:
    """(seconds until a waiting job has been run, memory)."""
    queued = 'frappe.enqueue("frappe.utils.now"); frappe.db.commit()\n'
    subprocess.run(bench(sites, site, "console"), input=queued, text=True, capture_output=True, check=True)
    start = time.perf_counter()
    subprocess.run(bench(sites, site, "worker", "--burst"), check=True, capture_output=True)
    ready = time.perf_counter() - start
    with running(bench(sites, site, "worker")) as process:
        time.sleep(ready + 0.5)
        return ready, megabytes(process.pid)


def scheduler(sites: str, site: str) -> tuple[float, float]:
    """(nothing to wait for, memory)."""
    with running(bench(sites, site, "schedule")) as process:
        time.sleep(1.5)
        return 0.0, megabytes(process.pid)


@contextlib.contextmanager
def running(command: list[str]):
    """A process, ended at the end."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def main() -> None:
    """Prints one line for each process."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sites-path", default=None)
    parser.add_argument("--site", default="start.test")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sites = given.sites_path or os.path.join(folder, "sites")
        if not given.sites_path:
            os.makedirs(sites)
            subprocess.run(
                bench(sites, None, "new-site", given.site, "--admin-password", "a-Long-one-8"),
                check=True,
                capture_output=True,
            )
        for name, measure in (("web", web), ("worker", worker), ("scheduler", scheduler)):
            rounds = [measure(sites, given.site) for _ in range(given.rounds)]
            seconds, memory = statistics.median(r[0] for r in rounds), statistics.median(r[1] for r in rounds)
            worst = max(r[0] for r in rounds)
            print(
                f"{name:10} ready in {seconds:.2f} s (worst {worst:.2f}) = {seconds / SECONDS:.0%} of {SECONDS} s;"
                f" {memory:.0f} MB = {memory / MEGABYTES:.0%} of {MEGABYTES} MB"
            )


if __name__ == "__main__":
    main()
