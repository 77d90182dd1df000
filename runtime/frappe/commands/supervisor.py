"""Several processes under one: logs with a name before each line, restarts, one clean end."""

from __future__ import annotations

import ctypes
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field

_PARENT_DEATH_SIGNAL = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None
_COLOURS = (36, 32, 33, 35, 34, 31)
STOP_SECONDS = 10
LONGEST_PAUSE = 30.0


def read_procfile(path: str) -> dict[str, str]:
    """Names and commands of a Procfile.

    :raises SystemExit: when there is no such file
    """
    if not os.path.exists(path):
        raise SystemExit(f"{path} does not exist")
    found = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            match = re.match(r"^([\w-]+):\s*(.+)$", line.strip())
            if match:
                found[match.group(1)] = match.group(2)
    return found


@dataclass
class Child:
    """A process and how often it died lately."""

    name: str
    command: str
    colour: int
    process: subprocess.Popen | None = None
    started: float = 0.0
    pause: float = 0.5
    due: float = field(default=0.0)


class Supervisor:
    """Keeps processes running until a signal says stop."""

    def __init__(self, commands: dict[str, str]) -> None:
        self._children = [Child(name, command, _COLOURS[index % len(_COLOURS)]) for index, (name, command) in enumerate(commands.items())]  # fmt: skip
        self._stopping = False
        self._width = max((len(name) for name in commands), default=0)

    def run(self) -> int:
        """Starts everything, restarts what dies, returns 0 when all has ended after a signal."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)
        while not self._stopping:
            for child in self._children:
                self._look_after(child)
            time.sleep(0.1)
        self._end_all()
        return 0

    def _stop(self, *_: object) -> None:
        self._stopping = True

    def _look_after(self, child: Child) -> None:
        now = time.monotonic()
        if child.process is not None and child.process.poll() is None:
            if now - child.started > LONGEST_PAUSE:
                child.pause = 0.5
            return
        if child.process is not None:
            self._say(child, f"ended with {child.process.returncode}; starting again in {child.pause:.1f} s")
            # What it started must not hold its port.
            _signal(child, signal.SIGKILL)
            child.due, child.process = now + child.pause, None
            child.pause = min(child.pause * 2, LONGEST_PAUSE)
        if now >= child.due:
            self._start(child)

    def _start(self, child: Child) -> None:
        child.process = subprocess.Popen(  # noqa: S603 - commands of our own Procfile
            shlex.split(child.command),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_end_with_supervisor,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )
        child.started = time.monotonic()
        threading.Thread(target=self._copy_output, args=(child, child.process), daemon=True).start()

    def _copy_output(self, child: Child, process: subprocess.Popen) -> None:
        for line in process.stdout or ():
            self._say(child, line.decode(errors="replace").rstrip())

    def _say(self, child: Child, text: str) -> None:
        name = child.name.ljust(self._width)
        label = f"\033[{child.colour}m{name} |\033[0m" if sys.stdout.isatty() else f"{name} |"
        print(label, text, flush=True)

    def _end_all(self) -> None:
        running = [child for child in self._children if child.process and child.process.poll() is None]
        for child in running:
            _signal(child, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for child in running:
            try:
                child.process.wait(timeout=max(deadline - time.monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                self._say(child, f"did not end within {STOP_SECONDS} s and was killed")
        for child in running:
            _signal(child, signal.SIGKILL)
        print("stopped", flush=True)


def _end_with_supervisor() -> None:
    """A supervisor that is killed leaves nobody behind, where the system can promise that."""
    if _libc is not None:
        _libc.prctl(_PARENT_DEATH_SIGNAL, signal.SIGTERM)


def _signal(child: Child, number: int) -> None:
    try:
        os.killpg(child.process.pid, number)
    except ProcessLookupError:
        return
