"""Limits on how often a method may be called."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from typing import Any

import frappe
from frappe.utils import cint


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
    name = frappe.cache.make_key(f"{key}:{window}")
    used = frappe.cache.incrby(name, 1)
    if used == 1:
        frappe.cache.expire(name, seconds)
    if used > limit:
        frappe.local.flags.disable_traceback = True
        frappe.throw(
            frappe._("You hit the rate limit because of too many requests. Please try after sometime."),
            frappe.RateLimitExceededError,
        )


# -- the site's own limit: seconds of work per window, `rate_limit: {"limit": 600, "window": 86400}` in site_config.json


class RateLimiter:
    """Adds up how long the site's requests take; when a window's seconds are used up, requests are refused."""

    def __init__(self, limit: float, window: float) -> None:
        self.limit = int(limit * 1_000_000)
        self.window = max(int(window), 1)
        self.start = time.monotonic()
        now = time.time()
        self.window_number = int(now // self.window)
        self.reset = int(self.window - now % self.window)
        self.key = f"rate-limit-counter-{self.window_number}"
        self.counter = cint(frappe.cache.get_value(self.key))
        self.remaining = max(self.limit - self.counter, 0)
        self.rejected = False
        self.duration: int | None = None

    def apply(self) -> None:
        """Refuse when nothing is left.

        :raises frappe.TooManyRequestsError: then
        """
        if self.counter > self.limit:
            self.rejected = True
            raise frappe.TooManyRequestsError

    def update(self) -> None:
        """Counts this request, once it is over."""
        self.duration = int((time.monotonic() - self.start) * 1_000_000)
        self.remaining = max(self.remaining - self.duration, 0)
        if not self.rejected:
            key = frappe.cache.make_key(self.key)
            frappe.cache.incrby(key, self.duration)
            frappe.cache.expire(key, self.window)

    def headers(self) -> dict[str, str]:
        """What the answer says about the limit; times in microseconds, `Reset` in seconds."""
        headers = {
            "X-RateLimit-Reset": str(self.reset),
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
        }
        if self.rejected:
            headers["Retry-After"] = str(self.reset)
        else:
            headers["X-RateLimit-Used"] = str(self.duration or 0)
        return headers


def apply() -> None:
    """Begins to measure the request, where the site has a limit.

    :raises frappe.TooManyRequestsError: when the window's seconds are used up
    """
    rule = frappe.local.conf.get("rate_limit")
    if isinstance(rule, dict) and rule.get("limit") and rule.get("window"):
        frappe.local.rate_limiter = RateLimiter(rule["limit"], rule["window"])
        frappe.local.rate_limiter.apply()


def finish(response: Any) -> None:
    """Counts the request and tells the caller what is left."""
    limiter = getattr(frappe.local, "rate_limiter", None)
    if limiter is not None:
        limiter.update()
        response.headers.update(limiter.headers())
