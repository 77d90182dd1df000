"""Arguments that arrive as texts become what the signature says, or are refused with a clear message."""

from __future__ import annotations

import functools
import inspect
import types
import typing
from collections.abc import Callable
from typing import Any

import frappe

_SIMPLE = {int, float, bool, str, dict, list}


class FrappeTypeError(TypeError):
    """An argument is not of the annotated type."""


@functools.lru_cache(maxsize=4096)
def _hints(function: Callable) -> dict[str, Any]:
    try:
        hints = typing.get_type_hints(function)
    except Exception:
        return {}
    hints.pop("return", None)
    defaults = inspect.signature(function).parameters
    # A default of None, or of another type, is always acceptable.
    return {
        name: hint if name not in defaults or defaults[name].default is not None else hint | None
        for name, hint in hints.items()
        if _usable(hint)
    }


def _usable(hint: Any) -> bool:
    return hint is not Any and not isinstance(hint, str | typing.TypeVar)


@functools.lru_cache(maxsize=1024)
def _adapter(hint: Any) -> Any:
    from pydantic import ConfigDict, TypeAdapter
    from pydantic.errors import PydanticSchemaGenerationError, PydanticUserError

    for config in (ConfigDict(arbitrary_types_allowed=True), None):
        try:
            return TypeAdapter(hint, config=config)
        except (PydanticSchemaGenerationError, PydanticUserError):
            continue
    return None


def _accepts(hint: Any, value: Any) -> bool:
    """Fast acceptance of the usual: the value already has the annotated type."""
    if hint in _SIMPLE:
        return type(value) is hint
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return any(option is type(value) for option in typing.get_args(hint))
    return False


def _convert(function: Callable, name: str, hint: Any, value: Any) -> Any:
    if _accepts(hint, value):
        return value
    adapter = _adapter(hint)
    if adapter is None:
        return value
    from pydantic import ValidationError

    try:
        return adapter.validate_python(value)
    except ValidationError:
        pass
    if isinstance(value, str) and value[:1] in "[{":
        try:
            return adapter.validate_json(value)
        except ValidationError:
            pass
    raise FrappeTypeError(
        f"Argument '{name}' in '{function.__module__}.{function.__qualname__}' should be of type "
        f"'{getattr(hint, '__name__', hint)}' but got '{type(value).__name__}' instead."
    )


def parsed(value: Any, kind: type, name: str, default: Any = None) -> Any:
    """What a caller sends as JSON or as a value, when it is of the kind that is meant; else `default` for nothing at all.

    :raises FrappeTypeError: for another kind
    """
    if value in (None, ""):
        return kind() if default is None else default
    if isinstance(value, str):
        value = frappe.parse_json(value)
    if not isinstance(value, kind):
        raise FrappeTypeError(f"Argument '{name}' should be of type '{kind.__name__}'")
    return value


def transform_parameter_types(function: Callable, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
    """The arguments in the annotated types.

    :raises FrappeTypeError: when one cannot be converted
    """
    hints = _hints(function)
    if not hints:
        return args, kwargs
    names = list(inspect.signature(function).parameters)
    new_args = tuple(
        _convert(function, names[index], hints[names[index]], value)
        if index < len(names) and names[index] in hints
        else value
        for index, value in enumerate(args)
    )
    new_kwargs = {
        name: _convert(function, name, hints[name], value) if name in hints else value
        for name, value in kwargs.items()
    }
    return new_args, new_kwargs


def validate_argument_types(function: Callable, apply_condition: Callable = lambda: True) -> Callable:
    """A function that converts and checks its arguments while the condition holds."""

    @functools.wraps(function)
    def checked(*args: Any, **kwargs: Any) -> Any:
        if apply_condition():
            args, kwargs = transform_parameter_types(function, args, kwargs)
        return function(*args, **kwargs)

    return checked


def require_annotations(function: Callable) -> None:
    """Refuse a whitelisted function without annotations where an app demands them.

    :raises frappe.ValidationError: naming the argument
    """
    for name, parameter in inspect.signature(function).parameters.items():
        if (
            parameter.annotation is inspect.Parameter.empty
            and name not in {"self", "cls"}
            and parameter.kind not in (2, 4)
        ):
            frappe.throw(
                f"{function.__module__}.{function.__qualname__}: argument {name} has no type annotation"
            )
