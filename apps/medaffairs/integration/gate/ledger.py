"""All grants in memory, kept up to date by following the ledger."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import frappe
from prometheus_client.core import GaugeMetricFamily, Metric

from medaffairs.integration.gate.database import Answer, DatabaseThread
from medaffairs.integration.gate.service import Service
from medaffairs.privileging import rules
from medaffairs.privileging.index import build, events_after

POLL_SECONDS = 0.2
STALE_SECONDS = 5.0
log = logging.getLogger("medaffairs.gate")


class Ledger(Service):
    """The compiled grants; a thread of its own follows the ledger, another does the work of the services."""

    def __init__(self, site: str, sites_path: str) -> None:
        self._follower = DatabaseThread(site, sites_path, "follower")
        self._worker = DatabaseThread(site, sites_path, "worker")
        self._following: asyncio.Task | None = None
        self.index: rules.GrantIndex | None = None
        self.seen = 0.0

    async def run(self, work: Callable[..., Answer], *arguments: Any) -> Answer:
        """Does something on the database, in a transaction of its own and outside the event loop."""
        return await self._worker.run(work, *arguments)

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
            except Exception:
                log.exception("the ledger cannot be read")
            await asyncio.sleep(POLL_SECONDS)

    def _catch_up(self) -> None:
        if self.index is None:
            index = build()
            words = {
                text: frappe._(text)
                for text in (*rules.MESSAGES.values(), *rules.MESSAGES_WITHOUT_BOUND.values())
            }
            index.translate = lambda text: words.get(text, text)
            self.index = index
        else:
            for event in events_after(self.index.version):
                self.index.apply(event)
        self.seen = time.monotonic()

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
        if self.lag > STALE_SECONDS:
            return self.index.undecidable(kind, emergency)
        return rules.decide(self.index, practitioner, kind, code, at)

    def troubles(self) -> Iterable[str]:
        """Whether answers come from a ledger that is up to date."""
        if self.index is None:
            yield "the grants are not loaded yet"
        elif self.lag > STALE_SECONDS:
            yield f"the ledger could not be read for {self.lag:.0f} s"

    def metrics(self) -> Iterable[Metric]:
        """How new the answers are."""
        yield GaugeMetricFamily(
            "medaffairs_gate_ledger_sequence", "Newest event of the ledger behind the answers", self.version
        )
        yield GaugeMetricFamily(
            "medaffairs_gate_lag_seconds", "Time since the ledger was read last", self.lag
        )
