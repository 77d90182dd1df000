"""A file that came with a report."""

from frappe.model.document import Document


class AdverseEventFile(Document):
    """A file that came with a report."""
