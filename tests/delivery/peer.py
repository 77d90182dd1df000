"""A system at the other end of a real socket that does exactly what its script says, and remembers what it saw."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Awaitable, Callable
from datetime import datetime

from medaffairs.integration.hl7 import mllp
from medaffairs.integration.hl7.reader import Header, Message
from medaffairs.integration.hl7.writer import acknowledge, build, header, segment

Step = Callable[["Visit", bytes], Awaitable[None]]


class Visit:
    """One connection that somebody opened to the peer."""

    def __init__(self, number: int, writer: asyncio.StreamWriter) -> None:
        self.number = number
        self._writer = writer

    async def write(self, data: bytes) -> None:
        """Sends bytes as they are."""
        self._writer.write(data)
        with contextlib.suppress(ConnectionError):
            await self._writer.drain()

    async def answer(self, message: bytes, code: str = "AA", text: str = "") -> None:
        """Acknowledges a message."""
        await self.write(mllp.frame(acknowledge(Header.parse(message), code, text)))

    def reset(self) -> None:
        """Breaks the connection without a goodbye."""
        self._writer.transport.abort()

    def close(self) -> None:
        """Ends the connection."""
        self._writer.close()


def answers(code: str, text: str = "") -> Step:
    """Answers with this code."""

    async def step(visit: Visit, message: bytes) -> None:
        await visit.answer(message, code, text)

    return step


def answers_another(control_id: str) -> Step:
    """Acknowledges a message that was never sent."""

    async def step(visit: Visit, message: bytes) -> None:
        head = header(("ACK",), "X", datetime.now(), sender=("PEER", ""), receiver=("", ""))
        await visit.write(mllp.frame(build([head, segment("MSA", ["AA", control_id])])))

    return step


def answers_after(seconds: float, code: str = "AA") -> Step:
    """Answers too late."""

    async def step(visit: Visit, message: bytes) -> None:
        await asyncio.sleep(seconds)
        await visit.answer(message, code)

    return step


def writes(data: bytes) -> Step:
    """Answers with these bytes."""

    async def step(visit: Visit, message: bytes) -> None:
        await visit.write(data)

    return step


async def stays_silent(visit: Visit, message: bytes) -> None:
    """Takes the message and says nothing."""


async def resets(visit: Visit, message: bytes) -> None:
    """Takes the message and breaks the connection."""
    visit.reset()


accepts = answers("AA")


class Peer:
    """Listens on a port of its own; each message that arrives is handled by the next step of the script.

    When the script is over, everything is accepted.
    """

    def __init__(self, *script: Step, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self.script = list(script)
        self.port, self.tls = port, tls
        self.seen: list[bytes] = []
        self.connections = 0
        self._news = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task] = set()
        self._visits: list[Visit] = []

    async def __aenter__(self) -> Peer:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for visit in self._visits:
            visit.reset()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        visit, framer = Visit(self.connections, writer), mllp.Framer()
        self._visits.append(visit)
        self._tasks.add(asyncio.current_task())
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            while data := await reader.read(65536):
                for message in framer.feed(data):
                    self.seen.append(message)
                    step = self.script.pop(0) if self.script else accepts
                    self._news.set()
                    await step(visit, message)
        visit.close()

    @property
    def control_ids(self) -> list[str]:
        """MSH-10 of everything that arrived, in order."""
        return [Header.parse(message).control_id for message in self.seen]

    @property
    def kinds(self) -> list[str]:
        """MSH-9 of everything that arrived, in order."""
        return [Header.parse(message).message_type for message in self.seen]

    def message(self, number: int) -> Message:
        """One of the messages that arrived; -1 is the last."""
        return Message(self.seen[number])

    async def until(self, count: int, seconds: float = 20.0) -> None:
        """Waits until this many messages have arrived.

        :raises asyncio.TimeoutError: when they do not
        """
        async with asyncio.timeout(seconds):
            while len(self.seen) < count:
                self._news.clear()
                await self._news.wait()
