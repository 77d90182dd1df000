import frappe
from frappe.model.utils.rename_field import rename_field
from lendery.trace import note


def execute():
    note("patch", name="copies_become_stock", has_stock=bool(frappe.db.has_column("Lending Item", "stock")))
    if frappe.db.has_column("Lending Item", "copies"):
        rename_field("Lending Item", "copies", "stock")
