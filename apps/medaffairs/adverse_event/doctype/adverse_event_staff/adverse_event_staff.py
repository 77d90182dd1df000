"""A member of staff who had a part in an event."""

from frappe.model.document import Document


class AdverseEventStaff(Document):
    """A member of staff who had a part in an event."""
