from frappe.model.document import Document


class LendingMemberShelf(Document):
    pass
