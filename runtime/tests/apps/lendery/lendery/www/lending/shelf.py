import frappe

no_cache = 1


def get_context(context):
    context.shelf = frappe.form_dict.shelf
    if not frappe.db.exists("Lending Shelf", context.shelf):
        raise frappe.DoesNotExistError
    if context.shelf == "Science":
        frappe.local.flags.redirect_location = "/lending"
        raise frappe.Redirect
