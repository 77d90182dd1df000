import frappe

login_required = True
no_cache = 1


def get_context(context):
    context.show_sidebar = True
    context.loans = frappe.get_list("Lending Loan", fields=["name"])
    return {"title": "Mine"}
