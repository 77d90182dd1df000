"""Practitioner Title."""

from frappe.model.document import Document


class PractitionerTitle(Document):
    """A title that a practitioner held for a time"""
