from frappe.model.document import Document


class WorkflowTransition(Document):
    """A way from one state to the next."""
