"""What is kept in memory, and how every process of a site learns that it is old.

Each thread keeps compiled things (metadata, roles, translations) in a store. One counter in the database says
when stores are old: whoever changes metadata or roles raises it in the same transaction, and every request
compares it once before it uses the store.
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable
from typing import Any

import frappe

_stores = threading.local()
_TOPIC = "metadata"


class _Store:
    def __init__(self) -> None:
        self.version = -1
        self.values: dict = {}


def _current_version() -> int:
    rows = frappe.db.sql("select `version` from `__versions` where `topic` = %s", (_TOPIC,))
    return rows[0][0] if rows else 0


def store() -> dict:
    """What this thread keeps for the current site, emptied when somebody has changed metadata or roles."""
    local = frappe.local
    known = local.request_cache.get("store")
    if known is not None:
        return known
    sites = _stores.__dict__.setdefault("sites", {})
    mine = sites.setdefault(local.site_path, _Store())
    version = _current_version() if local.db else -1
    if mine.version != version:
        mine.values = {}
        mine.version = version
    local.request_cache["store"] = mine.values
    return mine.values


def invalidate() -> None:
    """Every process forgets what it keeps, as soon as this transaction is lasting; this request at once."""
    if frappe.local.db:
        frappe.db.count_up("__versions", "topic", _TOPIC, "version")
        frappe.db.after_rollback.add(_forget)
    _forget()


def _forget() -> None:
    _stores.__dict__.setdefault("sites", {}).pop(frappe.local.site_path, None)
    # What this request compiles from here on may hold changes that are rolled back: it keeps that to itself.
    frappe.local.request_cache.clear()
    frappe.local.request_cache["store"] = {}
    frappe.local.role_permissions = {}


def kept(key: Any, make: Callable[[], Any]) -> Any:
    """The value of a key in the store, made when it is missing."""
    values = store()
    if key not in values:
        values[key] = make()
    return values[key]


def user_cache(user: str, key: str, make: Callable[[], Any]) -> Any:
    """What is kept for a user."""
    return kept(("user", user, key), make)


# -- decorators for apps


def request_cache(func: Callable) -> Callable:
    """Remember a function's answers for the rest of the request."""

    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        cache = frappe.local.request_cache.setdefault(func, {})
        try:
            key = (args, tuple(sorted(kwargs.items())))
            if key not in cache:
                cache[key] = func(*args, **kwargs)
            return cache[key]
        except TypeError:
            return func(*args, **kwargs)

    return wrapper


def _timed(func: Callable, ttl: float | None, scope: Callable[[], Any]) -> Callable:
    answers: dict = {}

    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        key = (scope(), args, tuple(sorted(kwargs.items())))
        found = answers.get(key)
        if found and (found[0] is None or found[0] > time.monotonic()):
            return found[1]
        value = func(*args, **kwargs)
        answers[key] = (time.monotonic() + ttl if ttl else None, value)
        return value

    wrapper.clear_cache = answers.clear
    return wrapper


def site_cache(ttl: Any = None, maxsize: int | None = None) -> Callable:
    """Remember a function's answers per site, in this process, for `ttl` seconds."""
    if callable(ttl):
        return _timed(ttl, None, lambda: frappe.local.site)
    return lambda func: _timed(func, ttl, lambda: frappe.local.site)


def redis_cache(ttl: Any = 3600, user: bool = False, shared: bool = False) -> Callable:
    """Remember a function's answers per site, and per user if told so, for `ttl` seconds."""

    def scope() -> Any:
        return (frappe.local.site, frappe.session.user if user else None)

    if callable(ttl):
        return _timed(ttl, 3600, scope)
    return lambda func: _timed(func, ttl, scope)


http_cache = lambda **kwargs: lambda func: func  # noqa: E731 - answers carry their own headers here
