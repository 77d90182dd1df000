"""Unauthorized Act: its rules live in the module, not here."""

from frappe.model.document import Document


class UnauthorizedAct(Document):
    """A record without behaviour of its own."""
