"""Notification records that concern a document's event."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.utils.caching import kept

_EVENTS = {"after_insert": "New", "on_update": "Save", "on_submit": "Submit", "on_cancel": "Cancel",
           "on_change": "Value Change"}  # fmt: skip


def run_document_event(doc: Any, method: str) -> None:
    """Tells the receivers of every Notification that waits for this event of this document."""
    rules = kept(("notifications", doc.doctype), lambda: _rules_of(doc.doctype))
    for name, event in rules:
        if event == _EVENTS.get(method):
            _send(frappe.get_cached_doc("Notification", name), doc)


def _rules_of(doctype: str) -> list[tuple[str, str]]:
    return list(
        frappe.db.sql(
            "select `name`, `event` from `tabNotification` where `document_type` = %s and `enabled` = 1",
            (doctype,),
        )
    )


def _send(rule: Any, doc: Any) -> None:
    if rule.condition and not frappe.safe_eval(rule.condition, None, {"doc": doc.as_dict()}):
        return
    if rule.event == "Value Change" and not doc.has_value_changed(rule.value_changed):
        return
    subject = frappe.render_template(rule.subject or doc.doctype, {"doc": doc})
    for user in receivers(rule, doc):
        frappe.get_doc(
            doctype="Notification Log", subject=subject, for_user=user, type="Alert", document_type=doc.doctype,
            document_name=doc.name, from_user=frappe.session.user,
        ).insert(ignore_permissions=True)  # fmt: skip


def receivers(rule: Any, doc: Any) -> list[str]:
    """Users whom a rule names: by a field of the document or by role."""
    users: list[str] = []
    for row in rule.recipients:
        if row.receiver_by_document_field:
            users.append(doc.get(row.receiver_by_document_field))
        if row.receiver_by_role:
            users += frappe.get_all(
                "Has Role", filters={"role": row.receiver_by_role, "parenttype": "User"}, pluck="parent"
            )
    return [
        user
        for user in dict.fromkeys(users)
        if user and frappe.db.exists("User", {"name": user, "enabled": 1})
    ]
