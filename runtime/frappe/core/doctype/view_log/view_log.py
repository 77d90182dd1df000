"""Who opened which document, where its DocType tracks views."""

from frappe.model.document import Document


class ViewLog(Document):
    """One opening of a document."""
