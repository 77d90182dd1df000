"""Limits on how often a method may be called."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from typing import Any

import frappe


def rate_limit(
    key: str | None = None,
    limit: int | Callable[[], int] = 5,
    seconds: int = 24 * 60 * 60,
    methods: str | list = "ALL",
    ip_based: bool = True,
) -> Callable:
    """Lets a method be called `limit` times per window of `seconds`, by address, by an argument named `key`, or by both.

    :raises frappe.RateLimitExceededError: on further calls (the answer is 429)
    """

    def decorate(function: Callable) -> Callable:
        @functools.wraps(function)
        def limited(*args: Any, **kwargs: Any) -> Any:
            request = frappe.local.request
            wanted = [methods] if isinstance(methods, str) else methods
            if request is None or not ("ALL" in wanted or request.method in wanted):
                return function(*args, **kwargs)
            parts = [frappe.local.request_ip or ""] if ip_based else []
            parts += [str(frappe.local.form_dict.get(key, ""))[:140]] if key else []
            if not parts:
                frappe.throw(frappe._("Either key or IP flag is required."))
            _count(
                f"rl:{function.__module__}.{function.__qualname__}:{':'.join(parts)}",
                limit() if callable(limit) else limit,
                seconds,
            )
            return function(*args, **kwargs)

        return limited

    return decorate


def _count(key: str, limit: int, seconds: int) -> None:
    window = int(time.time() // seconds)
    name = f"{key}:{window}"
    used = frappe.cache.incrby(name, 1)
    if used == 1:
        frappe.cache.expire(name, seconds)
    if used > limit:
        frappe.local.flags.disable_traceback = True
        frappe.throw(
            frappe._("You hit the rate limit because of too many requests. Please try after sometime."),
            frappe.RateLimitExceededError,
        )
