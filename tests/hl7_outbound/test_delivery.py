"""Delivery to other systems over real sockets: whatever the peer does, nothing is lost, doubled or overtaken."""

from __future__ import annotations

import asyncio
import time

from hl7_outbound.hospital import delivering, grant, revoke, settled
from hl7_outbound.peer import (
    Peer,
)


def run(story) -> None:
    """Plays an asynchronous story."""
    asyncio.run(story)


def test_a_grant_and_a_revoke_reach_the_peer_within_a_second_of_their_commit(make_endpoint):
    async def story():
        async with Peer() as peer, delivering():
            endpoint = make_endpoint(peer.port)
            name = grant()
            await peer.until(1)
            await settled(endpoint, "Acknowledged")
            started = time.monotonic()
            revoke(name)
            await peer.until(2)
            assert time.monotonic() - started < 1
            assert peer.kinds == ["PMU^B07", "PMU^B08"]
            await settled(endpoint, "Acknowledged", "Acknowledged")

    run(story())
