"""Somebody who owes what a running limit is about."""

from frappe.model.document import Document


class DeadlinePerson(Document):
    """Somebody who owes what a running limit is about."""
