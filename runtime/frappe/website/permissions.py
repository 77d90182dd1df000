"""Who may see a document on the website."""

from __future__ import annotations

from typing import Any

import frappe


def has_website_permission(
    doc: Any = None,
    ptype: str = "read",
    user: str | None = None,
    verbose: bool = False,
    doctype: str | None = None,
    **kwargs: Any,
) -> bool:
    """The apps' `has_website_permission` all agree; without such a hook the document's own method decides, else nobody."""
    user = user or frappe.session.user
    if isinstance(doc, str):
        doc = frappe.get_doc(doctype, doc)
    doctype = doctype or (doc.doctype if doc is not None else None)
    hooks = (frappe.get_hooks("has_website_permission") or {}).get(doctype) or []
    for path in hooks:
        if not frappe.call(path, doc=doc, ptype=ptype, user=user, verbose=verbose):
            return False
    if hooks:
        return True
    if doc is not None and hasattr(doc, "has_website_permission"):
        return bool(doc.has_website_permission(ptype, user, verbose=verbose))
    return False
