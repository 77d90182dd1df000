"""A gate of one's own: the real process of the host, started by its command, that tests may kill."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from pathlib import Path

import requests
from e2e.stack import bench_command, free_port

from medaffairs.integration.hl7.mllp import Client
from medaffairs.integration.hl7.reader import Message

START_SECONDS = 60


class GateProcess:
    """`bench medaffairs-gate` for the site under test."""

    def __init__(self, folder: Path) -> None:
        self.http, self.mllp = free_port(), free_port()
        self.log = folder / "gate.log"
        self._process: subprocess.Popen | None = None

    def start(self, *more: str) -> None:
        """Starts it, with more on its command line, and waits until it is ready to decide."""
        arguments = ["--site", os.environ["SITE"], "medaffairs-gate"]
        arguments += ["--http-port", str(self.http), "--mllp-port", str(self.mllp)]
        # Small limits, so that the tests reach them.
        arguments += ["--max-message", "4", "--message-timeout", "1", *more]
        with self.log.open("a") as output:
            self._process = subprocess.Popen(
                [bench_command(), *arguments],
                cwd=os.environ["SITES_PATH"],
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self.healthy():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the gate did not start:\n{self.log.read_text()[-3000:]}")
            time.sleep(0.1)

    def healthy(self) -> bool:
        """Whether it says that it is well."""
        try:
            return requests.get(f"http://127.0.0.1:{self.http}/health", timeout=5).status_code == 200
        except requests.RequestException:
            return False

    def metric(self, name: str) -> float:
        """The sum of a figure over its labels."""
        text = requests.get(f"http://127.0.0.1:{self.http}/metrics", timeout=5).text
        return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(name))

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    def kill(self) -> None:
        """Ends it without any chance to tidy up."""
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """Ends it politely."""
        if self.alive:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(timeout=30)

    def client(self) -> Client:
        """A sender, not connected yet."""
        return Client("127.0.0.1", self.mllp)

    def ask(self, *messages: bytes, timeout: float = 30) -> list[bytes]:
        """Sends messages over one connection; their answers."""

        async def story() -> list[bytes]:
            async with self.client() as client:
                return [await client.send(message, timeout) for message in messages]

        return asyncio.run(story())


def read(answer: bytes) -> Message:
    """An answer, to be looked into."""
    return Message(answer)


def wait_until(condition, seconds: float = 20) -> None:
    """Waits for something that happens by itself; fails when it does not."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)
