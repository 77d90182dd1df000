"""A kind of privilege that a penalty suspends."""

from frappe.model.document import Document


class PenaltyRuleKind(Document):
    """A kind of privilege that a penalty suspends."""
