from frappe.model.document import Document


class LendingLoanLine(Document):
    pass
