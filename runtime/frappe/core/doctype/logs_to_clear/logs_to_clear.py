"""One kind of log and how long it is kept."""

from frappe.model.document import Document


class LogsToClear(Document):
    """A row of Log Settings."""
