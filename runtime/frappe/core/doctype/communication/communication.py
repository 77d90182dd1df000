"""What was said to whom about a document: mails above all."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.model.document import Document
from frappe.utils import sanitize_html


class Communication(Document):
    """One message, kept with the document that it is about."""

    def validate(self) -> None:
        """Fills in what is not said; the text is clean HTML."""
        self.communication_date = self.communication_date or frappe.utils.now_datetime()
        self.user = self.user or frappe.session.user
        self.sent_or_received = self.sent_or_received or "Sent"
        self.sender_full_name = self.sender_full_name or frappe.utils.get_fullname(self.user)
        self.content = sanitize_html(self.content or "")
        if not self.status or self.is_new():
            self.status = "Linked" if self.reference_doctype and self.reference_name else "Open"
        if self.reference_doctype and self.reference_name and not self.reference_owner:
            owner = frappe.db.get_value(self.reference_doctype, self.reference_name, "owner")
            self.reference_owner = owner

    def send_email(self, **options: Any) -> Any:
        """Puts the message into the mail queue."""
        from frappe.core.doctype.communication.email import queue_communication

        return queue_communication(self, **options)


def has_permission(doc: Any, ptype: str = "read", user: str | None = None) -> bool:
    """A message is read with the document that it is about, and by who wrote it."""
    user = user or frappe.session.user
    if user in ("Administrator", doc.owner, doc.user) or "System Manager" in frappe.get_roles(user):
        return True
    if ptype != "read" or not (doc.reference_doctype and doc.reference_name):
        return False
    return bool(frappe.has_permission(doc.reference_doctype, "read", doc.reference_name, user=user))
