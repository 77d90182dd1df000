"""Somebody of the hospital whom a case concerns."""

from frappe.model.document import Document


class DisputeStaff(Document):
    """Somebody of the hospital whom a case concerns."""
