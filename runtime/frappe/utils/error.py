"""Errors that nobody waits for: kept as Error Log, readable in the interface."""

from __future__ import annotations

import sys
import traceback
from typing import Any

import frappe


def get_traceback(with_context: bool = False) -> str:
    """The traceback of the error that is being handled; empty without one."""
    kind, value, trace = sys.exc_info()
    return "" if value is None else "".join(traceback.format_exception(kind, value, trace))


def log_error(
    title: str | None = None,
    message: str | None = None,
    reference_doctype: str | None = None,
    reference_name: str | None = None,
    *,
    defer_insert: bool = False,
) -> Any:
    """Keeps an error; without a message the current traceback. A long title is taken for the message."""
    trace = message or get_traceback()
    if title and "\n" in title:
        title, trace = title.strip().splitlines()[-1], title
    title = (title or (trace.strip().splitlines() or ["Error"])[-1])[:140]
    if not getattr(frappe.local, "db", None):
        print(title, trace, sep="\n", file=sys.stderr)
        return None
    log = frappe.get_doc(
        doctype="Error Log",
        error=trace or title,
        method=title,
        reference_doctype=reference_doctype,
        reference_name=reference_name,
    )
    return log.insert(ignore_permissions=True)
