"""What is kept in memory, and how every process of a site learns that it is old.

Each thread keeps compiled things (metadata, roles, translations) in a store. One counter in the database says
when stores are old: whoever changes metadata or roles raises it in the same transaction, and every request
compares it once before it uses the store.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import pickle
import threading
import time
from collections.abc import Callable
from typing import Any

import frappe

_stores = threading.local()
_TOPIC = "metadata"
#: What a request compares with what it remembers, as columns of whatever statement it begins with.
NEWS = (
    f"(select `version` from `__versions` where `topic` = '{_TOPIC}'),"
    " (select `value` from `tabSingles` where `doctype` = 'System Settings' and `field` = 'modified')"
)


class _Store:
    def __init__(self) -> None:
        self.version = -1
        self.values: dict = {}


def learn(version: int | None, settings: str | None) -> None:
    """Takes the values of `NEWS`, which the request has read with something else; nobody reads them again."""
    frappe.local.request_cache["version"] = version or 0
    remember_state("System Settings", "System Settings", settings)


def remember_state(doctype: str, name: str, modified: Any) -> None:
    """Takes a document's time of modification as it is stored now."""
    frappe.local.request_cache.setdefault("states", {})[(doctype, name)] = str(modified or "")


def _current_version() -> int:
    if "version" not in frappe.local.request_cache:
        learn(*frappe.db.sql(f"select {NEWS}")[0])
    return frappe.local.request_cache["version"]


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
    values = frappe.local.request_cache.get("store")
    if values is None:
        values = store()
    if key not in values:
        values[key] = make()
    return values[key]


def kept_few(family: str, key: Any, make: Callable[[], Any], room: int = 1000) -> Any:
    """Like `kept`, for keys that callers choose freely: only the newest `room` of a family are kept."""
    values = kept(("few", family), dict)
    if key in values:
        return values[key]
    made = make()
    put_few(values, key, made, room)
    return made


def put_few(values: dict, key: Any, value: Any, room: int = 1000) -> None:
    """Puts a value into a dictionary that must not grow without end; the oldest goes."""
    while len(values) >= room:
        values.pop(next(iter(values)), None)
    values[key] = value


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


def site_cache(ttl: Any = None, maxsize: int | None = None) -> Callable:
    """Remember a function's answers per site, in this process, for `ttl` seconds; `maxsize` of them at most.

    They are forgotten with all else that is kept in memory when somebody changes metadata or clears the cache.
    """
    if callable(ttl):
        return _site_cached(ttl, None, None)
    return lambda func: _site_cached(func, ttl, maxsize)


def _site_cached(func: Callable, ttl: float | None, maxsize: int | None) -> Callable:
    # Raised by `clear_cache`, so that the process's other threads forget as well.
    generation = itertools.count()
    current = [next(generation)]

    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        answers = kept(("site cache", func, current[0]), dict)
        key = (args, tuple(sorted(kwargs.items())))
        found = answers.get(key)
        if found and (found[0] is None or found[0] > time.monotonic()):
            return found[1]
        value = func(*args, **kwargs)
        put_few(answers, key, (time.monotonic() + ttl if ttl else None, value), maxsize or 1000)
        return value

    def clear_cache() -> None:
        current[0] = next(generation)

    wrapper.clear_cache = clear_cache
    return wrapper


def redis_cache(ttl: Any = 3600, user: bool = False, shared: bool = False) -> Callable:
    """Remember a function's answers in `frappe.cache`, so for all processes, for `ttl` seconds; per user if told so."""
    if callable(ttl):
        return _shared_cached(ttl, 3600, user, shared)
    return lambda func: _shared_cached(func, ttl, user, shared)


def _shared_cached(func: Callable, ttl: float | None, user: bool, shared: bool) -> Callable:
    prefix = f"{func.__module__}.{func.__qualname__}::"

    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        # Told apart by content and type, which is the same in every process; `hash` is not.
        asked = pickle.dumps((args, tuple(sorted(kwargs.items()))))
        key = prefix + hashlib.sha256(asked).hexdigest()
        whose = {"user": True if user else None, "shared": shared}
        found = frappe.cache.get_value(key, expires=True, **whose)
        if found is not None:
            return found[0]
        value = func(*args, **kwargs)
        frappe.cache.set_value(key, (value,), expires_in_sec=ttl, **whose)
        return value

    def clear_cache() -> None:
        frappe.cache.delete_keys(prefix)
        if user:
            frappe.cache.delete_keys(f"user:*:{prefix}")

    wrapper.clear_cache = clear_cache
    return wrapper


http_cache = lambda **kwargs: lambda func: func  # noqa: E731 - answers carry their own headers here
