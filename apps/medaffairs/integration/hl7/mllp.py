"""MLLP, the framing of HL7 messages on a stream: 0x0B, the message, 0x1C 0x0D.

`Framer` cuts a stream into messages without doing any input or output; `Client` sends messages and waits for
their acknowledgements.
"""

from __future__ import annotations

import asyncio
import ssl
from types import TracebackType

START = b"\x0b"
END = b"\x1c\x0d"
MOST_BYTES = 16 * 1024 * 1024
CHUNK = 256 * 1024
HEAD_BYTES = 4096


class FrameError(Exception):
    """The stream cannot be cut into messages any more; the connection has to be closed."""


class FrameTooLarge(FrameError):
    """A message is larger than the limit; `head` is its beginning, so that its header can be answered."""

    def __init__(self, text: str, head: bytes = b"") -> None:
        super().__init__(text)
        self.head = head


def frame(message: bytes) -> bytes:
    """A message as it travels."""
    return START + message + END


class Framer:
    """Cuts a stream into messages; every byte is looked at once.

    Bytes between frames are counted in `garbage` and dropped, up to `most_garbage` in a row: line ends between
    frames are common, a peer that speaks something else is not worth listening to.
    """

    def __init__(self, most_bytes: int = MOST_BYTES, most_garbage: int = 64 * 1024) -> None:
        self.most_bytes = most_bytes
        self.most_garbage = most_garbage
        self.garbage = 0
        self._row = 0
        self._buffer = bytearray()
        self._open = False

    @property
    def open(self) -> bool:
        """Whether a frame has begun and not ended."""
        return self._open

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that these bytes complete, in their order.

        :raises FrameTooLarge: when a message exceeds `most_bytes`
        :raises FrameError: when the peer does not speak MLLP
        """
        messages: list[bytes] = []
        position = 0
        while position < len(data):
            if not self._open:
                position = self._begin(data, position)
                continue
            # The two bytes of the end may come apart.
            if self._buffer.endswith(END[:1]) and data.startswith(END[1:], position):
                self._buffer.pop()
                end, following = position, position + 1
            else:
                end = data.find(END, position)
                following = end + len(END)
            self._buffer += data[position : end if end >= 0 else len(data)]
            if len(self._buffer) > self.most_bytes:
                text = f"the message is larger than {self.most_bytes} bytes"
                raise FrameTooLarge(text, bytes(self._buffer[:HEAD_BYTES]))
            if end < 0:
                break
            messages.append(self._finish())
            position = following
        return messages

    def _finish(self) -> bytes:
        message = bytes(self._buffer)
        self._buffer.clear()
        self._open = False
        # A peer that broke off and began anew: only the message that it ended is one.
        begun = message.rfind(START) + 1
        self.garbage += begun
        return message[begun:] if begun else message

    def _begin(self, data: bytes, position: int) -> int:
        start = data.find(START, position)
        skipped = (len(data) if start < 0 else start) - position
        self.garbage += skipped
        self._row = self._row + skipped if start < 0 else 0
        if self._row > self.most_garbage:
            raise FrameError(f"{self._row} bytes without the start of a message")
        if start < 0:
            return len(data)
        self._open = True
        return start + 1


class Client:
    """A connection over which messages are sent one after the other.

    After a time-out or an error the connection is closed: what comes later on it would be taken for the answer
    to the next message.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        tls: ssl.SSLContext | None = None,
        connect_timeout: float = 10.0,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self.host, self.port, self.tls = host, port, tls
        self.connect_timeout = connect_timeout
        self.most_bytes = most_bytes
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._framer = Framer(most_bytes)
        self._waiting: list[bytes] = []

    @property
    def connected(self) -> bool:
        """Whether there is a connection, as far as is known."""
        return self._writer is not None and not self._writer.is_closing()

    async def connect(self) -> None:
        """Opens the connection.

        :raises OSError: when the peer is not there (also ssl.SSLError)
        :raises asyncio.TimeoutError: when it does not answer within `connect_timeout` seconds
        """
        await self.close()
        self._reader, self._writer = await asyncio.wait_for(
            asyncio.open_connection(self.host, self.port, ssl=self.tls), self.connect_timeout
        )
        self._framer, self._waiting = Framer(self.most_bytes), []

    async def send(self, message: bytes, timeout: float = 10.0) -> bytes:
        """Sends a message and returns the next one that comes back.

        :param timeout: seconds until the answer has to be there
        :raises asyncio.TimeoutError: when it is not
        :raises ConnectionError: when the peer closes the connection
        :raises FrameError: when the answer is no frame
        """
        try:
            return await asyncio.wait_for(self._exchange(message), timeout)
        except BaseException:
            await self.close()
            raise

    async def receive(self, timeout: float = 10.0) -> bytes:
        """The next message of the peer: after an accept acknowledgement the one of the application.

        Raises what `send` raises.
        """
        try:
            return await asyncio.wait_for(self._next(), timeout)
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Closes the connection; harmless when there is none."""
        writer, self._reader, self._writer = self._writer, None, None
        if writer is None:
            return
        writer.close()
        try:
            await asyncio.wait_for(writer.wait_closed(), 5)
        except (OSError, asyncio.TimeoutError):
            # The peer is gone already: there is nothing left to close.
            writer.transport.abort()

    async def _exchange(self, message: bytes) -> bytes:
        if self._writer is None:
            raise ConnectionError("not connected")
        self._writer.write(frame(message))
        await self._writer.drain()
        return await self._next()

    async def _next(self) -> bytes:
        if self._reader is None:
            raise ConnectionError("not connected")
        while not self._waiting:
            data = await self._reader.read(CHUNK)
            if not data:
                raise ConnectionError("the peer closed the connection")
            self._waiting += self._framer.feed(data)
        return self._waiting.pop(0)

    async def __aenter__(self) -> Client:
        await self.connect()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()
