"""What the gate has answered, in files on this machine until the database has it.

A line is written before its answer leaves: what was answered survives the end of the process, however it ends,
and any time without a database. Only a failure of the machine itself can lose lines that were not yet forced to
the disk; `force` is for those that must not be lost even then. Each process writes a file of its own and holds
a lock on it; files that nobody holds are taken over, so that nothing waits for a process that never returns.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# Little at a time, so that whoever asks meanwhile does not wait; a lot when a lot waits.
SMALL, LARGE, MUCH = 8 * 1024, 256 * 1024, 1024 * 1024
SHRINK_AT = 4 * 1024 * 1024
log = logging.getLogger("medaffairs.gate")


class Segment:
    """One file of lines and, beside it, how far they are done."""

    def __init__(self, path: Path) -> None:
        self.path, self._mark_path = path, path.with_suffix(".done")
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._file)
            raise
        self._mark = os.open(self._mark_path, os.O_RDWR | os.O_CREAT, 0o600)
        self._done = self._read_mark()

    def _read_mark(self) -> int:
        done = int(os.pread(self._mark, 20, 0) or b"0")
        # A file that was emptied after everything in it was done.
        return min(done, os.fstat(self._file).st_size)

    @property
    def waiting(self) -> int:
        """Bytes that are not done."""
        return os.fstat(self._file).st_size - self._done

    def append(self, line: bytes) -> None:
        """Adds a line; the operating system has it when this returns."""
        written = os.write(self._file, line)
        if written != len(line):
            raise OSError(f"only {written} of {len(line)} bytes were written")

    def force(self) -> None:
        """Waits until the disk has every line."""
        os.fdatasync(self._file)

    def lines(self) -> tuple[list[bytes], int]:
        """The next lines that are not done, and the mark that says they are."""
        raw = os.pread(self._file, LARGE if self.waiting > MUCH else SMALL, self._done)
        if raw and b"\n" not in raw:
            raw = os.pread(self._file, LARGE, self._done)
        end = raw.rfind(b"\n") + 1
        return raw[:end].splitlines(), self._done + end

    def mark(self, done: int) -> None:
        """Remembers that everything before is done."""
        os.pwrite(self._mark, b"%020d" % done, 0)
        self._done = done

    def drop_unfinished(self) -> None:
        """Leaves out a last line without an end: the machine stopped before its answer left."""
        if self.waiting:
            log.error("%s: the last line is not complete and is left out", self.path)
            self.mark(os.fstat(self._file).st_size)

    def shrink(self) -> None:
        """Gives the space back when everything is done. Nobody may be appending meanwhile."""
        if self.waiting == 0 and self._done > SHRINK_AT:
            os.ftruncate(self._file, 0)
            self.mark(0)

    def close(self) -> None:
        """Deletes the file when everything in it is done, and keeps it otherwise."""
        if self.waiting == 0:
            self.path.unlink(missing_ok=True)
            self._mark_path.unlink(missing_ok=True)
        os.close(self._mark)
        os.close(self._file)


class Journal:
    """The lines of this process and those that earlier ones left behind."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._own: Segment | None = None
        self._left: list[Segment] = []

    def open(self) -> None:
        """Begins a file and takes over what nobody holds."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for path in sorted(self._folder.glob("*.jsonl")):
            # Held by another gate of this site: its own to finish.
            with contextlib.suppress(OSError):
                self._left.append(Segment(path))
        self._own = Segment(self._folder / f"{uuid.uuid4().hex}.jsonl")

    def append(self, entry: dict[str, Any]) -> None:
        """Adds one entry.

        :raises OSError: when the disk does not take it; then the answer must not leave
        """
        self._own.append(json.dumps(entry, ensure_ascii=False).encode() + b"\n")

    def force(self) -> None:
        """Waits until the disk has every entry."""
        self._own.force()

    @property
    def waiting(self) -> int:
        """Bytes that the database does not have yet."""
        return sum(segment.waiting for segment in (*self._left, self._own) if segment)

    def batches(self) -> Iterator[tuple[list[dict[str, Any]], bool, Segment, int]]:
        """What waits: entries, whether they may have been stored before, and what to mark when they are now."""
        for segment in list(self._left):
            yield from self._batches_of(segment, True)
            segment.drop_unfinished()
            segment.close()
            self._left.remove(segment)
        yield from self._batches_of(self._own, False)

    def _batches_of(self, segment: Segment, again: bool) -> Iterator[tuple]:
        while True:
            lines, done = segment.lines()
            if not lines:
                return
            yield list(_entries(lines, segment.path)), again, segment, done

    def shrink(self) -> None:
        """Gives space back; call it where entries are appended, so that nobody appends meanwhile."""
        self._own.shrink()

    def close(self) -> None:
        """Ends the process's file; what waits stays for the next process."""
        for segment in (*self._left, self._own):
            segment.close()


def _entries(lines: list[bytes], path: Path) -> Iterator[dict[str, Any]]:
    for line in lines:
        try:
            yield json.loads(line)
        except ValueError:
            # Only a failing disk does this; the lines after it must not wait for ever.
            log.error("%s: a line cannot be read and is left out: %r", path, line[:200])
