"""What the gate is told on its command line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """Where the gate finds its site and where it listens."""

    site: str
    sites_path: str = "."
    host: str = "127.0.0.1"
    http_port: int = 8001
    mllp_port: int = 2575
    # HL7 over TLS beside it; 0: not at all. With `tls_client_ca` senders must show a certificate of one of these.
    mllp_tls_port: int = 0
    tls_certificate: str = ""
    tls_key: str = ""
    tls_client_ca: str = ""
    # Largest HL7 message, and the longest pause within one.
    most_megabytes: int = 16
    gap_seconds: float = 30.0
    # After so many seconds without the database the fail mode decides.
    stale_seconds: float = 5.0
