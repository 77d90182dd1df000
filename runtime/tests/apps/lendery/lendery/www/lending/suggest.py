import frappe

no_cache = 1


def get_context(context):
    if frappe.request.method == "POST" and frappe.form_dict.title:
        suggestion = frappe.get_doc(doctype="Lending Suggestion", title=frappe.form_dict.title)
        suggestion.insert(ignore_permissions=True)
        context.thanks = f"Thank you: {suggestion.title}"
