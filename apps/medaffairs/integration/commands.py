"""The gate's command."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import click
from frappe.commands import get_site, pass_context


@click.command("medaffairs-gate")
@click.option("--host", default="127.0.0.1", help="Address to listen on.")
@click.option("--http-port", default=8001, help="Port for checks over HTTP.")
@click.option("--mllp-port", default=2575, help="Port for HL7 v2 over MLLP.")
@pass_context
def gate(context: Any, host: str, http_port: int, mllp_port: int) -> None:
    """Answer privilege checks from memory, over HTTP and HL7 v2."""
    from medaffairs.integration.gate.process import Options, serve

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    options = Options(get_site(context), context.get("sites_path") or ".", host, http_port, mllp_port)
    asyncio.run(serve(options))


commands = [gate]
