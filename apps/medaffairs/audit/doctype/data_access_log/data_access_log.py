"""Data Access Log."""

from frappe.model.document import Document


class DataAccessLog(Document):
    """Who asked for what, when, from where, and how much he got; nobody edits it"""
