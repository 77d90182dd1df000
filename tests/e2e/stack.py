"""The running system that browser tests talk to: given from outside, or started here on free ports.

`BASE_URL` (and `GATE_URL`, `MLLP_ADDRESS`) name a system that already runs, on whichever host, with the demo
hospital in it. Without them a site of its own is made in a folder of the test run, because people at a screen leave
traces that other tests must not meet; worker, web server and gate are started through `bench` and stopped at the end.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import requests

START_SECONDS = 90
SITE = "e2e.localhost"


@dataclass
class Stack:
    """Addresses of a running system and the processes that this test run owns."""

    base_url: str
    gate_url: str
    mllp: tuple[str, int]
    processes: list[subprocess.Popen] = field(default_factory=list)

    def stop(self) -> None:
        """Ends the owned processes, at first politely."""
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()


def free_port() -> int:
    """A port of the loopback interface that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def bench_command() -> str:
    """The CLI of the host: beside the running interpreter, else on the path."""
    beside = Path(sys.executable).with_name("bench")
    return str(beside) if beside.exists() else (shutil.which("bench") or "bench")


def wait_for(url: str, process: subprocess.Popen, log: Path) -> None:
    """Waits until `url` answers; a process that ends before it does fails with its last words."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args} ended with {process.returncode}:\n{log.read_text()[-3000:]}")
        try:
            if requests.get(url, timeout=2).status_code < 500:
                return
        except requests.RequestException:
            time.sleep(0.2)
    raise RuntimeError(f"{url} did not answer within {START_SECONDS} s:\n{log.read_text()[-3000:]}")


def _spawn(name: str, arguments: list[str], folder: Path, sites: Path) -> tuple[subprocess.Popen, Path]:
    log = folder / f"{name}.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [bench_command(), *arguments],
            cwd=sites,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=os.environ | {"SITES_PATH": str(sites)},
        )
    return process, log


def make_site(folder: Path) -> Path:
    """A site with the app and the demo hospital; the folder of the sites."""
    sites = folder / "sites"
    sites.mkdir()
    for arguments in (
        ["new-site", SITE, "--admin-password", "admin", "--set-default"],
        ["--site", SITE, "install-app", "medaffairs"],
        ["--site", SITE, "execute", "medaffairs.setup.demo.make"],
    ):
        command = [bench_command(), "--sites-path", str(sites), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(
                f"{arguments} ended with {done.returncode}:\n{done.stdout}\n{done.stderr[-3000:]}"
            )
    return sites


def _config(sites: Path) -> dict:
    path = sites / "common_site_config.json"
    return json.loads(path.read_text()) if path.exists() else {}


def start(folder: Path) -> Stack:
    """Makes the demo hospital and starts its worker, web server and gate; logs go to `folder`."""
    sites, site = make_site(folder), SITE
    web, gate, mllp = free_port(), free_port(), free_port()
    (sites / "common_site_config.json").write_text(
        json.dumps(_config(sites) | {"medaffairs_gate_url": f"http://127.0.0.1:{gate}"})
    )
    stack = Stack(f"http://127.0.0.1:{web}", f"http://127.0.0.1:{gate}", ("127.0.0.1", mllp))
    commands = {
        "web": (["--site", site, "serve", "--port", str(web)], f"{stack.base_url}/api/method/ping"),
        "gate": (
            ["--site", site, "medaffairs-gate", "--http-port", str(gate), "--mllp-port", str(mllp)],
            f"{stack.gate_url}/health",
        ),
    }
    try:
        stack.processes.append(_spawn("worker", ["worker"], folder, sites)[0])
        for name, (arguments, url) in commands.items():
            process, log = _spawn(name, arguments, folder, sites)
            stack.processes.append(process)
            wait_for(url, process, log)
    except Exception:
        stack.stop()
        raise
    return stack


def outside() -> Stack | None:
    """The system named by the environment, if any."""
    if "BASE_URL" not in os.environ:
        return None
    host, _, port = os.environ.get("MLLP_ADDRESS", "127.0.0.1:2575").rpartition(":")
    return Stack(
        os.environ["BASE_URL"], os.environ.get("GATE_URL", "http://127.0.0.1:8001"), (host, int(port))
    )
