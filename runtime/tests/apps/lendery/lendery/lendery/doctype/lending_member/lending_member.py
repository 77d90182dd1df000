from frappe.model.document import Document


class LendingMember(Document):
    pass
