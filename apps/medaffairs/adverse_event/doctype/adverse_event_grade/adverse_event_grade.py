"""How grave an event is (I to IV)."""

from frappe.model.document import Document


class AdverseEventGrade(Document):
    """How grave an event is (I to IV)."""
