"""Operation Record: its rules live in the module, not here."""

from frappe.model.document import Document


class OperationRecord(Document):
    """A record without behaviour of its own."""
