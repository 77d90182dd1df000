"""How many records wait for the user, as the apps' `notification_config` say."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.utils import cint


@frappe.whitelist()
def get_notifications() -> dict[str, Any]:
    """Counts by DocType of open records that the user may read."""
    counts: dict[str, int] = {}
    for doctype, condition in get_notification_config().for_doctype.items():
        if not frappe.db.exists("DocType", doctype) or not frappe.has_permission(doctype, "read"):
            continue
        count = _count(doctype, condition)
        if count:
            counts[doctype] = count
    return {"open_count_doctype": counts, "targets": {}}


def _count(doctype: str, condition: Any) -> int:
    if isinstance(condition, dict | list):
        rows = frappe.get_list(doctype, filters=condition, fields=["count(*) as total"], order_by=None)
        return cint(rows[0].total) if rows else 0
    return cint(frappe.get_attr(condition)())


def get_notification_config() -> frappe._dict:
    """What the apps say, joined; for a DocType the app installed last decides."""
    config = frappe._dict(for_doctype={}, for_module={}, for_other={}, targets={})
    for hook in frappe.get_hooks("notification_config"):
        for key, values in (frappe.get_attr(hook)() or {}).items():
            if isinstance(values, dict):
                config.setdefault(key, {}).update(values)
    return config
