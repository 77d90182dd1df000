"""Medication Order: its rules live in the module, not here."""

from frappe.model.document import Document


class MedicationOrder(Document):
    """A record without behaviour of its own."""
