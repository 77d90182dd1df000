"""Practitioner Qualification."""

from frappe.model.document import Document


class PractitionerQualification(Document):
    """A certificate that a practitioner holds"""
