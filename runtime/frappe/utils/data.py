"""The helpers that apps import: dates, numbers, texts, comparisons. One address for all of them."""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import json
import re
from collections.abc import Callable, Iterable
from typing import Any

import frappe
from frappe.utils._dates import *  # noqa: F403
from frappe.utils._dates import (
    DATE_FORMAT,
    DATETIME_FORMAT,
    TIME_FORMAT,
    add_to_date,
    get_datetime,
    get_time,
    get_timespan_date_range,
    getdate,
    now_datetime,
    to_timedelta,
)
from frappe.utils._numbers import *  # noqa: F403
from frappe.utils._numbers import cint, flt
from frappe.utils._text import *  # noqa: F403
from frappe.utils._text import cstr, strip_html

_TEXT_TYPES = {
    "Data", "Small Text", "Text", "Long Text", "Text Editor", "Select", "Link", "Dynamic Link", "Code", "HTML Editor",
    "Markdown Editor", "Read Only", "Attach", "Attach Image", "Autocomplete", "Phone", "Color", "Icon", "Password",
}  # fmt: skip


def cast(fieldtype: str, value: Any = None) -> Any:
    """A value in the Python type of a field."""
    if fieldtype in {"Currency", "Float", "Percent", "Rating"}:
        return flt(value)
    if fieldtype in {"Int", "Check", "Long Int"}:
        return cint(value)
    if fieldtype in _TEXT_TYPES:
        return cstr(value)
    if fieldtype == "Date":
        return getdate(value) if value else datetime.date(1, 1, 1)
    if fieldtype == "Datetime":
        return get_datetime(value) if value else datetime.datetime(1, 1, 1)
    if fieldtype == "Time":
        return to_timedelta(value or "00:00:00")
    return value


def cast_fieldtype(fieldtype: str, value: Any, show_warning: bool = True) -> Any:
    """The older name of `cast`."""
    return cast(fieldtype, value)


def parse_val(v: Any) -> Any:
    """A value of the database as the interface has always seen it: times as texts, decimals as floats."""
    if isinstance(v, datetime.date | datetime.datetime):
        return str(v)
    if isinstance(v, datetime.timedelta):
        return ":".join(str(v).split(":")[:2])
    return v


def has_common(l1: Iterable, l2: Iterable) -> bool:
    """Whether two lists share an item."""
    return not set(l1).isdisjoint(l2)


def unique(seq: Iterable) -> list:
    """Items without repetition, in their order."""
    return list(dict.fromkeys(seq))


def dict_to_str(args: dict, sep: str = "&") -> str:
    """A dictionary as a query string."""
    from urllib.parse import quote

    return sep.join(f"{key}={quote(str(args[key] or ''))}" for key in args)


def safe_json_loads(*args: str | None) -> tuple | Any:
    """What each JSON text holds; a text that is no JSON stays as it is."""
    results = []
    for arg in args:
        with contextlib.suppress(TypeError, ValueError):
            arg = json.loads(arg)
        results.append(arg)
    return tuple(results) if len(results) != 1 else results[0]


def orjson_dumps(
    obj: Any, default: Callable | None = None, option: int | None = None, decode: bool = True
) -> Any:
    """JSON, fast."""
    import orjson

    text = orjson.dumps(obj, default=default, option=option)
    return text.decode() if decode else text


def sha256_hash(input: str | bytes) -> str:
    """The SHA-256 of a text, in hexadecimal digits."""
    return hashlib.sha256(input if isinstance(input, bytes) else str(input).encode()).hexdigest()


def md5_hash(input: str | bytes) -> str:
    """The MD5 of a text: a fingerprint, not protection."""
    data = input if isinstance(input, bytes) else str(input).encode()
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def create_batch(iterable: Any, size: int) -> Iterable:
    """Slices of a sequence."""
    for start in range(0, len(iterable), size):
        yield iterable[start : start + size]


def expand_relative_urls(html: str) -> str:
    """HTML whose links carry the site's address, for mails."""
    from frappe.utils._text import get_url

    site = get_url()
    return re.sub(
        r'(href|src)=(["\'])/(?!/)', lambda match: f"{match.group(1)}={match.group(2)}{site}/", html or ""
    )


