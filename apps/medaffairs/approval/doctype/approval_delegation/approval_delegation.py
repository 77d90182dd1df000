"""Approval Delegation: its rules live in the module, not here."""

from frappe.model.document import Document


class ApprovalDelegation(Document):
    """A record without behaviour of its own."""
