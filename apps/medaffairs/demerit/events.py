"""What happens to demerits by itself. Every job may run again at once and then changes nothing."""

from __future__ import annotations

from typing import Any

import frappe

from medaffairs.demerit import scoring, steps
from medaffairs.messaging import rules as messages


def confirm_unanswered() -> None:
    """Hourly: notices whose time for an appeal is over are confirmed."""
    steps.confirm_unanswered()


def note_read() -> None:
    """Every five minutes: when notices and penalties were read, from the receipts of the messages."""
    for doctype, template in (("Demerit Record", steps.NOTICE), ("Penalty", "PENALTY_ISSUED")):
        waiting = frappe.get_all(
            doctype,
            filters={"issued_at": ("is", "set"), "read_at": ("is", "not set")},
            pluck="name",
            limit_page_length=0,
        )
        rows = frappe.get_all(
            "Outbound Message",
            filters={"template": template, "status": messages.READ, "reference_doctype": doctype, "reference_name": ("in", waiting)},
            fields=["reference_name", "read_at"], order_by="read_at desc", limit_page_length=0,
        ) if waiting else []  # fmt: skip
        # The earliest receipt is written last.
        for row in rows:
            frappe.db.set_value(doctype, row.reference_name, "read_at", row.read_at, update_modified=False)


def follow_settings(doc: Any, method: str | None = None) -> None:
    """Another cycle in the settings: everybody's penalties are derived anew."""
    if doc.has_value_changed("demerit_cycle_months") or doc.has_value_changed("demerit_cycle_start"):
        scoring.recompute_later()
