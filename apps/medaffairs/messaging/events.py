"""What the outbox does by itself. Every job may run again at once and then changes nothing."""

from __future__ import annotations

import frappe

from medaffairs.messaging import delivery, outbox


def work() -> None:
    """Once a minute: what is due, who has read what, what is said again."""
    delivery.deliver_due()
    delivery.fetch_receipts()
    if outbox.repeat_unread():
        frappe.db.commit()
        delivery.deliver_due()
