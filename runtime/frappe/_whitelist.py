"""The registry of methods that may be called over HTTP."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from frappe import exceptions
from frappe._context import local

whitelisted: set[Callable] = set()
guest_methods: set[Callable] = set()
xss_safe_methods: set[Callable] = set()
allowed_http_methods_for_whitelisted_func: dict[Callable, list[str]] = {}

_ALL_METHODS = ["GET", "POST", "PUT", "DELETE"]


def whitelist(
    allow_guest: bool = False, xss_safe: bool = False, methods: list[str] | str | None = None
) -> Callable[[Callable], Callable]:
    """Let a function, or a document's method, be called over HTTP.

    :param allow_guest: without signing in
    :param xss_safe: arguments of guests are not sanitised
    :param methods: HTTP methods that may be used; all by default
    """
    allowed = [methods] if isinstance(methods, str) else list(methods or _ALL_METHODS)

    def register(function: Callable) -> Callable:
        target = getattr(function, "__func__", function)
        checked = _with_checked_arguments(target)
        whitelisted.add(checked)
        allowed_http_methods_for_whitelisted_func[checked] = allowed
        if allow_guest:
            guest_methods.add(checked)
            if xss_safe:
                xss_safe_methods.add(checked)
        return checked

    return register


def _with_checked_arguments(function: Callable) -> Callable:
    """Arguments that come over HTTP are converted to the annotated types; wrong ones are refused."""
    annotations = {
        name: kind for name, kind in getattr(function, "__annotations__", {}).items() if name != "return"
    }
    if not annotations:
        return function

    @functools.wraps(function)
    def checked(*args: Any, **kwargs: Any) -> Any:
        if getattr(local, "request", None) is not None or local.flags.in_test:
            from frappe.utils.typing_validations import transform_parameter_types

            args, kwargs = transform_parameter_types(function, args, kwargs)
        return function(*args, **kwargs)

    return checked


def is_whitelisted(method: Callable) -> None:
    """Refuse a method that is not for callers over HTTP, or not for guests.

    :raises frappe.PermissionError: when it may not be called
    """
    from frappe import _messages
    from frappe.translate import _

    method = getattr(method, "__func__", method)
    guest = (local.session or {}).get("user") == "Guest"
    if method not in whitelisted or (guest and method not in guest_methods):
        name = f"{getattr(method, '__module__', '')}.{getattr(method, '__qualname__', '')}"
        _messages.throw(
            _("You are not permitted to access this resource.") + f" {name}",
            exceptions.PermissionError,
            title=_("Method Not Allowed"),
        )


def is_valid_http_method(method: Callable, http_method: str) -> bool:
    """Whether the whitelisted method takes requests of this HTTP method."""
    method = getattr(method, "__func__", method)
    return http_method in allowed_http_methods_for_whitelisted_func.get(method, _ALL_METHODS)


@functools.lru_cache(maxsize=2048)
def _parameters(function: Callable) -> tuple[frozenset[str], bool]:
    signature = inspect.signature(function)
    names = frozenset(
        name for name, parameter in signature.parameters.items() if parameter.kind not in (2, 4)
    )
    return names, any(parameter.kind == 4 for parameter in signature.parameters.values())


def fitting_kwargs(function: Callable, kwargs: dict[str, Any]) -> dict[str, Any]:
    """Those keyword arguments that the function takes; `flags` and the command are never passed blindly."""
    names, takes_all = _parameters(function)
    if takes_all:
        return {
            name: value
            for name, value in kwargs.items()
            if name not in ("cmd", "ignore_permissions", "flags")
        }
    return {name: value for name, value in kwargs.items() if name in names}
