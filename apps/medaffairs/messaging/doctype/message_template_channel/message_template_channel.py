"""A channel by which a message goes, and when."""

from frappe.model.document import Document


class MessageTemplateChannel(Document):
    """A channel by which a message goes, and when."""
