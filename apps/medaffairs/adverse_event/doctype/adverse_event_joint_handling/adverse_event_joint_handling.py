"""A department that handles an event together with the managing one."""

from frappe.model.document import Document


class AdverseEventJointHandling(Document):
    """A department that handles an event together with the managing one."""
