"""HL7 Endpoint: its rules live in the module, not here."""

from frappe.model.document import Document


class HL7Endpoint(Document):
    """A record without behaviour of its own."""
