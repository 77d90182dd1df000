"""Privilege Reevaluation Item: its rules live in the module, not here."""

from frappe.model.document import Document


class PrivilegeReevaluationItem(Document):
    """A record without behaviour of its own."""
