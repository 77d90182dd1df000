import frappe
from frappe.model.document import Document


class LendingSettings(Document):
    def validate(self):
        if (self.days or 0) < 1:
            frappe.throw("A loan takes a day at least")
