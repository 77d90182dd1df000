"""Privilege Application Item: its rules live in the module, not here."""

from frappe.model.document import Document


class PrivilegeApplicationItem(Document):
    """A record without behaviour of its own."""
