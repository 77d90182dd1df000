"""Forgetting what is cached."""

from __future__ import annotations

from frappe.utils.caching import invalidate


def clear_cache(user: str | None = None, doctype: str | None = None) -> None:
    """Everything that is kept in memory is made anew, in every process."""
    import frappe

    frappe.local.role_permissions = {}
    frappe.local.document_cache = {}
    invalidate()
    if user is None and doctype is None:
        from frappe._apps import clear_hook_cache
        from frappe.model.base_document import clear_controllers

        clear_hook_cache()
        clear_controllers()
        frappe.cache.delete_keys("")
        for hook in frappe.get_hooks("clear_cache"):
            frappe.get_attr(hook)()
        for hook in frappe.get_hooks("website_clear_cache"):
            frappe.get_attr(hook)(None)


def clear_user_cache(user: str | None = None) -> None:
    """What is kept of a user."""
    clear_cache(user=user)


def clear_doctype_cache(doctype: str | None = None) -> None:
    """What is kept of a DocType."""
    clear_cache(doctype=doctype or "*")


def clear_global_cache() -> None:
    """What is kept for all."""
    clear_cache()
