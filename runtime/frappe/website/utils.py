"""Where people land, and what pages are built of."""

from __future__ import annotations

import re

import frappe
from frappe.utils import cstr


def get_home_page() -> str:
    """The page of the address "/" for the current user, without the leading slash.

    A function named by `get_website_user_home_page` decides first, then the user's roles, then `home_page`,
    then the first app that has a page of its own.
    """
    user = frappe.session.user
    for method in reversed(frappe.get_hooks("get_website_user_home_page")):
        page = frappe.get_attr(method)(user) if user != "Guest" else None
        if page:
            return cstr(page).strip("/")
    if user != "Guest":
        pages = frappe.get_hooks("role_home_page") or {}
        for role in frappe.get_roles(user):
            if pages.get(role):
                return cstr(pages[role][-1]).strip("/")
    home = frappe.get_hooks("home_page")
    if home:
        return cstr(home[-1]).strip("/")
    screens = [entry for entry in frappe.get_hooks("add_to_apps_screen") if isinstance(entry, dict)]
    if screens:
        return cstr(screens[0].get("route")).strip("/")
    return "login" if user == "Guest" else "me"


def get_portal_sidebar_items() -> list[frappe._dict]:
    """The menu of the portal: the apps' entries that are for everybody or for a role of the user."""
    roles = set(frappe.get_roles())
    found: dict[str, frappe._dict] = {}
    for hook in ("standard_portal_menu_items", "portal_menu_items"):
        for entry in frappe.get_hooks(hook):
            if not entry.get("role") or entry["role"] in roles:
                found.setdefault(entry.get("route") or "", frappe._dict(entry))
    return list(found.values())


def clear_cache(path: str | None = None) -> None:
    """Pages are made anew for every request; the apps that keep something of them are told."""
    for hook in frappe.get_hooks("website_clear_cache"):
        frappe.get_attr(hook)(path)


def clear_website_cache(path: str | None = None) -> None:
    """The same under its longer name."""
    clear_cache(path)


def cleanup_page_name(title: str) -> str:
    """A title as a part of an address: small letters, digits and dashes."""
    name = re.sub(r"[~!@#$%^&*+()<>,.\"'?/\\\s_:;=`|{}\[\]-]+", "-", str(title or "").lower())
    return name.strip("-")[:139]


def is_signup_disabled() -> bool:
    """Nobody makes himself a user here."""
    return True
