"""One re-inspection; every round is kept."""

from frappe.model.document import Document


class ImprovementRound(Document):
    """One re-inspection; every round is kept."""
