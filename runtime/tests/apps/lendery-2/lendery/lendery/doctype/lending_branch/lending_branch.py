from frappe.model.document import Document


class LendingBranch(Document):
    pass
