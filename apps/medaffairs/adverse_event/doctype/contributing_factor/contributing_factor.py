"""A cause that events are traced back to (fishbone)."""

from frappe.model.document import Document


class ContributingFactor(Document):
    """A cause that events are traced back to (fishbone)."""
