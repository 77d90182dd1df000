import frappe
from frappe.model.document import Document
from frappe.query_builder import Interval
from frappe.query_builder.functions import Now


class LendingVisit(Document):
    @staticmethod
    def clear_old_logs(days=30):
        """What Log Settings calls for log DocTypes of apps."""
        visit = frappe.qb.DocType("Lending Visit")
        frappe.db.delete(visit, filters=(visit.modified < (Now() - Interval(days=days))))
