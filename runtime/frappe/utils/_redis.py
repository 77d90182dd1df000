"""Connections to Redis, where the configuration names a server: `redis_cache` for the cache, `redis_queue` for jobs."""

from __future__ import annotations

import contextlib
import importlib
import os
from typing import Any

import frappe

_clients: dict[tuple[int, str], Any] = {}


def url_of(purpose: str) -> str | None:
    """The address of the server for a purpose, `redis_cache` or `redis_queue`; None when there is none."""
    address = frappe.local.conf.get(purpose)
    if not address:
        return None
    return address if "://" in address else f"redis://{address}"


def client(purpose: str) -> Any:
    """The process's own client of a server; it keeps its connections and is safe for threads.

    :raises frappe.ImproperDBConfigurationError: when the Python package is missing
    """
    address = url_of(purpose)
    # A forked child must not speak on its parent's connections.
    key = (os.getpid(), address)
    if key not in _clients:
        try:
            import redis
        except ImportError as error:
            raise frappe.ImproperDBConfigurationError(
                f"{purpose} needs the Python packages redis and rq: pip install benchless[redis] ({error})"
            ) from error
        _clients[key] = redis.Redis.from_url(address)
    return _clients[key]


def preload(conf: dict[str, Any]) -> None:
    """Imports what a folder of sites on Redis needs, so that forked web processes need not, one after the other."""
    if conf.get("redis_cache") or conf.get("redis_queue"):
        with contextlib.suppress(ImportError):
            importlib.import_module("redis")
            importlib.import_module("rq")
