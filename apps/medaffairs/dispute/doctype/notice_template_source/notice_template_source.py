"""A source of complaints that a notice is for."""

from frappe.model.document import Document


class NoticeTemplateSource(Document):
    """A source of complaints that a notice is for."""
