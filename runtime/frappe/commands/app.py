"""Commands for who writes an app: fixtures out of the site, tests of the app."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import click

import frappe
from frappe.commands import pass_context
from frappe.commands.site import opened

_NOT_EXPORTED = ("creation", "owner", "modified_by", "idx")
_NOT_EXPORTED_OF_ROWS = (
    "name",
    "creation",
    "owner",
    "modified",
    "modified_by",
    "docstatus",
    "doctype",
    "idx",
)


@click.command("export-fixtures")
@click.option("--app", default=None, help="Only this app; all apps of the site otherwise.")
@pass_context
def export_fixtures(context: Any, app: str | None) -> None:
    """Write the records that the apps' `fixtures` hooks name into their folders."""
    with opened(context):
        for name in [app] if app else frappe.get_installed_apps():
            for entry in frappe.get_hooks("fixtures", default=[], app_name=name):
                _export(name, entry)


def _export(app: str, entry: str | dict) -> None:
    given = {"dt": entry} if isinstance(entry, str) else entry
    doctype = given.get("dt") or given.get("doctype")
    names = frappe.get_all(
        doctype,
        filters=given.get("filters"),
        or_filters=given.get("or_filters"),
        order_by="idx asc, creation asc",
        pluck="name",
    )
    prefix = f"{given['prefix']}_" if given.get("prefix") else ""
    path = frappe.get_app_path(app, "fixtures", f"{prefix}{frappe.scrub(doctype)}.json")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    records = [_record(frappe.get_doc(doctype, name)) for name in names]
    with open(path, "w", encoding="utf-8") as file:
        file.write(frappe.as_json(records, indent=1, ensure_ascii=False))
        file.write("\n")
    click.echo(f"{app}: {len(records)} {doctype}")


def _record(doc: Any) -> dict[str, Any]:
    """A record as a file holds it: without what differs from site to site."""
    values = json.loads(doc.as_json())
    for key in _NOT_EXPORTED:
        values.pop(key, None)
    for value in values.values():
        for row in value if isinstance(value, list) else []:
            for key in _NOT_EXPORTED_OF_ROWS:
                row.pop(key, None)
    return dict(sorted(values.items()))


@click.command("run-tests")
@click.option("--app", default=None)
@click.option("--doctype", default=None)
@click.option("--module", default=None, help="Dotted path of a module with tests.")
@click.option("--test", "tests", multiple=True, help="Only tests of this name.")
@click.option("--failfast", is_flag=True)
@click.option("--skip-test-records", is_flag=True)
@click.option("--skip-before-tests", is_flag=True)
@pass_context
def run_tests(
    context: Any,
    app: str | None,
    doctype: str | None,
    module: str | None,
    tests: tuple[str, ...],
    failfast: bool,
    skip_test_records: bool,
    skip_before_tests: bool,
) -> None:
    """Run an app's own unit tests in the site, which must allow tests."""
    from frappe import test_runner

    with opened(context):
        succeeded = test_runner.run(
            app,
            doctype,
            module,
            tests,
            failfast,
            skip_test_records=skip_test_records,
            skip_before_tests=skip_before_tests,
        )
    sys.exit(0 if succeeded else 1)


commands = {command.name: command for command in (export_fixtures, run_tests)}
