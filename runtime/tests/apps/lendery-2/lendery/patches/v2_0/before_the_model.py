import frappe
from lendery.trace import note


def execute():
    note("patch", name="before_the_model", has_stock=bool(frappe.db.has_column("Lending Item", "stock")))
    for name in frappe.get_all("Lending Suggestion", filters={"status": "Refused"}, pluck="name"):
        frappe.delete_doc("Lending Suggestion", name)
