"""HL7 Delivery: its rules live in the module, not here."""

from frappe.model.document import Document


class HL7Delivery(Document):
    """A record without behaviour of its own."""
