"""What the set-up says while it works."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn


def say(text: str) -> None:
    """Prints at once."""
    print(text, flush=True)


def fail(problem: str, remedy: str = "") -> NoReturn:
    """Says what is wrong and what to do, and ends."""
    print(f"\n  {problem}\n" + (f"  → {remedy}\n" if remedy else ""), file=sys.stderr, flush=True)
    sys.exit(1)


def step(title: str, command: list[str], folder: Path, environment: dict[str, str] | None = None) -> None:
    """Runs a command quietly, with its time; when it fails, with its last words."""
    print(f"  {title} … ", end="", flush=True)
    started = time.monotonic()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        print("failed", flush=True)
        fail((done.stdout + done.stderr)[-4000:], f"the command was: {' '.join(command)}")
    print(f"{time.monotonic() - started:.1f} s", flush=True)
