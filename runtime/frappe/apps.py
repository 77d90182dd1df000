"""The screen of apps: what a user may open."""

from __future__ import annotations

from typing import Any

import frappe


@frappe.whitelist()
def get_apps() -> list[dict[str, Any]]:
    """Entries of the apps' `add_to_apps_screen` that the user may see."""
    found = []
    for app in frappe.get_installed_apps():
        for entry in frappe.get_hooks("add_to_apps_screen", default=[], app_name=app):
            allowed = entry.get("has_permission")
            if allowed and not frappe.get_attr(allowed)():
                continue
            keys = {"name": app, "logo": "", "title": app, "route": ""}
            found.append({key: entry.get(key) or default for key, default in keys.items()})
    return found
