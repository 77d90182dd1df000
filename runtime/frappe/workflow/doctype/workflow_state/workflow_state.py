from frappe.model.document import Document


class WorkflowState(Document):
    """A state that workflows use."""
