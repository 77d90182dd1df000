"""The gate's MLLP door: messages in, decisions and acknowledgements out.

The event loop cuts the stream into messages, decides from memory and writes the answer; the committer's thread
keeps it; only then does the answer leave. When more is waiting to be kept than the process should hold,
nobody is read from until it is less: the senders wait, nothing is dropped.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import ssl
import time
from collections import deque
from collections.abc import Iterable, Sequence
from datetime import datetime

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from medaffairs.integration import processing, snapshot
from medaffairs.integration.gate.checker import Checker, Unchecked
from medaffairs.integration.gate.committer import Committer
from medaffairs.integration.gate.database import DatabaseThread
from medaffairs.integration.gate.ledger import Ledger
from medaffairs.integration.gate.options import Options
from medaffairs.integration.gate.service import Service
from medaffairs.integration.gate.tls import Certificate
from medaffairs.integration.gate.trail import Trail
from medaffairs.integration.hl7 import writer
from medaffairs.integration.hl7.mllp import FrameError, Framer, FrameTooLarge, frame
from medaffairs.integration.hl7.reader import HL7Error
from medaffairs.integration.rules import reception
from medaffairs.integration.rules.acts import Act
from medaffairs.integration.rules.directory import Directory
from medaffairs.integration.store import Arrival, access
from medaffairs.privileging.rules import Decision

log = logging.getLogger("medaffairs.gate.intake")

MOST_WAITING = 2000
MOST_WAITING_BYTES = 64 * 1024 * 1024
FRAME_SECONDS = 300.0
HANDSHAKE_SECONDS = 15.0
REFRESH_SECONDS = 1.0
# Why a connection is not read from while one of its messages is judged strictly.
CHECKING = "checking"
# For so long after a message senders come first, and processing has this share of the time.
BUSY_SECONDS = 0.5
SHARE = 0.2


class Connection(asyncio.Protocol):
    """One sender."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._framer = Framer(intake.most_bytes)
        self._transport: asyncio.Transport | None = None
        self._holds: set[str] = set()
        self._unserved: deque[bytes] = deque()
        self._heard = self._begun = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self.peer = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A sender has come."""
        self._transport = transport
        name = transport.get_extra_info("peername")
        self.peer = name[0] if name else ""
        self._intake.connections.add(self)
        if self._intake.full:
            self.hold("waiting")

    def connection_lost(self, exc: Exception | None) -> None:
        """A sender has gone; what it sent is kept all the same."""
        self._intake.connections.discard(self)
        self._transport = None
        if self._timer:
            self._timer.cancel()
        if self._framer.open:
            log.warning("%s went away in the middle of a message", self.peer)

    def data_received(self, data: bytes) -> None:
        """Bytes have come."""
        was_open, garbage = self._framer.open, self._framer.garbage
        self._heard = time.monotonic()
        try:
            messages = self._framer.feed(data)
        except FrameTooLarge as error:
            self._intake.refuse_frame(self, error)
            self.close()
            return
        except FrameError as error:
            log.warning("%s does not speak MLLP: %s", self.peer, error)
            self.close()
            return
        self._intake.garbage += self._framer.garbage - garbage
        self._unserved.extend(messages)
        self._serve()
        if self._framer.open:
            if messages or not was_open:
                self._begun = self._heard
            if self._timer is None:
                self._watch()

    def _serve(self) -> None:
        """Hands over what was read, one after the other: nothing overtakes a message that is being judged."""
        while self._unserved and CHECKING not in self._holds:
            self._intake.receive(self, self._unserved.popleft())

    def send(self, answers: Sequence[bytes]) -> None:
        """Writes answers, unless the sender has gone: then it asks again and gets the same ones."""
        if self._transport and not self._transport.is_closing():
            self._transport.write(b"".join(map(frame, answers)))

    def hold(self, reason: str) -> None:
        """Stops reading for a reason."""
        if not self._holds and self._transport and not self._transport.is_closing():
            self._transport.pause_reading()
        self._holds.add(reason)

    def release(self, reason: str) -> None:
        """Goes on reading when no other reason is left."""
        self._holds.discard(reason)
        self._serve()
        if not self._holds and self._transport and not self._transport.is_closing():
            # What could not be read meanwhile is not the sender's delay.
            self._heard = self._begun = time.monotonic()
            self._transport.resume_reading()

    def pause_writing(self) -> None:
        """The sender does not read its answers: it may not send more."""
        self.hold("writing")

    def resume_writing(self) -> None:
        """The sender reads again."""
        self.release("writing")

    def close(self) -> None:
        """Ends the connection after what was written."""
        if self._transport:
            self._transport.close()

    def _watch(self) -> None:
        """Closes the connection of a sender that begins a message and does not end it."""
        self._timer = None
        if not self._framer.open or self._transport is None:
            return
        now = time.monotonic()
        silent, slow = now - self._heard, now - self._begun
        if not self._holds and (silent >= self._intake.gap_seconds or slow >= FRAME_SECONDS):
            log.warning("%s is too slow: a message of which the end does not come", self.peer)
            self._intake.slow += 1
            self.close()
            return
        wait = max(self._intake.gap_seconds - silent, 0.05)
        self._timer = asyncio.get_running_loop().call_later(wait, self._watch)


class Intake(Service):
    """Receives, decides, keeps and answers."""

    def __init__(self, ledger: Ledger, trail: Trail, options: Options) -> None:
        self._ledger, self._trail = ledger, trail
        self._host, self._port, self._tls_port = options.host, options.mllp_port, options.mllp_tls_port
        self._certificate = (
            Certificate(options.tls_certificate, options.tls_key, options.tls_client_ca)
            if self._tls_port
            else None
        )
        self.most_bytes = options.most_megabytes * 1024 * 1024
        self.gap_seconds = options.gap_seconds
        self._committer = Committer(options.site, options.sites_path, self._kept, self._say)
        self._checker = Checker()
        self._judging: set[asyncio.Task] = set()
        self._background = DatabaseThread(options.site, options.sites_path, "processor")
        self._loop: asyncio.AbstractEventLoop | None = None
        self._servers: list[asyncio.Server] = []
        self._tasks: list[asyncio.Task] = []
        self._wake = asyncio.Event()
        self._directory: Directory | None = None
        self._fingerprint: tuple = ()
        self._owners: dict[int, Connection] = {}
        self._waiting_bytes = 0
        self._heard = 0.0
        self.connections: set[Connection] = set()
        self.counts: dict[tuple[str, str], int] = {}
        self.garbage = self.slow = self.resent = self.pauses = 0
        self._paused = False

    async def start(self) -> None:
        """Listens.

        :raises OSError: when the port is in use
        """
        self._loop = asyncio.get_running_loop()
        self._committer.start()
        await self._listen(self._port)
        if self._certificate:
            await self._listen(self._tls_port, self._certificate.context)
        self._tasks = [asyncio.create_task(self._refresh()), asyncio.create_task(self._process())]

    async def _listen(self, port: int, tls: ssl.SSLContext | None = None) -> None:
        assert self._loop is not None
        server = await self._loop.create_server(
            lambda: Connection(self), self._host, port, backlog=256, ssl=tls,
            ssl_handshake_timeout=HANDSHAKE_SECONDS if tls else None,
        )  # fmt: skip
        self._servers.append(server)
        log.info("HL7 on %s:%s%s", self._host, port, " (TLS)" if tls else "")

    async def stop(self) -> None:
        """Reads no more, keeps and answers what was read, then closes."""
        for server in self._servers:
            server.close()
        for connection in self.connections:
            connection.hold("stopping")
        # What was not judged is not answered either: its sender sends it again.
        for task in list(self._judging):
            task.cancel()
        await self._checker.close()
        await asyncio.to_thread(self._committer.close)
        # The answers of the last batch are written by the loop.
        await asyncio.sleep(0)
        for connection in list(self.connections):
            connection.close()
        for task in self._tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await asyncio.to_thread(self._background.close)

    @property
    def full(self) -> bool:
        """Whether as much is waiting to be kept as the process should hold."""
        return len(self._owners) >= MOST_WAITING or self._waiting_bytes >= MOST_WAITING_BYTES

    def receive(self, connection: Connection, data: bytes) -> None:
        """Takes a message; one that is to be judged strictly as soon as it was."""
        self._heard = time.monotonic()
        directory = self._directory
        text = (
            reception.to_judge(data, connection.peer, directory) if directory and directory.strict else None
        )
        if text is None:
            self._take(connection, data)
            return
        connection.hold(CHECKING)
        task = asyncio.create_task(self._judge(connection, data, text, directory))
        self._judging.add(task)
        task.add_done_callback(self._judging.discard)

    async def _judge(self, connection: Connection, data: bytes, text: str, directory: Directory) -> None:
        """Judges a message strictly and takes it; whatever happens, its connection goes on."""
        try:
            refusal = await self._refusal(data, text, directory)
        except Exception:
            log.exception("a message could not be judged")
            refusal = reception.failed(data, self._say)
        self._take(connection, data, refusal)
        connection.release(CHECKING)

    async def _refusal(self, data: bytes, text: str, directory: Directory) -> reception.Reception | None:
        if len(text) > reception.LARGEST_JUDGED:
            return reception.too_large_to_judge(data, directory)
        try:
            fault = await self._checker.faults(text)
        except Unchecked:
            return reception.not_judged(data, directory)
        return reception.faulty(data, fault, directory) if fault else None

    def _take(self, connection: Connection, data: bytes, refusal: reception.Reception | None = None) -> None:
        """Decides a message and hands it over to be kept."""
        started = time.perf_counter()
        now = self._ledger.now()
        arrival = Arrival(
            data=data,
            peer=connection.peer,
            content_hash=hashlib.sha256(data).hexdigest(),
            received_at=now,
            reception=refusal or self._decide(data, connection.peer, now),
        )
        arrival.duration_ms = round((time.perf_counter() - started) * 1000)
        self._owners[id(arrival)] = connection
        self._waiting_bytes += len(data)
        self._committer.put(arrival)
        if self.full and not self._paused:
            self._paused = True
            self.pauses += 1
            for other in self.connections:
                other.hold("waiting")

    def refuse_frame(self, connection: Connection, error: FrameTooLarge) -> None:
        """Tells the sender of a message that is too large; nothing of it is kept."""
        log.warning("%s: %s", connection.peer, error)
        self._count("", writer.REJECTED)
        complaint = HL7Error("The message is larger than {0} MB", code="207", values=(self.most_bytes >> 20,))
        try:
            header = reception.acceptance.read_header(error.head, self._directory or Directory())
        except HL7Error:
            connection.send([writer.unreadable(complaint, self._say)])
            return
        connection.send(reception.answers.refused(header, writer.REJECTED, complaint, self._say))

    def _decide(self, data: bytes, peer: str, now: datetime) -> reception.Reception:
        directory = self._directory
        try:
            if directory is None:
                header = reception.acceptance.read_header(data, Directory())
                return reception.unavailable(header, data, reception.NOT_READY)
            return reception.receive(data, peer, directory, self._ask, now)
        except HL7Error as error:
            return reception.unreadable(data, error)
        except Exception:
            log.exception("a message could not be worked on")
            return reception.failed(data, self._say)

    def _say(self, sentence: str) -> str:
        return self._directory.say(sentence) if self._directory else sentence

    def _ask(self, act: Act) -> Decision | None:
        return self._ledger.decide(act.practitioner, act.kind, act.code, act.at, act.emergency)

    def _kept(self, batch: Sequence[Arrival]) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._answer, batch)

    def _answer(self, batch: Sequence[Arrival]) -> None:
        for arrival in batch:
            connection = self._owners.pop(id(arrival))
            self._waiting_bytes -= len(arrival.data)
            self._send(connection, arrival)
            header = arrival.reception.header
            self._count(header.message_code if header else "", arrival.reception.code)
            self.resent += arrival.resent
        self._wake.set()
        if self._paused and not self._half_full:
            self._paused = False
            for connection in self.connections:
                connection.release("waiting")

    def _send(self, connection: Connection, arrival: Arrival) -> None:
        try:
            self._trail.note(access(arrival, self._ledger.now()))
        except OSError:
            # What cannot be recorded is not answered; the sender asks again and gets the same answer.
            log.exception("an access cannot be recorded")
            connection.close()
        else:
            connection.send(arrival.answers)

    @property
    def _half_full(self) -> bool:
        return len(self._owners) * 2 >= MOST_WAITING or self._waiting_bytes * 2 >= MOST_WAITING_BYTES

    def _count(self, message_code: str, code: str) -> None:
        known = message_code if message_code in reception.acceptance.SUPPORTED else "other"
        self.counts[known, code] = self.counts.get((known, code), 0) + 1

    async def _refresh(self) -> None:
        """Keeps the directory up to date."""
        while True:
            try:
                found = await self._background.run(_newer_directory, self._fingerprint)
                if found:
                    self._fingerprint, self._directory = found
            except Exception:
                log.exception("the directory cannot be read")
            if self._certificate:
                self._certificate.refresh()
            await asyncio.sleep(REFRESH_SECONDS)

    async def _process(self) -> None:
        """Turns what was kept into facts, a few messages at a time so that senders do not wait for it."""
        while True:
            self._wake.clear()
            started = time.monotonic()
            try:
                done = await self._background.run(processing.process_batch)
            except Exception:
                log.exception("messages cannot be processed")
                done = 0
            now = time.monotonic()
            if not done:
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), 5)
            elif now - self._heard < BUSY_SECONDS:
                # While senders are being served, processing takes its share and not more.
                await asyncio.sleep((now - started) * (1 / SHARE - 1))

    def troubles(self) -> Iterable[str]:
        """What keeps messages from being accepted."""
        if self._directory is None:
            yield "the directory of codes is not loaded yet"
        if self._committer.failing:
            yield f"HL7 messages cannot be kept: {self._committer.failing}"

    def metrics(self) -> Iterable[Metric]:
        """Messages by type and answer, connections, what waits."""
        family = CounterMetricFamily(
            "medaffairs_gate_hl7_messages", "Messages by type and answer", labels=("type", "code")
        )
        for (kind, code), count in self.counts.items():
            family.add_metric((kind, code), count)
        yield family
        for name, words, value in (
            ("resent", "Messages answered with their stored answer", self.resent),
            ("commits", "Transactions in which messages were kept", self._committer.batches),
            ("garbage_bytes", "Bytes outside of messages", self.garbage),
            ("slow_senders", "Connections closed because a message did not end", self.slow),
            ("unjudged", "Messages that could not be judged strictly", self._checker.lost),
            ("pauses", "Times at which reading stopped because too much was waiting", self.pauses),
        ):
            yield CounterMetricFamily(f"medaffairs_gate_hl7_{name}", words, value)
        yield GaugeMetricFamily("medaffairs_gate_hl7_connections", "Open connections", len(self.connections))
        yield GaugeMetricFamily("medaffairs_gate_hl7_waiting", "Messages to be kept", len(self._owners))


def _newer_directory(known: tuple) -> tuple[tuple, Directory] | None:
    current = snapshot.fingerprint()
    return None if current == known else (current, snapshot.load())
