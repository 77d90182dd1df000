"""Whether the process that has claimed a message still lives.

Each run of the delivery holds a locked file while it works; the operating system frees the lock when the process ends, however it
ends, so that the next run takes over at once what a killed one left. Claims made on another machine end by their time alone.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
from types import TracebackType

import frappe

FOLDER = "medaffairs_messages"


class Claimant:
    """One run of the delivery, living as long as its file is locked."""

    def __init__(self) -> None:
        self.name = f"{socket.gethostname()}.{frappe.generate_hash(length=12)}"
        self._path = _path(self.name)
        os.makedirs(os.path.dirname(self._path), exist_ok=True)
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def __enter__(self) -> Claimant:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._path)
        os.close(self._file)


def is_dead(name: str) -> bool:
    """Whether a run on this machine has ended without settling what it claimed; False for runs of other machines."""
    host, _, _ = name.rpartition(".")
    if host != socket.gethostname():
        return False
    try:
        file = os.open(_path(name), os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(file)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(_path(name))
    return True


def _path(name: str) -> str:
    # Names come from our own rows; nothing in them may lead out of the folder all the same.
    return frappe.get_site_path("locks", FOLDER, os.path.basename(name))
