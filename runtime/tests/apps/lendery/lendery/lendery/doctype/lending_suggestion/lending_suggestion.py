from frappe.model.document import Document


class LendingSuggestion(Document):
    pass
