"""What a page needs to know about the signed-in user before it shows anything."""

from __future__ import annotations

import frappe
from frappe.utils import cint

_SETTINGS = (
    "date_format",
    "time_format",
    "number_format",
    "float_precision",
    "currency_precision",
    "first_day_of_the_week",
    "time_zone",
    "language",
)


def get_bootinfo() -> frappe._dict:
    """User, roles, settings and what the apps add by `extend_bootinfo`; little for a guest."""
    user = frappe.session.user
    info = frappe._dict(
        user={"name": user},
        lang=frappe.local.lang,
        sitename=frappe.local.site,
        csrf_token=frappe.sessions.get_csrf_token() if user != "Guest" else "",
        developer_mode=cint(frappe.local.conf.get("developer_mode")),
        versions={app: _version(app) for app in frappe.get_installed_apps()},
    )
    if user != "Guest":
        _add_user(info, user)
    for method in frappe.get_hooks("extend_bootinfo"):
        frappe.get_attr(method)(bootinfo=info)
    return info


def _add_user(info: frappe._dict, user: str) -> None:
    from frappe.website.utils import get_home_page

    row = frappe.db.get_value(
        "User",
        user,
        ["full_name", "first_name", "user_image", "user_type", "email", "language", "time_zone"],
        as_dict=True,
    )
    info.user.update(row or {})
    info.user["roles"] = frappe.get_roles(user)
    info.sysdefaults = {key: frappe.get_system_settings(key) for key in _SETTINGS}
    info.home_page = "/" + get_home_page()
    info.max_file_size = (cint(frappe.get_system_settings("max_file_size")) or 25) * 1024 * 1024


def _version(app: str) -> str:
    return str(getattr(frappe.get_module(app), "__version__", "0.0.1"))
