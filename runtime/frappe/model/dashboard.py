"""Which other records a form shows beside its document."""

from __future__ import annotations

import importlib
from typing import Any

import frappe


def get_dashboard_data(meta: Any) -> frappe._dict:
    """`transactions` and what else the DocType's dashboard file says, as the apps' `override_doctype_dashboards` leave it."""
    data = frappe._dict(_of_doctype(meta))
    data.setdefault("transactions", [])
    data.setdefault("non_standard_fieldnames", {})
    data.setdefault("internal_links", {})
    for path in (frappe.get_hooks("override_doctype_dashboards") or {}).get(meta.name, []):
        data = frappe._dict(frappe.get_attr(path)(data=data) or data)
    _add_links(data, meta)
    return data


def _of_doctype(meta: Any) -> dict[str, Any]:
    if meta.get("custom"):
        return {}
    name = frappe.scrub(meta.name)
    try:
        app = frappe._apps.get_module_app(meta.module)
        dotted = f"{app}.{frappe.scrub(meta.module)}.doctype.{name}.{name}_dashboard"
        return importlib.import_module(dotted).get_data()
    except (ModuleNotFoundError, frappe.DoesNotExistError):
        return {}


def _add_links(data: frappe._dict, meta: Any) -> None:
    """The DocType's own table of links, group by group."""
    for link in meta.get("links") or []:
        if link.get("hidden"):
            continue
        group = next(
            (entry for entry in data.transactions if entry.get("label") == (link.get("group") or "")), None
        )
        if group is None:
            group = {"label": link.get("group") or "", "items": []}
            data.transactions.append(group)
        if link.get("link_doctype") not in group["items"]:
            group["items"].append(link.get("link_doctype"))
            data.non_standard_fieldnames.setdefault(link.get("link_doctype"), link.get("link_fieldname"))
