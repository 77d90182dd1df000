"""The gate's command."""

from __future__ import annotations

import asyncio
import errno
import logging
from typing import Any

import click
from frappe.commands import get_site, pass_context


@click.command("medaffairs-gate")
@click.option("--host", default="127.0.0.1", help="Address to listen on.")
@click.option("--http-port", default=8001, help="Port for checks over HTTP.")
@click.option("--mllp-port", default=2575, help="Port for HL7 v2 over MLLP.")
@click.option("--mllp-tls-port", default=0, help="Port for HL7 v2 over MLLP and TLS.")
@click.option("--tls-certificate", default="", help="File with the certificate (chain) in PEM format.")
@click.option("--tls-key", default="", help="File with its private key in PEM format.")
@click.option(
    "--tls-client-ca", default="", help="Senders must show a certificate of these authorities (PEM)."
)
@click.option("--max-message", "most_megabytes", default=16, help="Largest HL7 message in MB.")
@click.option(
    "--message-timeout", "gap_seconds", default=30.0, help="Longest pause within an HL7 message in seconds."
)
@click.option(
    "--stale-after",
    "stale_seconds",
    default=5.0,
    help="Seconds without the database after which the fail mode decides.",
)
@pass_context
def gate(context: Any, **options: Any) -> None:
    """Answer privilege checks from memory, over HTTP and HL7 v2."""
    from medaffairs.integration.gate.options import Options
    from medaffairs.integration.gate.process import serve
    from medaffairs.integration.gate.tls import TlsError

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    if options["mllp_tls_port"] and not (options["tls_certificate"] and options["tls_key"]):
        raise click.UsageError("--mllp-tls-port needs --tls-certificate and --tls-key")
    try:
        asyncio.run(serve(Options(get_site(context), context.get("sites_path") or ".", **options)))
    except TlsError as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        if error.errno in (errno.EADDRINUSE, errno.EADDRNOTAVAIL, errno.EACCES):
            raise click.ClickException(f"the gate cannot listen: {error.strerror}") from None
        raise


commands = [gate]
