"""Commands of this app."""

import click
import frappe
from frappe.commands import get_site, pass_context


@click.command("lendery-count")
@click.option("--shelf")
@pass_context
def count(context, shelf=None):
    """How many items there are."""
    frappe.init(site=get_site(context))
    frappe.connect()
    filters = {"shelf": shelf} if shelf else {}
    click.echo(f"{frappe.db.count('Lending Item', filters)} items")
    frappe.destroy()


commands = [count]
