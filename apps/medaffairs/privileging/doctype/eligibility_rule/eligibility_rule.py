"""Eligibility Rule: its rules live in the module, not here."""

from frappe.model.document import Document


class EligibilityRule(Document):
    """A record without behaviour of its own."""
