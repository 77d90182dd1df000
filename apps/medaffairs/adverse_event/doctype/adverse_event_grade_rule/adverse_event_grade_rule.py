"""The grade of a harm level in one category, where it is not the usual one."""

from frappe.model.document import Document


class AdverseEventGradeRule(Document):
    """The grade of a harm level in one category, where it is not the usual one."""
