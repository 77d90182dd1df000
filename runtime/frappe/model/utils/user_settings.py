"""What a user's lists remember: filters, columns, the last view."""

from __future__ import annotations

import json
from typing import Any

import frappe
from frappe.utils.typing_validations import parsed

LONGEST = 20_000


@frappe.whitelist()
def get(doctype: str) -> str:
    """The user's settings of a DocType, as JSON."""
    return get_user_settings(doctype)


def get_user_settings(doctype: str, for_update: bool = False) -> str:
    """The user's settings of a DocType, as JSON."""
    rows = frappe.db.sql(
        "select `data` from `__UserSettings` where `user` = %s and `doctype` = %s",
        (frappe.session.user, doctype),
    )
    return rows[0][0] if rows and rows[0][0] else "{}"


def update_user_settings(doctype: str, user_settings: Any, for_update: bool = False) -> dict:
    """Changes the user's settings; a `null` takes one back."""
    kept = json.loads(get_user_settings(doctype))
    kept.update(parsed(user_settings, dict, "user_settings"))
    text = json.dumps({key: value for key, value in kept.items() if value is not None}, ensure_ascii=False)
    if len(text) > LONGEST:
        frappe.throw(frappe._("These settings are too large to be kept"))
    frappe.db.sql(
        "replace into `__UserSettings` (`user`, `doctype`, `data`) values (%s, %s, %s)",
        (frappe.session.user, doctype, text),
    )
    return json.loads(text)


@frappe.whitelist(methods=["POST", "PUT"])
def save(doctype: str, user_settings: Any) -> dict:
    """Changes the user's settings of a DocType."""
    return update_user_settings(doctype, user_settings)
