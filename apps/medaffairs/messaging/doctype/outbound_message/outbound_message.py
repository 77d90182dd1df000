"""Outbound Message: written by the outbox, never by hand, and kept."""

import frappe
from frappe.model.document import Document


class OutboundMessage(Document):
    """What one person is told by one channel."""

    def on_trash(self) -> None:
        """What people were told stays on record.

        :raises frappe.PermissionError: always, but for what was never sent
        """
        if self.sent_at:
            frappe.throw(frappe._("What was sent stays on record"), frappe.PermissionError)
