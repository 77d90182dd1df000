"""Privilege Kind: its rules live in the module, not here."""

from frappe.model.document import Document


class PrivilegeKind(Document):
    """A record without behaviour of its own."""
