"""Encrypted connections: only a peer whose certificate the hospital trusts hears of privileges."""

from __future__ import annotations

import asyncio
import ssl
from datetime import datetime, timedelta, timezone
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from delivery.hospital import delivering, grant, settled
from delivery.peer import Peer


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A certificate for 127.0.0.1 that signs itself, as text, and the file with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(timezone.utc)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    text = made.public_bytes(serialization.Encoding.PEM).decode()
    file = tmp_path_factory.mktemp("tls") / "peer.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_text(text + secret.decode())
    return text, file


@pytest.fixture
def encryption(certificate: tuple[str, Path]) -> ssl.SSLContext:
    """How the peer encrypts."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate[1])
    return context


@pytest.mark.parametrize("trusted", [True, False], ids=["its certificate is trusted", "nothing is checked"])
def test_messages_travel_encrypted(make_endpoint, certificate, encryption, trusted):
    async def story():
        settings = {"tls_ca": certificate[0]} if trusted else {"tls_verify": 0}
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
            endpoint = make_endpoint(peer.port, tls=1, tls_ca=certificate[0])
            grant()
            await settled(endpoint, "Retrying")
            assert peer.seen == []

    asyncio.run(story())
