from frappe.model.document import Document


class WorkflowActionMaster(Document):
    """The name of an action that workflows use."""
