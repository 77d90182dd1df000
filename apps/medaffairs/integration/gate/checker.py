"""Strict validation beside the event loop: a process of its own that is asked one message after the other.

hl7apy takes milliseconds where the gate takes microseconds, and its time grows with the message; whoever did not ask for it
must not wait for it. A process can be ended when a message is too much for it, a thread cannot.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import sys

from medaffairs.integration.hl7 import standard

# For the largest message that is judged (rules/reception.py) hl7apy takes three.
SECONDS = 10.0
# A fault quotes the message; a line of this length is read at once.
LONGEST_ANSWER = 4 * 1024 * 1024

log = logging.getLogger("medaffairs.gate.checker")


class Unchecked(Exception):
    """A message could not be judged: the checker ended, or did not answer in time."""


class Checker:
    """Starts its process when the first message comes, and again when it was lost."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()
        self.lost = 0

    async def faults(self, text: str) -> str:
        """What is wrong with a message; empty when nothing is.

        :raises Unchecked: when that cannot be told
        """
        async with self._turn:
            try:
                return await asyncio.wait_for(self._ask(text), self._seconds)
            except (OSError, ValueError, asyncio.TimeoutError) as error:
                self.lost += 1
                log.error("strict validation failed: %s", error or type(error).__name__)
                await self._end()
                raise Unchecked from error
            except asyncio.CancelledError:
                # The answer that is still to come would be taken for that of the next message.
                await self._end()
                raise

    async def close(self) -> None:
        """Ends the process."""
        async with self._turn:
            await self._end()

    async def _ask(self, text: str) -> str:
        process = await self._running()
        process.stdin.write(json.dumps(text).encode() + b"\n")
        await process.stdin.drain()
        line = await process.stdout.readline()
        if not line:
            raise OSError("the process of the checker ended")
        return json.loads(line)

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", standard.__name__,
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=LONGEST_ANSWER,
                start_new_session=True,
            )  # fmt: skip
        return self._process

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
