"""Following documents is switched off here: nobody follows anything."""

from __future__ import annotations

import frappe


@frappe.whitelist()
def is_document_followed(doctype: str, doc_name: str, user: str | None = None) -> bool:
    """Whether the user follows a document."""
    return False


@frappe.whitelist()
def get_follow_users(doctype: str, doc_name: str) -> list:
    """Who follows a document that the user may read."""
    frappe.get_doc(doctype, doc_name).check_permission("read")
    return []
