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
    log.insert(ignore_permissions=True)
    _survive_rollback(log)
    return log


def _survive_rollback(log: Any) -> None:
    """An error is known even when all else that its transaction wrote is undone, which is what errors lead to."""

    def write_again() -> None:
        if frappe.db.exists("Error Log", log.name):
            return
        # The counter of names may have been undone, too: the next log must not get this one's.
        while frappe.db.get_next_sequence_val("Error Log") < log.name:
            pass
        log.db_insert()

    def write_again_alone() -> None:
        # Nothing else waits in this new transaction: the old one has just ended.
        try:
            write_again()
            frappe.db.commit()
        except frappe.QueryTimeoutError:
            frappe.logger("error").error("not kept: %s\n%s", log.method, log.error)
            frappe.db.rollback()

    # Before a commit as well: only a part of the transaction may have been undone.
    frappe.db.before_commit.add(write_again)
    frappe.db.after_rollback.add(write_again_alone)
