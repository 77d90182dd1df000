"""HL7 over TLS: the gate proves who it is and, where the hospital wants it, so does the sender."""

from __future__ import annotations

import asyncio
import os
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e.stack import bench_command, free_port
from support import certificates
from support.gate_process import GateProcess, read, wait_until
from support.hospital import APPENDIX, SURGEON
from support.messages import booking, person, procedure

from medaffairs.integration.hl7.mllp import Client

pytestmark = pytest.mark.usefixtures("fresh")


def asked(port: int, context: ssl.SSLContext | None, control: str) -> str:
    """What MSA-1 says to a booking over an encrypted connection."""

    async def story() -> bytes:
        async with Client("127.0.0.1", port, tls=context) as client:
            sent = booking(control, procedure(APPENDIX), person(SURGEON), appointment=control)
            return await client.send(sent, 30)

    return read(asyncio.run(story())).get("MSA-1")


class Encrypted(GateProcess):
    """A gate with a certificate that wants one of its senders, too."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.tls = free_port()
        self.own = certificates.make(folder, "gate")
        self.sender = certificates.make(folder, "sender")

    def begin(self) -> None:
        self.start(
            "--mllp-tls-port", str(self.tls), "--tls-certificate", str(self.own.certificate),
            "--tls-key", str(self.own.key), "--tls-client-ca", str(self.sender.certificate),
        )  # fmt: skip

    def context(self, sender: certificates.Pair | None, trusted: str | None = None) -> ssl.SSLContext:
        """How a sender connects who trusts a certificate."""
        made = ssl.create_default_context(cadata=trusted or self.own.text)
        if sender:
            made.load_cert_chain(sender.certificate, sender.key)
        return made


@pytest.fixture(scope="module")
def encrypted(hospital: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Encrypted]:
    process = Encrypted(tmp_path_factory.mktemp("encrypted"))
    process.begin()
    yield process
    process.stop()


def test_a_known_sender_is_heard_on_both_ports(encrypted: Encrypted) -> None:
    assert asked(encrypted.tls, encrypted.context(encrypted.sender), "T-E1") == "AA"
    assert asked(encrypted.mllp, None, "T-E2") == "AA"


def test_a_sender_without_a_certificate_or_with_a_stranger_s_is_not_heard(
    encrypted: Encrypted, tmp_path: Path
) -> None:
    for sender in (None, certificates.make(tmp_path, "stranger")):
        with pytest.raises((ssl.SSLError, ConnectionError)):
            asked(encrypted.tls, encrypted.context(sender), "T-E3")
    assert asked(encrypted.tls, encrypted.context(encrypted.sender), "T-E4") == "AA"


def test_plain_text_on_the_encrypted_port_disturbs_nobody(encrypted: Encrypted) -> None:
    with pytest.raises(ConnectionError):
        asked(encrypted.tls, None, "T-E5")
    assert encrypted.healthy() and asked(encrypted.tls, encrypted.context(encrypted.sender), "T-E6") == "AA"


def test_a_renewed_certificate_is_used_and_a_broken_one_is_not(encrypted: Encrypted, tmp_path: Path) -> None:
    renewed = certificates.make(tmp_path, "gate")
    shutil.copy(renewed.certificate, encrypted.own.certificate)
    wait_until(lambda: "renewed certificate cannot be used" in encrypted.log.read_text())
    assert asked(encrypted.tls, encrypted.context(encrypted.sender), "T-E7") == "AA"
    shutil.copy(renewed.key, encrypted.own.key)
    wait_until(lambda: "certificate was read again" in encrypted.log.read_text())
    assert asked(encrypted.tls, encrypted.context(encrypted.sender, renewed.text), "T-E8") == "AA"


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--tls-certificate", "nowhere.pem", "--tls-key", "nowhere.key"], "nowhere.pem"),
        (["--tls-certificate", "nowhere.pem"], "needs --tls-certificate and --tls-key"),
    ],
)
def test_a_gate_without_its_certificate_does_not_start(
    hospital: str, options: list[str], complaint: str
) -> None:
    ports = ["--http-port", str(free_port()), "--mllp-port", str(free_port()), "--mllp-tls-port", "1"]
    done = subprocess.run(
        [bench_command(), "--site", os.environ["SITE"], "medaffairs-gate", *ports, *options],
        cwd=os.environ["SITES_PATH"], capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode and complaint in done.stderr and "Traceback" not in done.stderr
