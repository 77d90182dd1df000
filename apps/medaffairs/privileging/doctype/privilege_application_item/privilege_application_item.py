"""Privilege Application Item."""

from frappe.model.document import Document


class PrivilegeApplicationItem(Document):
    """One procedure or drug privilege that is applied for."""
