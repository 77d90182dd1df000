"""Ballot Vote: its rules live in the module, not here."""

from frappe.model.document import Document


class BallotVote(Document):
    """A record without behaviour of its own."""
