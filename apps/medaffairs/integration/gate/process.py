"""The gate's process: its services, how they start and how they stop."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import Sequence

from medaffairs.integration.gate.database import DatabaseThread
from medaffairs.integration.gate.http import HttpDoor
from medaffairs.integration.gate.intake import Intake
from medaffairs.integration.gate.ledger import Ledger
from medaffairs.integration.gate.options import Options
from medaffairs.integration.gate.service import Service
from medaffairs.integration.gate.trail import Trail
from medaffairs.integration.outbound.courier import Courier

SWITCH_SECONDS = 0.0001
log = logging.getLogger("medaffairs.gate")


def services(options: Options) -> Sequence[Service]:
    """Everything the gate consists of, in the order in which it starts."""
    parts: list[Service] = []
    ledger = Ledger(options.site, options.sites_path, options.stale_seconds)
    trail = Trail(options.site, options.sites_path)
    # The HTTP door tells of all parts, also of those that are listed after it.
    parts += [
        ledger,
        trail,
        Intake(ledger, trail, options),
        HttpDoor(ledger, trail, options.host, options.http_port, parts),
    ]
    # A thread of its own: a full synchronisation must not keep those waiting who ask.
    parts.append(Courier(DatabaseThread(options.site, options.sites_path, "courier")))
    return parts


async def serve(options: Options) -> None:
    """Runs until a signal says stop; what has started is stopped, whatever happens."""
    # The threads of the database share the interpreter with the event loop: it must not wait long for its turn.
    sys.setswitchinterval(SWITCH_SECONDS)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    started: list[Service] = []
    try:
        for service in services(options):
            started.append(service)
            await service.start()
        await stop.wait()
    finally:
        for service in reversed(started):
            try:
                await service.stop()
            except Exception:
                log.exception("%s did not stop cleanly", type(service).__name__)
