"""All grants in memory, kept up to date by following the ledger."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from frappe.utils import get_system_timezone
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from medaffairs.integration.gate.database import Answer, DatabaseThread
from medaffairs.integration.gate.service import Service
from medaffairs.integration.gate.words import Words
from medaffairs.privileging import index as grants
from medaffairs.privileging import rules
from medaffairs.privileging.questions import Question

POLL_SECONDS = 0.2
CATALOGUE_SECONDS = 1.0
STALE_SECONDS = 5.0
CATALOGUE = ("Practitioner", "Procedure", "Drug Privilege", "Privilege Kind")
log = logging.getLogger("medaffairs.gate")


class Ledger(Service):
    """The compiled grants; a thread of its own follows the ledger, another does the work of the services."""

    def __init__(self, site: str, sites_path: str, stale_seconds: float = STALE_SECONDS) -> None:
        self.stale_seconds = stale_seconds
        self._follower = DatabaseThread(site, sites_path, "follower")
        self._worker = DatabaseThread(site, sites_path, "worker")
        self._following: asyncio.Task | None = None
        self._catalogue: tuple = ()
        self._catalogue_read = 0.0
        self._error = ""
        self._changes = 0
        self.index: rules.GrantIndex | None = None
        self.words = Words()
        self.zone = ZoneInfo("UTC")
        self.seen = 0.0

    async def run(self, work: Callable[..., Answer], *arguments: Any) -> Answer:
        """Does something on the database, in a transaction of its own and outside the event loop."""
        return await self._worker.run(work, *arguments)

    async def read(self, work: Callable[..., Answer], *arguments: Any) -> Answer:
        """Reads something without waiting for work that writes."""
        return await self._follower.run(work, *arguments)

    async def start(self) -> None:
        """Begins to follow; returns at once, the first answers may take a second."""
        self._following = asyncio.create_task(self._follow())

    async def stop(self) -> None:
        """Ends following and waits for the database's work."""
        if self._following:
            self._following.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._following
        for thread in (self._follower, self._worker):
            await asyncio.to_thread(thread.close)

    async def _follow(self) -> None:
        while True:
            try:
                await self._follower.run(self._catch_up)
                if self._error:
                    log.info("the ledger can be read again")
                self._error = ""
            except Exception as error:
                if not self._error:
                    log.exception("the ledger cannot be read")
                self._error = f"{type(error).__name__}: {error}"
            await asyncio.sleep(POLL_SECONDS)

    def _catch_up(self) -> None:
        if self.index is None:
            self._load()
        events = list(grants.events_after(self.index.version))
        # Whoever is granted something may have been hired in the same moment: names come before events.
        if events or time.monotonic() - self._catalogue_read > CATALOGUE_SECONDS:
            self._follow_catalogue()
        self.index.load(events)
        self.seen = time.monotonic()

    def _load(self) -> None:
        """Everything anew. The old answers hold until the new ones are complete."""
        self.zone = ZoneInfo(get_system_timezone())
        self._catalogue, self._catalogue_read = grants.stamp(*CATALOGUE), time.monotonic()
        self.words.load()
        index = grants.build()
        index.translate = self.words.in_chinese
        # The event loop must not ask the database for names.
        index.practitioners = grants.known_practitioners().names()
        index.codes = {kind: known.names() for kind, known in grants.known_codes().items()}
        self.index = index
        # A collection that walks through every grant would hold up all answers for tens of milliseconds.
        gc.collect()
        gc.freeze()

    def _follow_catalogue(self) -> None:
        """Settings, codes and staff numbers as they are now; grants anew when what a code includes has changed."""
        catalogue = grants.stamp(*CATALOGUE)
        if catalogue != self._catalogue:
            self._changes += 1
            kinds = grants.kind_settings()
            if {k: s.implies for k, s in kinds.items()} != {
                k: s.implies for k, s in self.index.kinds.items()
            }:
                self._load()
                return
            self.index.kinds = kinds
            self.index.practitioners = grants.known_practitioners().names()
            self.index.codes = {kind: known.names() for kind, known in grants.known_codes().items()}
            self._catalogue = catalogue
        self.zone = ZoneInfo(get_system_timezone())
        self._catalogue_read = time.monotonic()

    def now(self) -> datetime:
        """The moment in the hospital's time zone."""
        return datetime.now(self.zone).replace(tzinfo=None)

    @property
    def lag(self) -> float:
        """Seconds since the ledger was read last."""
        return time.monotonic() - self.seen if self.seen else float("inf")

    @property
    def version(self) -> int:
        """The newest event that answers are based on, 0 before there are any."""
        return self.index.version if self.index else 0

    def decide(
        self, practitioner: str, kind: str, code: str, at: datetime, emergency: bool
    ) -> rules.Decision | None:
        """The decision; by the fail mode when the ledger is out of reach, None while there is nothing at all."""
        if self.index is None:
            return None
        if self.lag > self.stale_seconds:
            return self.index.undecidable(kind, emergency)
        return rules.decide(self.index, practitioner, kind, code, at)

    async def decide_as_of(self, question: Question) -> rules.Decision:
        """The decision by what was on record at `question.as_of`; that is read from the database."""
        index = await self.read(grants.known_then, question.practitioner, question.as_of)
        # What was not granted is told from the catalogue in memory: there is no database where this is asked.
        index.practitioners, index.codes = self.index.practitioners, self.index.codes
        return rules.decide(index, question.practitioner, question.kind, question.code, question.at)

    def troubles(self) -> Iterable[str]:
        """Whether answers come from a ledger that is up to date."""
        reason = f" ({self._error})" if self._error else ""
        if self.index is None:
            yield f"the grants are not loaded yet{reason}"
        elif self.lag > self.stale_seconds:
            yield f"the ledger could not be read for {self.lag:.0f} s{reason}"

    def metrics(self) -> Iterable[Metric]:
        """How new the answers are."""
        yield GaugeMetricFamily(
            "medaffairs_gate_ledger_sequence", "Newest event of the ledger behind the answers", self.version
        )
        yield GaugeMetricFamily(
            "medaffairs_gate_lag_seconds", "Time since the ledger was read last", self.lag
        )
        yield CounterMetricFamily(
            "medaffairs_gate_catalogue_changes",
            "Changes of kinds, codes and staff that were followed",
            self._changes,
        )
