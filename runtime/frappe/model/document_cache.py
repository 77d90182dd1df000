"""Documents that are read often, kept until they change anywhere."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.utils.caching import kept, put_few

#: How many documents a thread keeps of a site.
ROOM = 2000
#: A hash of the site's cache: marks of documents that were written without a new time of modification.

_MARKS = "documents_written_silently"
_NOTHING: dict = {}


def get_cached_doc(doctype: Any, name: Any = None, **kwargs: Any) -> Any:
    """A document that may come from memory. Never change what it returns."""
    name = name if name is not None else doctype
    key = (doctype, str(name))
    documents = kept("documents", dict)
    found = documents.get(key)
    state = _state(doctype, name)
    if found is not None and state is not None and found[1] == state:
        return found[0]
    doc = frappe.get_doc(doctype, name)
    put_few(documents, key, (doc, state), ROOM)
    return doc


def _state(doctype: str, name: Any) -> tuple | None:
    """What changes when the document changes, read once per request: another process may have written."""
    checked = frappe.local.document_cache
    key = (doctype, str(name))
    if key not in checked:
        # A single document is never written without a new time of modification.
        fields = () if doctype == name else (f"{doctype}::{name}", doctype)
        marks = tuple(frappe.cache.hget(_MARKS, field) for field in fields)
        known = frappe.local.request_cache.get("states", {}).pop(key, None)
        if known is not None:
            rows = ((known,),)
        elif doctype == name:
            rows = frappe.db.sql(
                "select `value` from `tabSingles` where `doctype` = %s and `field` = 'modified'", (doctype,)
            )
        else:
            rows = frappe.db.sql(f"select `modified` from `tab{doctype}` where `name` = %s", (name,))
        # A single document that nobody has saved has no row, and is there all the same.
        modified = str(rows[0][0] or "") if rows else ""
        checked[key] = (modified, marks) if rows or doctype == name else None
    return checked[key]


def mark_written(doctype: str, name: str | None = None) -> None:
    """Tells the other processes, once this transaction is lasting, of a write that `modified` does not show.

    :param name: None when any document of the DocType may have been written
    """
    field = f"{doctype}::{name}" if name else doctype
    frappe.db.after_commit.add(lambda: frappe.cache.hset(_MARKS, field, frappe.generate_hash(length=12)))
    # What was read meanwhile looks like the stored document and is not.
    frappe.db.after_rollback.add(lambda: clear_document_cache(doctype, name))


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
    cache, checked = frappe.local.request_cache, frappe.local.document_cache
    documents = cache.get("store", _NOTHING).get("documents", _NOTHING)
    states = cache.get("states", _NOTHING)
    if name is None:
        for key in [key for key in documents if key[0] == doctype]:
            documents.pop(key)
        checked.clear()
        states.clear()
        return
    key = (doctype, str(name))
    documents.pop(key, None)
    checked.pop(key, None)
    states.pop(key, None)
