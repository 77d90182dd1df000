"""A question of a form, or a column of one of its tables."""

from frappe.model.document import Document


class FormQuestion(Document):
    """A question of a form, or a column of one of its tables."""
