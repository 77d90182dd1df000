"""The courier: sends what the outbox holds, each system from a queue of its own, until each message is acknowledged.

One lane per system owns one connection and one message at a time, so that order is kept and a system that is
down delays nobody else. A message is marked as sent before it leaves and settled after its answer: whatever dies
in between, it is sent again under the same control id.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
import time
from collections.abc import Iterable
from datetime import datetime

import frappe
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from medaffairs.integration.gate.database import DatabaseThread
from medaffairs.integration.gate.service import Service
from medaffairs.integration.hl7.mllp import Client
from medaffairs.integration.outbound import deliveries, rules
from medaffairs.integration.outbound.connecting import client_for, connect, explain, read_answer
from medaffairs.integration.outbound.outbox import Outbox

POLL_SECONDS = 0.2
STOP_SECONDS = 3.0
# Firewalls forget connections that are silent for some minutes, and do not say so.
IDLE_SECONDS = 60.0
# How often a gate that does not deliver looks whether the one that does is gone.
STANDBY_SECONDS = 1.0
# After an error of the database or of our own: long enough not to spin, short enough not to be noticed.
RECOVER_SECONDS = 1.0
log = logging.getLogger("medaffairs.gate")


class Courier(Service):
    """Queues what the ledger and the clock changed and keeps one lane running per system."""

    def __init__(self, database: DatabaseThread) -> None:
        self._database = database
        self._outbox = Outbox()
        self._lanes: dict[str, Lane] = {}
        self._watching: asyncio.Task | None = None
        self._lock: int | None = None
        self._turn = 0.0

    async def start(self) -> None:
        """Begins at once; what an earlier process left unfinished comes first."""
        self._watching = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """Waits a moment for answers that are under way; the next process repeats what is not settled by then."""
        if self._watching:
            await _cancel(self._watching)
        await asyncio.gather(*(lane.stop() for lane in self._lanes.values()))
        self._lanes.clear()
        await asyncio.to_thread(self._database.close)
        self._release()

    async def _watch(self) -> None:
        while True:
            try:
                # Of several gates of one site only one delivers; the others wait until it is gone.
                if self._lock is None:
                    self._lock = await self._database.run(_only_one)
                if self._lock is None:
                    await asyncio.sleep(STANDBY_SECONDS)
                else:
                    self._wake(await self._database.run(self._outbox.advance))
                    self._turn = time.monotonic()
            except Exception:
                log.exception("the outbox cannot be read")
                await asyncio.sleep(RECOVER_SECONDS)
            await asyncio.sleep(POLL_SECONDS)

    @property
    def delivers(self) -> bool:
        """Whether this process is the one that delivers for its site."""
        return self._lock is not None

    def _wake(self, heads: dict[str, datetime | None]) -> None:
        for endpoint, due in heads.items():
            lane = self._lanes.get(endpoint)
            if lane is None:
                lane = self._lanes[endpoint] = Lane(endpoint, self._database)
                lane.start()
            if due is None:
                lane.wake()

    def _release(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def metrics(self) -> Iterable[Metric]:
        """Attempts and their ends per system."""
        sent = CounterMetricFamily(
            "medaffairs_gate_deliveries", "Attempts by what became of them", labels=["endpoint", "outcome"]
        )
        up = GaugeMetricFamily(
            "medaffairs_gate_destination_up", "Whether the last attempt was answered", labels=["endpoint"]
        )
        for lane in self._lanes.values():
            up.add_metric([lane.endpoint], float(lane.up))
            for outcome, count in lane.outcomes.items():
                sent.add_metric([lane.endpoint, outcome], count)
        yield sent
        yield up

    def troubles(self) -> Iterable[str]:
        """Whether changes are being queued; a system that does not answer is no trouble of ours."""
        if self._turn and time.monotonic() - self._turn > 30:
            yield "changes are not being queued for other systems"


class Lane:
    """One system's queue: one message after the other, each until it is settled."""

    def __init__(self, endpoint: str, database: DatabaseThread) -> None:
        self.endpoint = endpoint
        self.up = False
        self.outcomes: dict[str, int] = {}
        self._database = database
        self._client: Client | None = None
        self._reached_by: deliveries.Connection | None = None
        self._used = 0.0
        self._news = asyncio.Event()
        self._task: asyncio.Task | None = None
        self._stopping = False
        self._idle = asyncio.Event()

    def start(self) -> None:
        """Begins to send."""
        self._task = asyncio.create_task(self._run())

    def wake(self) -> None:
        """Says that something may be sent."""
        self._news.set()

    async def stop(self) -> None:
        """Lets an answer that is under way arrive, for a few seconds."""
        self._stopping = True
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._idle.wait(), STOP_SECONDS)
        if self._task:
            await _cancel(self._task)
        await self._hang_up()

    async def _run(self) -> None:
        while not self._stopping:
            self._news.clear()
            try:
                parcel = await self._database.run(deliveries.take, self.endpoint)
            except Exception:
                log.exception("the queue of %s cannot be read", self.endpoint)
                await asyncio.sleep(RECOVER_SECONDS)
                continue
            if isinstance(parcel, deliveries.Parcel):
                self._idle.clear()
                outcome, answer = await self._attempt(parcel)
                await self._settle(parcel, outcome, answer)
            else:
                self._idle.set()
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(self._news.wait(), parcel.seconds if parcel else None)
        self._idle.set()

    async def _settle(self, parcel: deliveries.Parcel, outcome: rules.Outcome, answer: str) -> None:
        """Writes the outcome down, however often the database has to be asked."""
        self.up = bool(outcome.code)
        self.outcomes[outcome.status] = self.outcomes.get(outcome.status, 0) + 1
        while True:
            try:
                await self._database.run(deliveries.settle, parcel, outcome, answer)
                return
            except Exception:
                log.exception("the answer of %s to %s cannot be kept", self.endpoint, parcel.control_id)
                await asyncio.sleep(RECOVER_SECONDS)

    async def _attempt(self, parcel: deliveries.Parcel) -> tuple[rules.Outcome, str]:
        """Sends a message once and waits for its answer: what becomes of it, and the answer as text."""
        answer = b""
        try:
            reused = await self._connect(parcel.connection)
            assert self._client is not None
            try:
                answer = await self._client.send(parcel.payload, parcel.ack_timeout)
            except ConnectionError:
                if not reused:
                    raise
                # The peer was restarted while nothing was sent: that is not a failed attempt.
                await self._connect(parcel.connection)
                answer = await self._client.send(parcel.payload, parcel.ack_timeout)
            outcome = await self._understand(parcel, answer)
        except Exception as error:
            reason, arguments = explain(error, parcel.connection, parcel.ack_timeout)
            outcome = rules.Outcome(rules.RETRYING, "", reason, arguments, hang_up=True)
        if outcome.hang_up:
            # What still comes on this connection would be taken for the answer to the next message.
            await self._hang_up()
        return outcome, answer.decode("utf-8", "replace")

    async def _understand(self, parcel: deliveries.Parcel, answer: bytes) -> rules.Outcome:
        outcome = rules.judge(read_answer(answer), parcel.control_id, False, parcel.mode)
        if outcome is None:
            assert self._client is not None
            answer = await self._client.receive(parcel.ack_timeout)
            outcome = rules.judge(read_answer(answer), parcel.control_id, True, parcel.mode)
            assert outcome is not None
        return outcome

    async def _connect(self, connection: deliveries.Connection) -> bool:
        """Opens the connection unless there is one to the same place; whether there was."""
        fresh = time.monotonic() - self._used < IDLE_SECONDS
        self._used = time.monotonic()
        if self._client and self._client.connected and self._reached_by == connection and fresh:
            return True
        await self._hang_up()
        self._client = client_for(connection)
        self._reached_by = connection
        await connect(self._client)
        return False

    async def _hang_up(self) -> None:
        client, self._client = self._client, None
        if client:
            await client.close()


def _only_one() -> int | None:
    """Takes the site's lock for delivering; None while another process holds it. It ends with the process."""
    path = frappe.get_site_path("locks", "medaffairs_courier.lock")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle


async def _cancel(task: asyncio.Task) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
