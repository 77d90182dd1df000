"""Every question that the gate answers is recorded, and every act that went ahead without a decision."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import frappe
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from medaffairs.audit.journal import Journal
from medaffairs.audit.keeper import bring_accesses
from medaffairs.audit.rules import Entry
from medaffairs.integration.gate.database import DatabaseThread
from medaffairs.integration.gate.service import Service
from medaffairs.privileging import unauthorized
from medaffairs.privileging.questions import Question

DRAIN_SECONDS = 0.1
RETRY_SECONDS = 1.0
# Between two batches those who ask come first: the interpreter is theirs.
PAUSE_SECONDS = 0.002
STOP_SECONDS = 20.0
DOOR = "Gate"
log = logging.getLogger("medaffairs.gate")


class Trail(Service):
    """Keeps answers on the local disk at once and brings them into the database in batches."""

    def __init__(self, site: str, sites_path: str) -> None:
        self._thread = DatabaseThread(site, sites_path, "trail")
        self._journal = Journal(Path(sites_path, site, "private", "gate"))
        self._refused = Path(sites_path, site, "private", "gate", "refused.log")
        self._draining: asyncio.Task | None = None
        self._stopping = asyncio.Event()
        self._error = ""
        self.recorded = self.acts = 0

    def note(self, entry: Entry) -> None:
        """Records an access; returns when the operating system has it.

        :raises OSError: when it cannot be kept, so that it must not be answered
        """
        self._journal.append({"access": entry.__dict__})

    def report(self, question: Question, reason: str) -> None:
        """Keeps an act that was refused, or allowed without a decision, as an `Unauthorized Act`.

        :raises OSError: when it cannot be kept
        """
        act = {**question._asdict(), "at": question.at.isoformat(), "reason": reason, "key": uuid.uuid4().hex}
        del act["as_of"], act["record"]
        self._journal.append({"act": act})

    async def force(self) -> None:
        """Waits until the disk has everything, so that not even a power failure loses it."""
        await asyncio.to_thread(self._journal.force)

    async def start(self) -> None:
        """Takes over what earlier processes left and begins to bring it to the database."""
        self._journal.open()
        self._draining = asyncio.create_task(self._drain())

    async def stop(self) -> None:
        """Brings the rest to the database; what it does not take now stays on disk for the next start."""
        self._stopping.set()
        if self._draining:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._draining, STOP_SECONDS)
        await asyncio.to_thread(self._thread.close)
        self._journal.close()

    async def _drain(self) -> None:
        first = True
        while True:
            last = self._stopping.is_set()
            try:
                if self._journal.waiting or first:
                    await self._thread.run(self._bring)
                self._error, first = "", False
            except Exception as error:
                if not self._error:
                    log.exception("accesses cannot be recorded; they are kept on this machine")
                self._error = f"{type(error).__name__}: {error}"
            if last:
                return
            with contextlib.suppress(asyncio.TimeoutError):
                pause = RETRY_SECONDS if self._error else DRAIN_SECONDS
                await asyncio.wait_for(self._stopping.wait(), pause)

    def _bring(self) -> None:
        """Stores everything that waits, at first also what earlier processes have left."""
        self.recorded += bring_accesses(self._journal, self._store_other, PAUSE_SECONDS)

    def _store_other(self, entry: dict[str, Any]) -> None:
        self._store_act(entry["act"])
        frappe.db.commit()

    def _store_act(self, act: dict[str, Any]) -> None:
        try:
            unauthorized.record_act(
                act["practitioner"], act["kind"], act["code"], act["reason"], datetime.fromisoformat(act["at"]),
                department=act["department"], source_system=act["source"], was_emergency=act["emergency"],
                source_key=act["key"],
            )  # fmt: skip
            self.acts += 1
        except frappe.ValidationError as error:
            # A rule of the hospital's own refuses it for good: it must be seen, and must not hold up the rest.
            log.error("an act could not be kept: %s: %s", error, act)
            with self._refused.open("a", encoding="utf-8") as file:
                file.write(f"{error}: {act}\n")

    def troubles(self) -> Iterable[str]:
        """Whether the database takes the records."""
        if self._error:
            yield f"{self._journal.waiting} bytes of records wait for the database ({self._error})"

    def metrics(self) -> Iterable[Metric]:
        """What was recorded and what waits."""
        yield CounterMetricFamily("medaffairs_gate_recorded", "Accesses brought to the audit", self.recorded)
        yield CounterMetricFamily("medaffairs_gate_acts", "Acts kept as unauthorised", self.acts)
        waiting = self._journal.waiting
        yield GaugeMetricFamily(
            "medaffairs_gate_journal_bytes", "Records that wait for the database", waiting
        )