def pretty_date(iso_datetime: Any) -> str:
    """How long ago, in words."""
    if not iso_datetime:
        return ""
    seconds = (now_datetime() - get_datetime(iso_datetime)).total_seconds()
    steps = (
        (60, 1, "just now"),
        (120, 1, "1 minute ago"),
        (3600, 60, "{0} minutes ago"),
        (7200, 1, "1 hour ago"),
        (86400, 3600, "{0} hours ago"),
        (172800, 1, "yesterday"),
        (604800, 86400, "{0} days ago"),
        (2592000, 604800, "{0} weeks ago"),
        (31536000, 2592000, "{0} months ago"),
    )
    for limit, unit, words in steps:
        if seconds < limit:
            return frappe._(words).format(int(seconds // unit))
    return frappe._("{0} years ago").format(int(seconds // 31536000))


# -- wording of dates


def _user_format(kind: str, default: str) -> str:
    if not getattr(frappe.local, "db", None):
        return default
    return frappe.get_system_settings(kind) or default


def get_user_date_format() -> str:
    """The date format of System Settings."""
    return _user_format("date_format", "yyyy-mm-dd")


def get_user_time_format() -> str:
    """The time format of System Settings."""
    return _user_format("time_format", "HH:mm:ss")


_STRFTIME = {
    "yyyy": "%Y",
    "YYYY": "%Y",
    "mm": "%m",
    "MM": "%m",
    "dd": "%d",
    "DD": "%d",
    "HH": "%H",
    "ss": "%S",
}


def _strftime(pattern: str, time: bool = False) -> str:
    mapping = _STRFTIME | ({"mm": "%M"} if time else {})
    return re.sub("yyyy|YYYY|HH|MM|mm|dd|DD|ss", lambda match: mapping[match.group()], pattern)


def format_date(
    string_date: Any = None, format_string: str | None = None, parse_day_first: bool = False
) -> str:
    """A date as the site writes it, or in a format such as `dd.mm.yyyy`."""
    if not string_date:
        return ""
    date = getdate(string_date, parse_day_first)
    return date.strftime(_strftime(format_string or get_user_date_format())) if date else ""


formatdate = format_date
global_date_format = format_date


def format_time(time_string: Any = None, format_string: str | None = None) -> str:
    """A time of day as the site writes it."""
    if not time_string:
        return ""
    return get_time(time_string).strftime(_strftime(format_string or get_user_time_format(), time=True))


def format_datetime(datetime_string: Any, format_string: str | None = None) -> str:
    """A moment as the site writes it."""
    if not datetime_string:
        return ""
    moment = get_datetime(datetime_string)
    if format_string:
        date, _, time = format_string.partition(" ")
        return moment.strftime(f"{_strftime(date)} {_strftime(time, time=True)}".strip())
    return f"{format_date(moment)} {format_time(moment)}"


def format_duration(seconds: Any, hide_days: bool = False) -> str:
    """Seconds as `1d 2h 3m 4s`."""
    rest = cint(seconds)
    words = []
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        if unit == "d" and hide_days:
            continue
        count, rest = divmod(rest, size)
        if count:
            words.append(f"{count}{unit}")
    return " ".join(words)


# -- comparisons of filters


def _like(value: Any, pattern: Any) -> bool:
    regex = re.escape(cstr(pattern).lower()).replace("%", ".*").replace("_", ".")
    return re.fullmatch(regex, cstr(value).lower(), re.DOTALL) is not None


def _between(value: Any, bounds: Any) -> bool:
    return bounds[0] <= value <= bounds[1]


operator_map: dict[str, Callable[[Any, Any], bool]] = {
    "^": lambda a, b: (a or "").startswith(b),
    "in": lambda a, b: a in b,
    "not in": lambda a, b: a not in b,
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
    "not None": lambda a, b: a is not None,
    "None": lambda a, b: a is None,
    "like": _like,
    "not like": lambda a, b: not _like(a, b),
    "between": _between,
    "is": lambda a, b: bool(a) == (b == "set"),
}


def compare(val1: Any, condition: str, val2: Any, fieldtype: str | None = None) -> bool:
    """Whether two values stand in a relation such as `>` or `in`."""
    if fieldtype and condition not in {"in", "not in", "between", "is", "like", "not like"}:
        val1, val2 = cast(fieldtype, val1), cast(fieldtype, val2)
    if condition not in operator_map:
        return False
    try:
        return operator_map[condition](val1, val2)
    except TypeError:
        return False


def get_filter(doctype: str, filters: Any, filters_config: Any = None) -> Any:
    """A filter in its full form: doctype, fieldname, operator, value."""
    if isinstance(filters, dict):
        key, value = next(iter(filters.items()))
        filters = [key, *value] if isinstance(value, list | tuple) else [key, "=", value]
    parts = list(filters)
    if len(parts) == 2:
        parts = [doctype, parts[0], "=", parts[1]]
    elif len(parts) == 3:
        parts = [doctype, *parts]
    if len(parts) < 4:
        frappe.throw(
            frappe._("Filter must have 4 values (doctype, fieldname, operator, value): {0}").format(filters)
        )
    return frappe._dict(doctype=parts[0], fieldname=parts[1], operator=parts[2], value=parts[3])


def make_filter_tuple(doctype: str, key: str, value: Any) -> list:
    """A filter of a dictionary in its full form."""
    if isinstance(value, list | tuple):
        return [doctype, key, value[0], value[1]]
    return [doctype, key, "=", value]


def make_filter_dict(filters: list) -> dict:
    """Filters as a dictionary of operator and value by field."""
    return {entry[1]: (entry[2], entry[3]) for entry in filters}


def evaluate_filters(doc: Any, filters: dict | list | tuple) -> bool:
    """Whether a document fits filters, without asking the database."""
    if isinstance(filters, dict):
        filters = [make_filter_tuple(None, key, value) for key, value in filters.items()]
    for entry in filters:
        condition = get_filter(None, entry)
        field = frappe.get_meta(doc.doctype).get_field(condition.fieldname) if doc.get("doctype") else None
        if not compare(
            doc.get(condition.fieldname), condition.operator, condition.value, field and field.fieldtype
        ):
            return False
    return True


def get_timespan(timespan: str) -> Any:
    """First and last day of a span named in words."""
    return get_timespan_date_range(timespan)


def trim(text: str) -> str:
    """Text without the white space of HTML at its ends."""
    return strip_html(text).strip()


__all__ = [name for name in globals() if not name.startswith("_") and name not in {"annotations", "frappe"}]
__all__ += ["DATETIME_FORMAT", "DATE_FORMAT", "TIME_FORMAT", "add_to_date"]
