"""What the gate's process expects of the parts it is made of."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.metrics_core import Metric


class Service:
    """A part of the gate that is started, stopped and watched. A part overrides what it needs.

    Services start in the order in which the process lists them and stop in the opposite order.
    """

    async def start(self) -> None:
        """Begins to serve; raises when that is impossible (a busy port), which ends the process."""

    async def stop(self) -> None:
        """Finishes what was begun; nothing that was answered may be lost."""

    def metrics(self) -> Iterable[Metric]:
        """Families of figures for Prometheus, named `medaffairs_gate_…`."""
        return ()

    def troubles(self) -> Iterable[str]:
        """What does not work at present, in words; with any, `/health` says degraded."""
        return ()
