"""An answer, or a cell of a table's row."""

from frappe.model.document import Document


class FormAnswer(Document):
    """An answer, or a cell of a table's row."""
