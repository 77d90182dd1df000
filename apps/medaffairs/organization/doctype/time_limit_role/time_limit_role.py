"""A role that is told when a time limit is over."""

from frappe.model.document import Document


class TimeLimitRole(Document):
    """A role that is told when a time limit is over."""
