"""JSON with what a database gives: dates, durations, decimals, documents."""

from __future__ import annotations

import datetime
import decimal
import json
from collections.abc import Iterable
from typing import Any

from frappe.types.frappedict import _dict
from frappe.utils.data import DATETIME_FORMAT


def json_handler(obj: Any) -> Any:
    """What JSON has no form for, in the form that the interface expects.

    :raises TypeError: for anything else
    """
    if isinstance(obj, datetime.datetime):
        return obj.strftime(DATETIME_FORMAT)
    if isinstance(obj, datetime.date):
        return obj.isoformat()
    if isinstance(obj, datetime.timedelta | datetime.time):
        return str(obj)
    if isinstance(obj, decimal.Decimal):
        return float(obj)
    if hasattr(obj, "as_dict"):
        return obj.as_dict(no_nulls=True) if not isinstance(obj, dict) else dict(obj)
    if isinstance(obj, bytes):
        return obj.decode("utf-8", "replace")
    if isinstance(obj, dict):
        return dict(obj)
    if isinstance(obj, Iterable):
        return list(obj)
    if isinstance(obj, BaseException) or callable(obj):
        return repr(obj)
    if hasattr(obj, "__str__"):
        return str(obj)
    raise TypeError(f"no JSON for {type(obj)}")


def as_json(obj: Any, indent: int = 1, separators: tuple | None = None, ensure_ascii: bool = True) -> str:
    """JSON text with sorted keys."""
    separators = separators or (",", ": ")
    try:
        return json.dumps(
            obj,
            indent=indent,
            sort_keys=True,
            default=json_handler,
            separators=separators,
            ensure_ascii=ensure_ascii,
        )
    except TypeError:
        # Keys of different types cannot be sorted.
        return json.dumps(
            obj, indent=indent, default=json_handler, separators=separators, ensure_ascii=ensure_ascii
        )


def dumps(obj: Any) -> bytes:
    """The compact JSON of an answer."""
    import orjson

    options = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_SUBCLASS | orjson.OPT_NON_STR_KEYS
    return orjson.dumps(obj, default=_answer_default, option=options)


def _answer_default(obj: Any) -> Any:
    if isinstance(obj, str):
        return str.__str__(obj)
    if isinstance(obj, int) and not isinstance(obj, bool):
        return int(obj)
    if isinstance(obj, float):
        return float(obj)
    if isinstance(obj, dict):
        return dict(obj)
    return json_handler(obj)


def parse_json(val: Any) -> Any:
    """What a JSON text holds; anything else as it is. Dictionaries allow attribute access."""
    if isinstance(val, str):
        val = json.loads(val)
    return _dict(val) if isinstance(val, dict) and not isinstance(val, _dict) else val
