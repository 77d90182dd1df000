"""The thread that commits incoming messages: as many in one transaction as have arrived meanwhile."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Sequence

import frappe

from medaffairs.integration import store
from medaffairs.integration.rules.answers import Translate
from medaffairs.integration.rules.reception import NOT_KEPT, unavailable
from medaffairs.integration.store import Arrival

MOST_IN_BATCH = 500
log = logging.getLogger("medaffairs.gate.intake")


class Committer:
    """Keeps its connection to the database open, opens it again after an error, and never gives up.

    `deliver` is called in the thread with every batch once its answers are certain: after the commit, or when
    the database refused it and every positive answer has become "please send it again".
    """

    def __init__(
        self, site: str, sites_path: str, deliver: Callable[[Sequence[Arrival]], None], translate: Translate
    ) -> None:
        self._site, self._sites_path = site, sites_path
        self._deliver, self._translate = deliver, translate
        self._queue: queue.SimpleQueue[Arrival | None] = queue.SimpleQueue()
        self._connected = False
        self._thread = threading.Thread(target=self._run, name="committer", daemon=True)
        self.failing = ""
        self.batches = 0

    def start(self) -> None:
        """Begins to commit."""
        self._thread.start()

    def put(self, arrival: Arrival) -> None:
        """Hands over a message."""
        self._queue.put(arrival)

    def close(self) -> None:
        """Commits what was handed over and ends."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        running = True
        while running:
            batch: list[Arrival] = []
            arrival = self._queue.get()
            while arrival is not None:
                batch.append(arrival)
                if len(batch) >= MOST_IN_BATCH or self._queue.empty():
                    break
                arrival = self._queue.get()
            running = arrival is not None
            if batch:
                self._commit(batch)
                self._deliver(batch)
        self._disconnect()

    def _commit(self, batch: Sequence[Arrival]) -> None:
        # A connection may have died of idleness without anybody's fault: the second attempt has a new one.
        for attempt in (1, 2):
            try:
                self._connect()
                store.persist(batch, self._translate)
                self.batches += 1
                self.failing = ""
                break
            except Exception as error:
                self._disconnect()
                if attempt == 2:
                    self._refuse(batch, error)
                    return

    def _refuse(self, batch: Sequence[Arrival], error: Exception) -> None:
        self.failing = str(error) or type(error).__name__
        log.error("messages cannot be kept: %s", self.failing)
        for arrival in batch:
            reception = arrival.reception
            if reception.accepted:
                reception = unavailable(reception.header, arrival.data, NOT_KEPT, self._translate)
            arrival.reception, arrival.answers = reception, reception.answers

    def _connect(self) -> None:
        if not self._connected:
            frappe.init(self._site, sites_path=self._sites_path, force=True)
            frappe.connect()
            self._connected = True

    def _disconnect(self) -> None:
        if self._connected:
            self._connected = False
            try:
                frappe.db.rollback()
            except Exception:
                log.debug("the connection was lost before", exc_info=True)
            frappe.destroy()
