"""The apps' `doc_events`."""

from __future__ import annotations

import frappe


def get_doc_hooks() -> dict[str, dict[str, list[str]]]:
    """Handlers by DocType and event; a key may name several DocTypes in a tuple."""
    cache = frappe.local.request_cache
    if "doc_hooks" not in cache:
        found: dict[str, dict[str, list[str]]] = {}
        for key, events in (frappe.get_hooks("doc_events", {}) or {}).items():
            for doctype in key if isinstance(key, tuple) else (key,):
                target = found.setdefault(doctype, {})
                for event, handlers in events.items():
                    target.setdefault(event, []).extend(
                        handlers if isinstance(handlers, list) else [handlers]
                    )
        cache["doc_hooks"] = found
    return cache["doc_hooks"]
