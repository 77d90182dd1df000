"""What the set-up says while it works."""

from __future__ import annotations

import collections
import contextlib
import ctypes
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

_DIE_WITH_PARENT = 1


def say(text: str) -> None:
    """Prints at once."""
    print(text, flush=True)


def fail(problem: str, remedy: str = "") -> NoReturn:
    """Says what is wrong and what to do, and ends."""
    print(f"\n  {problem}\n" + (f"  → {remedy}\n" if remedy else ""), file=sys.stderr, flush=True)
    sys.exit(1)


def die_with_parent() -> None:
    """Where the system can, a step ends when the set-up is killed: a second start finds nobody in its way."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)


def step(title: str, command: list[str], folder: Path, chatty: bool = False) -> None:
    """Runs a command, with its time; when it fails, with its last words.

    :param chatty: show the indented lines of what the command prints: long steps say how far they are
    """
    print(f"  {title} … ", end="\n" if chatty else "", flush=True)
    started = time.monotonic()
    last: collections.deque[str] = collections.deque(maxlen=60)
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
        preexec_fn=die_with_parent,
    ) as process:  # fmt: skip
        for line in process.stdout or ():
            last.append(line)
            if chatty and line.startswith("  "):
                print(f"  {line.rstrip()}", flush=True)
    if process.returncode:
        print("failed", flush=True)
        fail("".join(last), f"the command was: {' '.join(command)}")
    print(f"  {title}: {time.monotonic() - started:.1f} s" if chatty else f"{time.monotonic() - started:.1f} s", flush=True)  # fmt: skip
