import frappe
from frappe.model.document import Document
from frappe.utils import add_days, date_diff, flt, getdate, today


class LendingLoan(Document):
    def validate(self):
        if frappe.db.get_value("Lending Member", self.member, "blocked"):
            frappe.throw(frappe._("{0} is blocked").format(frappe.bold(self.member)))
        if not self.due_on:
            self.due_on = add_days(self.lent_on, frappe.db.get_single_value("Lending Settings", "days"))
        if getdate(self.due_on) < getdate(self.lent_on):
            frappe.throw("Due before it is lent", frappe.exceptions.InvalidDates)

    def on_submit(self):
        visit = frappe.get_doc(doctype="Lending Visit", member=self.member, loan=self.name)
        visit.insert(ignore_permissions=True)
        visit.submit()

    def on_cancel(self):
        # Visits stay as they were: who came, came.
        self.ignore_linked_doctypes = ("Lending Visit",)
        self.db_set("fine", 0)

    def charge(self):
        """Fines of a loan that is late: every line by its item's fine and the days."""
        days = max(date_diff(today(), self.due_on), 0)
        for line in self.items:
            line.fine = flt(frappe.db.get_value("Lending Item", line.item, "daily_fine")) * days
        self.fine = sum(line.fine for line in self.items)
        self.save(ignore_permissions=True)
