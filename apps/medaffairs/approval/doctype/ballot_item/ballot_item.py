"""Ballot Item."""

from frappe.model.document import Document


class BallotItem(Document):
    """What is voted on, and what came of it."""
