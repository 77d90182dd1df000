"""`make run` as a person starts it, in a folder of its own and on free ports."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import requests

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 240


def free_ports(count: int) -> list[int]:
    """Different ports that nobody uses."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def make(*arguments: str, **variables: str) -> subprocess.CompletedProcess:
    """A `make` that is expected to end by itself; what it prints is in `stdout`."""
    return subprocess.run(
        ["make", *arguments], cwd=ROOT, text=True, timeout=PATIENCE, check=False, env=os.environ | variables,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


class Run:
    """One `make run`, in a process group of its own as in a terminal."""

    def __init__(self, data: Path, log: Path, **variables: object) -> None:
        self.data, self.log = data, log
        self.port, self.gate_port, self.mllp_port = free_ports(3)
        self.arguments = ["run", f"DATA={data}", f"PORT={self.port}", f"GATE_PORT={self.gate_port}",
                          f"MLLP_PORT={self.mllp_port}", *(f"{key}={value}" for key, value in variables.items())]  # fmt: skip
        with log.open("w") as output:
            self.process = subprocess.Popen(
                ["make", *self.arguments], cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    @property
    def url(self) -> str:
        """The address that it prints."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def said(self) -> str:
        """Everything printed so far."""
        return self.log.read_text()

    def wait(self, condition: Callable[[], object], what: str) -> None:
        """Waits for a condition; fails with what was printed when the start ends before."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if condition():
                return
            if self.process.poll() is not None:
                raise AssertionError(f"make ended with {self.process.returncode}:\n{self.said}")
            time.sleep(0.1)
        raise AssertionError(f"{what} did not happen:\n{self.said}")

    def is_up(self) -> bool:
        """Whether web server and gate answer."""
        try:
            page = requests.get(f"{self.url}/api/method/ping", timeout=5)
            return page.ok and requests.get(f"http://127.0.0.1:{self.gate_port}/health", timeout=5).ok
        except requests.RequestException:
            return False

    def wait_until_up(self) -> None:
        """Waits until it can be used."""
        self.wait(self.is_up, "an answer")

    def members(self) -> dict[int, str]:
        """Its processes with their command lines, `make` excepted: those that work in its data folder."""
        found = {}
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                where = os.readlink(entry / "cwd")
            except OSError:
                continue
            if str(self.data) in words + where and "make run" not in words:
                found[int(entry.name)] = words
        return found

    def child(self, name: str) -> int:
        """The process of a name in the Procfile; 0 while there is none."""
        pattern = {"web": r"gunicorn", "worker": r" worker", "schedule": r" schedule", "gate": r"-gate "}[
            name
        ]
        parent = self.supervisor()
        for pid, words in self.members().items():
            if re.search(pattern, words) and _parent(pid) == parent:
                return pid
        return 0

    def supervisor(self) -> int:
        """The process that looks after the others."""
        return next((pid for pid, words in self.members().items() if "bench start" in words), 0)

    def interrupt(self) -> int:
        """Ctrl-C in its terminal; the exit code of make."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(timeout=60)

    def kill(self) -> None:
        """The machine loses patience: make and set-up are gone at once."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=60)

    def sign_in(self, user: str, password: str) -> int:
        """The status that a sign-in gets."""
        answer = requests.post(
            f"{self.url}/api/method/login", json={"usr": user, "pwd": password}, timeout=30
        )
        return answer.status_code
