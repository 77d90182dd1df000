"""What harm was done (A to I)."""

from frappe.model.document import Document


class HarmLevel(Document):
    """What harm was done (A to I)."""
