"""Working Day Override."""

from frappe.model.document import Document


class WorkingDayOverride(Document):
    """A day on which the hospital departs from the national calendar"""
