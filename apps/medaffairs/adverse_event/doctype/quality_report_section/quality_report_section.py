"""A section of the hospital's quality report."""

from frappe.model.document import Document


class QualityReportSection(Document):
    """A section of the hospital's quality report."""
