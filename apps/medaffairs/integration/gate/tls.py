"""The certificate with which the gate proves who it is to senders that encrypt (HL7 v2 over MLLP over TLS, IHE ATNA ITI-19)."""

from __future__ import annotations

import logging
import ssl
from pathlib import Path

log = logging.getLogger("medaffairs.gate.tls")


class TlsError(Exception):
    """The files named on the command line make no certificate."""


class Certificate:
    """Certificate, key and, where senders have to prove who they are, the authorities of their certificates.

    A renewed certificate is used for new connections as soon as its files have changed.

    :raises TlsError: when the files cannot be read or do not belong together
    """

    def __init__(self, certificate: str, key: str, client_authorities: str = "") -> None:
        self._certificate, self._key = Path(certificate), Path(key)
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            self._load(self.context)
            if client_authorities:
                self.context.load_verify_locations(client_authorities)
                self.context.verify_mode = ssl.CERT_REQUIRED
        except (OSError, ssl.SSLError) as error:
            names = ", ".join(filter(None, (certificate, key, client_authorities)))
            raise TlsError(f"{names}: {error.strerror or error}") from None
        self._changed = self._stamp()

    def refresh(self) -> None:
        """Reads the files again when they have changed; half-written ones are tried again later."""
        try:
            stamp = self._stamp()
            if stamp == self._changed:
                return
            # A context takes a certificate before it finds that the key is another one's: try elsewhere first.
            self._load(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
            self._load(self.context)
        except (OSError, ssl.SSLError) as error:
            log.error("the renewed certificate cannot be used: %s", error)
            return
        self._changed = stamp
        log.info("the certificate was read again")

    def _load(self, context: ssl.SSLContext) -> None:
        context.load_cert_chain(self._certificate, self._key)

    def _stamp(self) -> tuple[int, ...]:
        return tuple(path.stat().st_mtime_ns for path in (self._certificate, self._key))
