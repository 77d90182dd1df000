"""Encrypted connections: only a peer whose certificate the hospital trusts hears of privileges."""

from __future__ import annotations

import asyncio
import ssl

import pytest
from delivery.hospital import delivering, grant, settled
from delivery.peer import Peer
from support.certificates import Pair, make


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """What the peer proves with who it is."""
    return make(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def encryption(certificate: Pair) -> ssl.SSLContext:
    """How the peer encrypts."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.certificate, certificate.key)
    return context


@pytest.mark.parametrize("trusted", [True, False], ids=["its certificate is trusted", "nothing is checked"])
def test_messages_travel_encrypted(make_endpoint, certificate, encryption, trusted):
    async def story():
        settings = {"tls_ca": certificate.text} if trusted else {"tls_verify": 0}
        async with Peer(tls=encryption) as peer, delivering():
            endpoint = make_endpoint(peer.port, tls=1, **settings)
            grant()
            await settled(endpoint, "Acknowledged")
            assert peer.kinds == ["PMU^B07"]

    asyncio.run(story())


def test_a_peer_that_nobody_vouches_for_hears_nothing(make_endpoint, encryption):
    async def story():
        async with Peer(tls=encryption) as peer, delivering():
            endpoint = make_endpoint(peer.port, tls=1)
            grant()
            waiting = await settled(endpoint, "Retrying")
            assert "加密连接失败" in waiting[0].error
            assert peer.seen == []

    asyncio.run(story())


def test_a_peer_that_does_not_encrypt_hears_nothing(make_endpoint, certificate):
    async def story():
        async with Peer() as peer, delivering():
            endpoint = make_endpoint(peer.port, tls=1, tls_ca=certificate.text)
            grant()
            await settled(endpoint, "Retrying")
            assert peer.seen == []

    asyncio.run(story())
