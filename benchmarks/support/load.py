"""Keep-alive load from a process of its own: `python load.py PORT CONNECTIONS SECONDS RATE`, requests on stdin.

As fast as the server answers (RATE 0), or evenly at a rate whatever the server does: then a latency counts from
the moment at which the request was due, so that a server that stalls cannot hide it. Prints a line of JSON.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections import deque
from pathlib import Path


class Connection(asyncio.Protocol):
    """One connection: a request at a time, the next one when it is due."""

    def __init__(self, requests: list[bytes], latencies: list[float], until: float) -> None:
        self._requests, self._latencies, self._until = requests, latencies, until
        self._buffer, self._next, self._busy = b"", 0, False
        self._due: deque[float] = deque()
        self.closed = asyncio.get_running_loop().create_future()
        self.closed_loop = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def ask(self, due: float) -> None:
        """A request is due."""
        self._due.append(due)
        if not self._busy:
            self._send()

    def _send(self) -> None:
        self._busy = True
        self._transport.write(self._requests[self._next % len(self._requests)])
        self._next += 1

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, separator, rest = self._buffer.partition(b"\r\n\r\n")
        if not separator:
            return
        length = int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        if len(rest) < length:
            return
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(self._buffer.decode(errors="replace"))
        self._buffer = b""
        now = time.perf_counter()
        self._latencies.append(now - self._due.popleft())
        self._busy = False
        if now >= self._until:
            self._transport.close()
        elif self._due:
            self._send()
        elif self.closed_loop:
            self.ask(now)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.closed.done():
            self.closed.set_result(None)


async def drive(port: int, connections: int, seconds: float, rate: float, requests: list[bytes]) -> dict:
    """Loads the server; figures in seconds."""
    latencies: list[float] = []
    loop, start = asyncio.get_running_loop(), time.perf_counter()
    until = start + seconds
    made = []
    for number in range(connections):
        mine = requests[number::connections] or requests
        _, protocol = await loop.create_connection(
            lambda r=mine: Connection(r, latencies, until), "127.0.0.1", port
        )
        made.append(protocol)
    if rate:
        for protocol in made:
            protocol.closed_loop = False
        begun, sent = time.perf_counter(), 0
        while (now := time.perf_counter()) < until:
            while begun + sent / rate <= now:
                made[sent % connections].ask(begun + sent / rate)
                sent += 1
            await asyncio.sleep(0.0005)
        await asyncio.sleep(0.2)
    else:
        for protocol in made:
            protocol.ask(time.perf_counter())
        await asyncio.wait([protocol.closed for protocol in made], timeout=seconds + 5)
    elapsed = min(time.perf_counter(), until) - start
    return {"count": len(latencies), "seconds": elapsed, "latencies": sorted(latencies)}


def run(port: int, connections: int, seconds: float, rate: float, requests: list[bytes]) -> dict[str, float]:
    """Load from a second process: rate (per second), p50, p99 and worst (ms)."""
    process = subprocess.run(
        [sys.executable, str(Path(__file__)), str(port), str(connections), str(seconds), str(rate)],
        input=json.dumps([request.decode() for request in requests]), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if process.returncode:
        raise SystemExit(process.stderr + process.stdout)
    return json.loads(process.stdout)


def request(path: str, key: str) -> bytes:
    """A GET as it goes over the wire."""
    return f"GET {path} HTTP/1.1\r\nHost: gate\r\nAuthorization: token {key}\r\n\r\n".encode()


def main() -> None:
    """Loads and prints."""
    port, connections, seconds, rate = sys.argv[1:]
    requests = [text.encode() for text in json.loads(sys.stdin.read())]
    found = asyncio.run(drive(int(port), int(connections), float(seconds), float(rate), requests))
    sorted_ms = [value * 1000 for value in found["latencies"]]

    def at(share: float) -> float:
        return sorted_ms[min(len(sorted_ms) - 1, int(len(sorted_ms) * share))]

    print(
        json.dumps(
            {
                "rate": found["count"] / found["seconds"],
                "p50": at(0.5),
                "p99": at(0.99),
                "worst": sorted_ms[-1],
            }
        )
    )


if __name__ == "__main__":
    main()
