"""One limit that runs for one document: when it is due, where it stands, who was told."""

from frappe.model.document import Document


class Deadline(Document):
    """One limit that runs for one document: when it is due, where it stands, who was told."""
