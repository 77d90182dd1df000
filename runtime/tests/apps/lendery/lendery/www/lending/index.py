import frappe

no_cache = 1


def get_context(context):
    context.items = frappe.get_all(
        "Lending Item", filters={"published": 1}, fields=["title", "shelf"], order_by="title"
    )
