"""Procedure Level."""

from frappe.model.document import Document


class ProcedureLevel(Document):
    """The level of a procedure in one scheme and year."""
