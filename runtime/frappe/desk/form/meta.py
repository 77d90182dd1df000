"""Scripts that apps bring for a DocType's form, list, tree and calendar; the host itself runs none of them."""

from __future__ import annotations

import os

import frappe
from frappe.model.meta import Meta

_HOOKS = {"__js": "doctype_js", "__list_js": "doctype_list_js", "__tree_js": "doctype_tree_js",
          "__calendar_js": "doctype_calendar_js"}  # fmt: skip
_OWN = {"__js": ".js", "__list_js": "_list.js", "__tree_js": "_tree.js", "__calendar_js": "_calendar.js"}


def scripts(meta: Meta) -> dict[str, str]:
    """Texts by the key under which a page looks for them: the DocType's own files, then those of the apps' hooks."""
    found: dict[str, str] = {}
    for key, hook in _HOOKS.items():
        paths = [*_own_files(meta, _OWN[key]), *_hooked_files(meta.name, hook)]
        text = "\n\n".join(frappe.read_file(path) or "" for path in paths)
        if text:
            found[key] = text
    return found


def _own_files(meta: Meta, suffix: str) -> list[str]:
    if meta.get("custom"):
        return []
    name = frappe.scrub(meta.name)
    try:
        path = frappe.get_module_path(meta.module, "doctype", name, f"{name}{suffix}")
    except (frappe.DoesNotExistError, ImportError):
        return []
    return [path] if os.path.exists(path) else []


def _hooked_files(doctype: str, hook: str) -> list[str]:
    found = []
    for app in frappe.get_installed_apps():
        for path in (frappe.get_hooks(hook, default={}, app_name=app) or {}).get(doctype, []):
            found.append(frappe.get_app_path(app, path))
    return [path for path in found if os.path.exists(path)]
