"""A mail server for tests: it keeps what it takes, and refuses, drops or dawdles as it is told."""

from __future__ import annotations

import email
import email.policy
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

PASSWORD = "right-horse"


class Mailbox:
    """What arrived, each with the receiver for whom it came."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str, EmailMessage]] = []
        #: Answers by receiver; an address that is not named here is welcome.
        self.answers: dict[str, str] = {}
        self.delay = 0.0
        self.connections = 0
        self.hang_up = False
        self.lock = threading.Lock()

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        self.connections += 1
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.hang_up:
            server.transport.abort()
            return "421 gone"
        time.sleep(self.delay)
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        with self.lock:
            self.taken += [(envelope.mail_from, receiver, message) for receiver in envelope.rcpt_tos]
        return "250 OK"

    def receivers(self) -> list[str]:
        """Who got something, in the order in which it came."""
        return [receiver for _sender, receiver, _message in self.taken]

    def last(self) -> EmailMessage:
        """The newest message."""
        return self.taken[-1][2]


def certificate(folder: Path) -> ssl.SSLContext:
    """A context with a certificate that the server signed itself."""
    key, cert = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "2",
         "-subj", "/CN=localhost"],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context


def _sign_in(server, session, envelope, mechanism, data) -> AuthResult:
    right = data.password == PASSWORD.encode()
    return AuthResult(success=right, handled=False)


@contextmanager
def serve(**settings: object) -> Iterator[tuple[Mailbox, int]]:
    """A server on a free port of this machine: (its mailbox, the port)."""
    box = Mailbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port, ready_timeout=20, **settings)
    controller.start()
    try:
        yield box, port
    finally:
        controller.stop(no_assert=True)
