"""Values as people read them."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.model import table_fields
from frappe.utils import (
    cint,
    cstr,
    flt,
    fmt_money,
    format_date,
    format_datetime,
    format_duration,
    format_time,
    md_to_html,
)


def format_value(
    value: Any,
    df: Any = None,
    doc: Any = None,
    currency: str | None = None,
    translated: bool = False,
    format: Any = None,
) -> Any:
    """A value as the site writes it, by the type of its field."""
    if isinstance(df, str):
        df = frappe._dict(fieldtype=df)
    if df is None:
        df = frappe._dict(fieldtype="Data")
    if translated:
        value = frappe._(value)
    kind = df.get("fieldtype")
    if kind in _NUMBERS:
        return _number(value, df, currency)
    if value is None:
        return ""
    if value == "":
        return None if kind == "Datetime" else ""
    if kind in {"Text", "Small Text"}:
        has_markup = any(mark in cstr(value) for mark in ("<br", "<div", "<p"))
        return cstr(value) if has_markup else cstr(value).replace("\n", "<br>")
    if kind in _FORMATS:
        return _FORMATS[kind](value)
    if kind in table_fields and isinstance(value, list):
        return ", ".join(_title_of(row) for row in value)
    return value


def _number(value: Any, df: Any, currency: str | None) -> str:
    digits = cint(df.get("precision"))
    if df.get("fieldtype") == "Percent":
        return f"{flt(value, 2)}%"
    if df.get("fieldtype") == "Currency":
        return fmt_money(value, precision=digits or None, currency=currency)
    # Whole numbers are shown without decimals.
    return fmt_money(value, precision=0 if flt(value).is_integer() else digits or 3)


def _title_of(row: Any) -> str:
    """What a row of choices stands for: the value of its link."""
    links = row.meta.get_link_fields()
    return cstr(row.get(links[0].fieldname)) if links else cstr(row.name)


_NUMBERS = {"Float", "Percent", "Currency"}
_FORMATS = {
    "Date": format_date,
    "Datetime": format_datetime,
    "Time": format_time,
    "Duration": format_duration,
    "Markdown Editor": md_to_html,
    "Text Editor": lambda value: f"<div class='ql-snow'>{value}</div>",
}


def format(value: Any, *args: Any, **kwargs: Any) -> str:
    """The short name of `format_value`."""
    return format_value(value, *args, **kwargs)
