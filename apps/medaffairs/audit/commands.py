"""`medaffairs-audit-verify`: the chain is checked from the command line."""

import sys
import time

import click
import frappe
from frappe.commands import get_site, pass_context


@click.command("medaffairs-audit-verify")
@pass_context
def verify_audit(context) -> None:
    """Verify the data access log of a site; ends with status 1 when a link is broken."""
    from medaffairs.audit.verify import verify

    frappe.init(get_site(context), sites_path=context.get("sites_path") or ".", force=True)
    frappe.connect()
    try:
        started = time.perf_counter()
        verdict = verify()
        seconds = time.perf_counter() - started
    finally:
        frappe.destroy()
    rate = verdict.records / seconds if seconds else 0
    click.echo(f"{verdict.records} records, {verdict.seals} seals, {seconds:.2f} s ({rate:,.0f}/s)")
    if not verdict.intact:
        click.secho(f"broken at sequence {verdict.broken_at}: {verdict.reason}", fg="red")
        sys.exit(1)
    click.secho(f"intact, head {verdict.head_hash}", fg="green")


commands = [verify_audit]
