"""What happens at an event of a document besides its controller's method: the apps' `doc_events`, and notifications."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import frappe
from frappe._context import local

#: Events of reading, of which no rule speaks; all others are the names that a rule by method can wait for.
_SILENT = frozenset({"onload", "autoname", "before_naming", "before_print", "set_title_field"})


class EventPlan(NamedTuple):
    """Dotted paths of the handlers of an event, and whether a Notification waits for it."""

    handlers: tuple[str, ...]
    notifies: bool


def event_plan(doctype: str, event: str) -> EventPlan | None:
    """What happens at an event of a DocType's documents, worked out once per request; None for nothing."""
    plans = local.request_cache.get("event plans")
    if plans is not None and (doctype, event) in plans:
        return plans[(doctype, event)]
    plan = _plan(doctype, event)
    if not (plan.handlers or plan.notifies):
        plan = None
    # While an app comes or goes, what concerns whom is not known yet, nor for long.
    if not _unsettled():
        local.request_cache.setdefault("event plans", {})[(doctype, event)] = plan
    return plan


def _unsettled() -> bool:
    flags = frappe.local.flags
    return bool(
        flags.in_install or flags.in_import or flags.in_patch or flags.in_migrate or flags.in_install_db
    )


def _plan(doctype: str, event: str) -> EventPlan:
    paths = _handlers(doctype, event)
    if _unsettled():
        return EventPlan(tuple(paths), event not in _SILENT)
    from frappe.email.notification_events import waits_for

    concerned = [path for path in paths if _is_concerned(path, doctype)]
    return EventPlan(tuple(concerned), event not in _SILENT and waits_for(doctype, event))


def concerns(question: Callable[[str], Any]) -> Callable:
    """Decorator of a handler for all DocTypes: it need not be called for those of which the question is answered with no.

    The answer may only depend on what `frappe.utils.caching` keeps.
    """

    def decorator(function: Callable) -> Callable:
        function.concerns = question  # type: ignore[attr-defined]
        return function

    return decorator


def _is_concerned(path: str, doctype: str) -> bool:
    question = getattr(frappe.get_attr(path), "concerns", None)
    return question is None or bool(question(doctype))


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


def _handlers(doctype: str, event: str) -> list[str]:
    hooks = get_doc_hooks()
    own, every = hooks.get(doctype) or {}, hooks.get("*") or {}
    return [*own.get(event, []), *every.get(event, [])]
