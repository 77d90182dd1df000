"""Values as people read them."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.utils import (
    cint,
    cstr,
    flt,
    fmt_money,
    format_date,
    format_datetime,
    format_duration,
    format_time,
)


def format_value(
    value: Any,
    df: Any = None,
    doc: Any = None,
    currency: str | None = None,
    translated: bool = False,
    format: Any = None,
) -> str:
    """A value as the site writes it, by the type of its field."""
    if isinstance(df, str):
        df = frappe._dict(fieldtype=df)
    if df is None:
        df = frappe._dict(fieldtype="Data")
    if translated:
        value = frappe._(value)
    kind = df.get("fieldtype")
    if value is None or (value == "" and kind != "Check"):
        return ""
    if kind in _FORMATS:
        return _FORMATS[kind](value)
    if kind in {"Float", "Percent"}:
        digits = cint(df.get("precision")) or (2 if kind == "Percent" else 3)
        text = f"{flt(value, digits):,.{digits}f}"
        return f"{text}%" if kind == "Percent" else text
    if kind == "Currency":
        return fmt_money(value, precision=cint(df.get("precision")) or 2, currency=currency)
    if kind in {"Text", "Small Text"} and "<" not in cstr(value):
        return cstr(value).replace("\n", "<br>")
    return cstr(value)


_FORMATS = {
    "Date": format_date,
    "Datetime": format_datetime,
    "Time": format_time,
    "Duration": format_duration,
    "Int": lambda value: cstr(cint(value)),
    "Check": lambda value: cstr(cint(value)),
    "Rating": lambda value: f"{round(flt(value) * 5)}/5",
}


def format(value: Any, *args: Any, **kwargs: Any) -> str:
    """The short name of `format_value`."""
    return format_value(value, *args, **kwargs)
