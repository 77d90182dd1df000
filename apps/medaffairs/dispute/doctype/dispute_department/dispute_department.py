"""Another department that a case concerns."""

from frappe.model.document import Document


class DisputeDepartment(Document):
    """Another department that a case concerns."""
