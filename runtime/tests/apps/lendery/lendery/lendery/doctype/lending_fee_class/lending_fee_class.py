from frappe.model.document import Document


class LendingFeeClass(Document):
    pass
