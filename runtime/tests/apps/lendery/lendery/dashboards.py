"""What other forms show of the library."""

import frappe


def of_user(data):
    data["transactions"].append({"label": "Library", "items": ["Lending Loan"]})
    return data


def timeline_of_loan(doctype, docname):
    return [
        {
            "icon": "call",
            "is_card": True,
            "creation": frappe.utils.now(),
            "template": "loan_line",
            "template_data": {"loan": docname},
        }
    ]
