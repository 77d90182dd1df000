"""Likes of documents."""

from __future__ import annotations

import json

import frappe
from frappe.desk.form.document_follow import follow_by


@frappe.whitelist(methods=["POST", "PUT"])
def toggle_like(doctype: str, name: str | int, add: str | bool = False) -> None:
    """Likes a document that the user may read, or takes that back."""
    doc = frappe.get_doc(doctype, name)
    doc.check_permission("read")
    if doc.meta.issingle or doc.meta.istable:
        frappe.throw(frappe._("This kind of record cannot be liked."))
    people = json.loads(frappe.db.get_value(doctype, name, "_liked_by") or "[]")
    user = frappe.session.user
    if add in ("Yes", True, "true", "1") and user not in people:
        people.append(user)
        doc.add_comment("Like", frappe._("Liked"))
        follow_by("liked", doctype, name, user)
    elif add in ("No", False, "false", "0") and user in people:
        people.remove(user)
        mine = {"comment_type": "Like", "reference_doctype": doctype, "reference_name": name, "owner": user}
        for comment in frappe.get_all("Comment", mine, pluck="name"):
            frappe.delete_doc("Comment", comment, ignore_permissions=True)
    frappe.db.set_value(doctype, name, "_liked_by", json.dumps(people), update_modified=False)
