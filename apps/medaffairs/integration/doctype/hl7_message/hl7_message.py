"""HL7 Message: its rules live in the module, not here."""

from frappe.model.document import Document


class HL7Message(Document):
    """A record without behaviour of its own."""
