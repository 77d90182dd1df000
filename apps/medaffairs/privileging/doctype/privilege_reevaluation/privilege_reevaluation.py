"""Privilege Reevaluation: its rules live in the module, not here."""

from frappe.model.document import Document


class PrivilegeReevaluation(Document):
    """A record without behaviour of its own."""
