"""What a process has answered, in files on this machine until the database has it.

A line is written before its answer leaves: what was answered survives the end of the process, however it ends, and any
time without a database. Only a failure of the machine itself can lose lines that were not yet forced to the
disk; `force` is for those that must not be lost even then. Each process appends to a file of its own; whoever
brings lines to the database brings those of all processes, one at a time, so that nothing waits for a process
that never returns.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

# Little at a time, so that whoever asks meanwhile does not wait; a lot when a lot waits.
SMALL, LARGE, MUCH = 8 * 1024, 256 * 1024, 1024 * 1024
SHRINK_AT = 4 * 1024 * 1024
_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
log = logging.getLogger("medaffairs.audit")


class Batch(NamedTuple):
    """Some entries, and whether they may have been stored before without having been marked."""

    entries: list[dict[str, Any]]
    again: bool


class Segment:
    """One process's file of lines and, beside it, how far they were tried and how far they are done."""

    def __init__(self, path: Path) -> None:
        self.path, self._mark_path = path, path.with_suffix(".done")
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self._mark = os.open(self._mark_path, os.O_RDWR | os.O_CREAT, 0o600)

    def own(self) -> bool:
        """Takes the file as its writer; False when another living process writes it."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def append(self, line: bytes) -> None:
        """Adds a line; the operating system has it when this returns."""
        written = os.write(self._file, line)
        if written != len(line):
            raise OSError(f"only {written} of {len(line)} bytes were written")

    def force(self) -> None:
        """Waits until the disk has every line."""
        os.fdatasync(self._file)

    @property
    def size(self) -> int:
        """Bytes in the file."""
        return os.fstat(self._file).st_size

    @property
    def marks(self) -> tuple[int, int]:
        """How far lines are done, and how far they were tried."""
        done, _, tried = os.pread(self._mark, 41, 0).partition(b" ")
        # A file that was emptied after everything in it was done.
        return (min(int(done or 0), self.size), int(tried or 0))

    def set_marks(self, done: int, tried: int) -> None:
        """Remembers both."""
        os.pwrite(self._mark, b"%020d %020d" % (done, tried), 0)

    @property
    def waiting(self) -> int:
        """Bytes that are not done."""
        return self.size - self.marks[0]

    def batches(self) -> Iterator[Batch]:
        """The lines that are not done, some at a time; each is done when the next is asked for."""
        while True:
            done, tried = self.marks
            raw = os.pread(self._file, LARGE if self.size - done > MUCH else SMALL, done)
            if raw and b"\n" not in raw:
                raw = os.pread(self._file, LARGE, done)
            end = raw.rfind(b"\n") + 1
            if not end:
                return
            self.set_marks(done, done + end)
            yield Batch(list(_entries(raw[:end].splitlines(), self.path)), tried > done)
            self.set_marks(done + end, done + end)

    def shrink(self) -> None:
        """Gives the space back when everything is done. Nobody may be appending meanwhile."""
        if self.size > SHRINK_AT and self.waiting == 0:
            os.ftruncate(self._file, 0)
            self.set_marks(0, 0)

    def close(self) -> None:
        """Closes the file."""
        os.close(self._mark)
        os.close(self._file)

    def delete(self) -> None:
        """Deletes the file."""
        self.path.unlink(missing_ok=True)
        self._mark_path.unlink(missing_ok=True)


class Journal:
    """A folder of such files: this process's own, and those of the others."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._own: Segment | None = None
        self._lock = threading.Lock()

    def open(self) -> None:
        """Begins a file."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._alone():
            self._own = Segment(self._folder / f"{uuid.uuid4().hex}.jsonl")
            self._own.own()

    def append(self, entry: dict[str, Any]) -> None:
        """Adds one entry.

        :raises OSError: when the disk does not take it; then the answer must not leave
        """
        line = _write(entry).encode("utf-8", "replace") + b"\n"
        with self._lock:
            self._own.append(line)

    def force(self) -> None:
        """Waits until the disk has every entry."""
        self._own.force()

    @property
    def waiting(self) -> int:
        """Bytes of this process that the database does not have yet."""
        return self._own.waiting

    def batches(self) -> Iterator[Batch]:
        """What waits, of all processes. Nobody else brings anything meanwhile."""
        with self._alone():
            for path in sorted(self._folder.glob("*.jsonl")):
                if path == self._own.path:
                    yield from self._own.batches()
                else:
                    yield from self._batches_of_other(path)
            with self._lock:
                self._own.shrink()

    def _batches_of_other(self, path: Path) -> Iterator[Batch]:
        segment = Segment(path)
        try:
            yield from segment.batches()
            if segment.own():
                if segment.waiting:
                    log.error("%s: the last line is not complete and is left out", path)
                segment.delete()
        finally:
            segment.close()

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        with (self._folder / "lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def close(self) -> None:
        """Ends the process's file; what waits stays for the others."""
        if self._own.waiting == 0:
            self._own.delete()
        self._own.close()


def _entries(lines: list[bytes], path: Path) -> Iterator[dict[str, Any]]:
    for line in lines:
        try:
            yield json.loads(line)
        except ValueError:
            # Only a failing disk does this; the lines after it must not wait for ever.
            log.error("%s: a line cannot be read and is left out: %r", path, line[:200])
