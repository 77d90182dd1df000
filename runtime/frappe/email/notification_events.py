"""Notification records that concern a document's event."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.utils.caching import kept

_EVENTS = {"after_insert": "New", "on_update": "Save", "on_update_after_submit": "Save", "on_submit": "Submit",
           "on_cancel": "Cancel", "on_change": "Value Change"}  # fmt: skip


def run_document_event(doc: Any, method: str) -> None:
    """Tells the receivers of every Notification that waits for this event of this document."""
    rules = kept(("notifications", doc.doctype), lambda: _rules_of(doc.doctype))
    if not rules:
        return
    if doc.flags.in_notification_update:
        return
    for name, event, waits_for in rules:
        if event != _EVENTS.get(method) and not (event == "Method" and waits_for == method):
            continue
        if event == "Value Change" and not _has_changed(doc, name):
            continue
        evaluate_alert(doc, name, event)


def waits_for(doctype: str, method: str) -> bool:
    """Whether a Notification waits for an event of a DocType's documents."""
    rules = kept(("notifications", doctype), lambda: _rules_of(doctype))
    return any(
        event == _EVENTS.get(method) or (event == "Method" and name == method) for _, event, name in rules
    )


def _rules_of(doctype: str) -> list[tuple[str, str, str]]:
    return list(
        frappe.db.sql(
            "select `name`, `event`, `method` from `tabNotification` where `document_type` = %s and `enabled` = 1",
            (doctype,),
        )
    )


def _has_changed(doc: Any, name: str) -> bool:
    # A document that is new has no earlier value: nothing has changed in it.
    if not doc.get_doc_before_save():
        return False
    return doc.has_value_changed(frappe.get_cached_value("Notification", name, "value_changed"))


def evaluate_alert(doc: Any, alert: Any, event: str) -> None:
    """Sends one Notification about a document if its condition holds.

    What goes wrong in it is written to the Error Log: it is the administrator's mistake, not that of whoever saves.
    """
    if isinstance(alert, str):
        alert = frappe.get_doc("Notification", alert)
    try:
        if alert.condition and not frappe.safe_eval(alert.condition, None, get_context(doc)):
            return
        _send_or_nothing(alert, doc)
    except Exception:
        frappe.log_error(
            title="Failed to send Notification", reference_doctype="Notification", reference_name=alert.name
        )


def _send_or_nothing(alert: Any, doc: Any) -> None:
    """A message that fails half-way leaves nothing of itself."""
    mark = f"notification_{frappe.generate_hash(length=8)}"
    frappe.db.savepoint(mark)
    try:
        alert.send(doc)
    except Exception:
        frappe.db.rollback(save_point=mark)
        raise
    frappe.db.release_savepoint(mark)


def get_context(doc: Any) -> dict[str, Any]:
    """What conditions and texts of a Notification may name."""
    utils = frappe.utils
    return {"doc": doc, "nowdate": utils.nowdate, "comments": [], "frappe": frappe._dict(utils=_dates(utils))}


def _dates(utils: Any) -> frappe._dict:
    names = ("nowdate", "now_datetime", "today", "getdate", "get_datetime", "add_days", "add_months", "add_to_date",
             "date_diff", "cint", "flt", "cstr", "formatdate", "format_datetime", "fmt_money", "get_url",
             "get_url_to_form", "get_link_to_form", "get_fullname", "escape_html", "strip_html")  # fmt: skip
    return frappe._dict({name: getattr(utils, name) for name in names})
