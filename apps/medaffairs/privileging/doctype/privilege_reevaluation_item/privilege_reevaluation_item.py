"""Privilege Reevaluation Item."""

from frappe.model.document import Document


class PrivilegeReevaluationItem(Document):
    """One privilege under re-evaluation with its evidence of the year."""
