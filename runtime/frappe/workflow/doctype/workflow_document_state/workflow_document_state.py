from frappe.model.document import Document


class WorkflowDocumentState(Document):
    """What holds for a document in a state."""
