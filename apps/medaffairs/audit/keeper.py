"""Records of requests: on this machine's disk before the answer leaves, in the log within a moment.

A commit of its own for every record would cost a request more than the record is worth. So a request writes a
line into its process's journal, and a thread brings the lines into the log some at a time. A process that ends,
however it ends, leaves its lines to the next one; nothing that was answered is lost.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import frappe
from frappe.utils import get_datetime, get_system_timezone

from medaffairs.audit.journal import Journal
from medaffairs.audit.recorder import record_all
from medaffairs.audit.rules import Entry

# Long enough that a busy process brings many at once, short enough that nobody looks in vain.
BRING_SECONDS = 0.25
RETRY_SECONDS = 2.0
FINISH_SECONDS = 5.0
BATCH = 400

log = logging.getLogger("medaffairs.audit")
_keepers: dict[tuple[int, str], Keeper] = {}
_lock = threading.Lock()


def keep(entry: Entry) -> None:
    """Keep a record of the current site.

    :raises OSError: when the disk does not take it, so that it must not be answered
    """
    keeper_of_site().keep(entry)


def moment() -> str:
    """Now in the site's time zone, to the microsecond; without asking the settings for it every time."""
    return keeper_of_site().moment()


def bring() -> None:
    """Bring what this process has kept into the log now. Call it with no uncommitted work."""
    keeper_of_site().bring()


def keeper_of_site() -> Keeper:
    """The keeper of this process and site. A child process has one of its own."""
    key = os.getpid(), frappe.local.site
    known = _keepers.get(key)
    if known is None:
        with _lock:
            known = _keepers.get(key)
            if known is None:
                known = _keepers[key] = Keeper(frappe.local.site, frappe.local.sites_path)
    return known


class Keeper:
    """The records of a process that are on their way into a site's log."""

    def __init__(self, site: str, sites_path: str) -> None:
        # The thread must find the site also when somebody has changed the working folder.
        self._site, self._sites_path = site, os.path.abspath(sites_path)
        self._journal = Journal(Path(self._sites_path, site, "private", "audit"))
        self._journal.open()
        self._kept = threading.Event()
        self._zone = ZoneInfo(get_system_timezone())
        self._second = (0, "")
        threading.Thread(target=self._run, name=f"audit-{site}", daemon=True).start()
        atexit.register(self._finish)

    def moment(self) -> str:
        """Now in the site's time zone. The date and the time of day are made once a second: zones are slow."""
        second, part = divmod(time.time_ns() // 1000, 1_000_000)
        known, text = self._second
        if second != known:
            text = datetime.fromtimestamp(second, self._zone).strftime("%Y-%m-%d %H:%M:%S")
            self._second = second, text
        return f"{text}.{part:06d}"

    def keep(self, entry: Entry) -> None:
        """Write a record into the journal."""
        self._journal.append({"access": entry.__dict__})
        if not self._kept.is_set():
            self._kept.set()

    def bring(self) -> None:
        """Bring everything that waits into the log, on the connection of the calling thread."""
        bring_accesses(self._journal)
        self._zone = ZoneInfo(get_system_timezone())

    def _run(self) -> None:
        told = False
        while True:
            self._kept.wait()
            self._kept.clear()
            time.sleep(BRING_SECONDS)
            try:
                self._connected(self.bring)
                told = False
            except Exception:
                if not told:
                    log.exception("accesses wait on this machine for the log")
                told = True
                time.sleep(RETRY_SECONDS)
                self._kept.set()

    def _finish(self) -> None:
        """At the end of the process; what the database does not take then waits for the next one."""
        if not self._journal.waiting:
            self._journal.close()
            return
        thread = threading.Thread(target=self._bring_last, daemon=True)
        thread.start()
        thread.join(FINISH_SECONDS)
        self._journal.close()

    def _bring_last(self) -> None:
        try:
            self._connected(self.bring)
        except Exception as error:
            log.warning("accesses of %s wait on this machine for the next process: %s", self._site, error)

    def _connected(self, work: Callable[[], None]) -> None:
        frappe.init(self._site, sites_path=self._sites_path, force=True)
        frappe.connect()
        try:
            work()
        finally:
            frappe.destroy()


def bring_accesses(
    journal: Journal, other: Callable[[dict[str, Any]], None] | None = None, pause: float = 0.0
) -> int:
    """Store what waits in a journal, that of all processes, batch by batch; how many records.

    :param other: stores entries that are no access
    :param pause: seconds between batches, in which those who ask come first
    """
    count = 0
    for batch in journal.batches():
        for entry in batch.entries:
            if other and "access" not in entry:
                other(entry)
        accesses = [Entry(**entry["access"]) for entry in batch.entries if "access" in entry]
        if batch.again:
            accesses = without_stored(accesses)
        for start in range(0, len(accesses), BATCH):
            record_all(accesses[start : start + BATCH])
        count += len(accesses)
        if pause:
            time.sleep(pause)
    return count


def without_stored(accesses: list[Entry]) -> list[Entry]:
    """Those that the log does not hold yet: a batch may have been stored without being marked."""
    if not accesses:
        return []
    moments = sorted(entry.occurred_at for entry in accesses)
    stored = {
        _key(get_datetime(row.occurred_at).isoformat(sep=" ", timespec="microseconds"), row)
        for row in frappe.get_all(
            "Data Access Log",
            filters={"occurred_at": ("between", [moments[0], moments[-1]])},
            fields=["occurred_at", "user", "door", "filters"],
        )
    }
    return [
        entry
        for entry in accesses
        if (entry.occurred_at, entry.user, entry.door, entry.values()[-1]) not in stored
    ]


def _key(moment: str, row: Any) -> Iterable[str]:
    return moment, row.user, row.door, row.filters or ""
