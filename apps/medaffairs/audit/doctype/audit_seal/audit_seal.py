"""Audit Seal."""

from frappe.model.document import Document


class AuditSeal(Document):
    """The end of the chain on a day, kept so that a later change shows"""
