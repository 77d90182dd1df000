from frappe.model.document import Document


class WorkflowActionPermittedRole(Document):
    """A role that may act."""
