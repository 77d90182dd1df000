"""A step of a 5-why chain: a question and its answer."""

from frappe.model.document import Document


class AdverseEventWhy(Document):
    """A step of a 5-why chain: a question and its answer."""
