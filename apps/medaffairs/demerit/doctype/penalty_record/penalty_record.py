"""A record that a penalty rests on."""

from frappe.model.document import Document


class PenaltyRecord(Document):
    """A record that a penalty rests on."""
