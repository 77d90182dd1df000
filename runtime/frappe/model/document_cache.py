"""Documents that are read often, kept until they change anywhere."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.utils.caching import store


def get_cached_doc(doctype: Any, name: Any = None, **kwargs: Any) -> Any:
    """A document that may come from memory. Never change what it returns."""
    name = name if name is not None else doctype
    key = ("document", doctype, str(name))
    values = store()
    found = values.get(key)
    if found is not None and _still_true(doctype, name, found):
        return found[0]
    doc = frappe.get_doc(doctype, name)
    values[key] = (doc, str(doc.get("modified") or ""))
    return doc


def _still_true(doctype: str, name: Any, found: tuple) -> bool:
    """Compared with the database once per request: another process may have written."""
    checked = frappe.local.document_cache
    key = (doctype, str(name))
    if key not in checked:
        if doctype == name:
            rows = frappe.db.sql(
                "select `value` from `tabSingles` where `doctype` = %s and `field` = 'modified'", (doctype,)
            )
        else:
            rows = frappe.db.sql(f"select `modified` from `tab{doctype}` where `name` = %s", (name,))
        checked[key] = str(rows[0][0] or "") if rows else None
    return checked[key] == found[1]


def get_cached_value(doctype: str, name: Any, fieldname: Any = "name", as_dict: bool = False) -> Any:
    """Values of a document that may come from memory; None when there is no such document."""
    try:
        doc = get_cached_doc(doctype, name)
    except frappe.DoesNotExistError:
        frappe.clear_last_message()
        return None
    if isinstance(fieldname, str):
        if as_dict:
            return frappe._dict({fieldname: doc.get(fieldname)})
        return doc.get(fieldname)
    values = [doc.get(field) for field in fieldname]
    return frappe._dict(zip(fieldname, values, strict=True)) if as_dict else values


def clear_document_cache(doctype: str, name: Any = None) -> None:
    """Forgets a document, or all of a DocType."""
    local = frappe.local
    values = local.request_cache.get("store") or {}
    if name is None:
        for key in [key for key in values if key[0] == "document" and key[1] == doctype]:
            values.pop(key)
        local.document_cache.clear()
        return
    values.pop(("document", doctype, str(name)), None)
    local.document_cache.pop((doctype, str(name)), None)
