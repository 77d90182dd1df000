"""Privilege Application: its rules live in the module, not here."""

from frappe.model.document import Document


class PrivilegeApplication(Document):
    """A record without behaviour of its own."""
