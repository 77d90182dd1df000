"""What was done, when and by whom."""

from frappe.model.document import Document


class ImprovementProgress(Document):
    """What was done, when and by whom."""
