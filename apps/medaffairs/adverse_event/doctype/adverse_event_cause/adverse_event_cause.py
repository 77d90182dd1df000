"""A bone of the fishbone: a cause with its kind."""

from frappe.model.document import Document


class AdverseEventCause(Document):
    """A bone of the fishbone: a cause with its kind."""
