"""Ballot Voter."""

from frappe.model.document import Document


class BallotVoter(Document):
    """A member who may vote on a ballot."""
