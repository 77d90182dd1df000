"""Events of the other app's loans."""

import frappe
from lendery.trace import note


def before_loan(doc, method=None):
    if doc.remark == "no room":
        frappe.throw("There is no room")


def on_loan(doc, method=None, *args):
    note("doc_events Lending Loan", name=doc.name, method=method, docstatus=int(doc.docstatus))
