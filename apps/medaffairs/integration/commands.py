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
@click.option("--max-message", default=16, help="Largest HL7 message in MB.")
@click.option("--message-timeout", default=30.0, help="Longest pause within an HL7 message in seconds.")
@click.option(
    "--stale-after", default=5.0, help="Seconds without the database after which the fail mode decides."
)
@pass_context
def gate(
    context: Any,
    host: str,
    http_port: int,
    mllp_port: int,
    max_message: int,
    message_timeout: float,
    stale_after: float,
) -> None:
    """Answer privilege checks from memory, over HTTP and HL7 v2."""
    from medaffairs.integration.gate.options import Options
    from medaffairs.integration.gate.process import serve

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    sites_path = context.get("sites_path") or "."
    options = Options(
        get_site(context), sites_path, host, http_port, mllp_port, max_message, message_timeout, stale_after
    )
    try:
        asyncio.run(serve(options))
    except OSError as error:
        if error.errno in (errno.EADDRINUSE, errno.EADDRNOTAVAIL, errno.EACCES):
            raise click.ClickException(f"the gate cannot listen: {error.strerror}") from None
        raise


commands = [gate]
