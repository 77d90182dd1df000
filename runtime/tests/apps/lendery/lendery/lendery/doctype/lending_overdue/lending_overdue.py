"""Late loans as rows that no table holds."""

import frappe
from frappe.model.document import Document
from frappe.utils import date_diff, today


def rows():
    loans = frappe.get_all(
        "Lending Loan",
        filters={"docstatus": 1, "due_on": ("<", today())},
        fields=["name", "member", "due_on", "modified", "creation"],
        order_by="due_on",
    )
    return [frappe._dict(loan, days=date_diff(today(), loan.due_on)) for loan in loans]


class LendingOverdue(Document):
    def db_insert(self, *args, **kwargs):
        frappe.throw("Overdue loans are counted, not entered")

    def load_from_db(self):
        found = [row for row in rows() if row.name == self.name]
        if not found:
            raise frappe.DoesNotExistError
        super(Document, self).__init__(found[0])

    def db_update(self, *args, **kwargs):
        frappe.throw("Overdue loans are counted, not entered")

    def delete(self, *args, **kwargs):
        frappe.throw("Overdue loans are counted, not entered")

    @staticmethod
    def get_list(args=None, **kwargs):
        return rows()

    @staticmethod
    def get_count(args=None, **kwargs):
        return len(rows())

    @staticmethod
    def get_stats(args=None, **kwargs):
        return {}
