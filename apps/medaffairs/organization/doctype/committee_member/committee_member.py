"""Committee Member."""

from frappe.model.document import Document


class CommitteeMember(Document):
    """A practitioner's membership in a committee or an expert pool"""
