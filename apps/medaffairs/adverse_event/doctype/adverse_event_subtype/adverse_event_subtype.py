"""A finer kind of event within a category."""

from frappe.model.document import Document


class AdverseEventSubtype(Document):
    """A finer kind of event within a category."""
