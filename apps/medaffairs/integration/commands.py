"""The gate's command."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import click
from frappe.commands import get_site, pass_context


@click.command("medaffairs-gate")
@click.option("--host", default="127.0.0.1")
@click.option("--http-port", default=8001)
@pass_context
def gate(context: Any, host: str, http_port: int) -> None:
    """Answer privilege checks from memory."""
    from medaffairs.integration.gate import serve

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    asyncio.run(serve(get_site(context), context.get("sites_path") or ".", host, http_port))


commands = [gate]
