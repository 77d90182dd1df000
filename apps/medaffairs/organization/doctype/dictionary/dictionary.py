"""Dictionary."""

from frappe.model.document import Document


class Dictionary(Document):
    """A list of choices that the hospital keeps itself"""
