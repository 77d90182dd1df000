"""What the cells of a column mean."""

from __future__ import annotations

import datetime
from typing import Any

import frappe
from frappe import _
from frappe.core.doctype.data_import.columns import Column, picture, read_moment
from frappe.utils import cint, cstr, duration_to_seconds, flt

MOMENTS = ("Date", "Datetime", "Time")
_TRUE = {"1", "1.0", "true", "yes", "y", "on", "t", "是"}


def parse(column: Column, value: Any) -> Any:
    """The value of a cell as its field holds it.

    :raises frappe.ValidationError: for a time or duration that is none
    """
    kind = column.df.fieldtype  # type: ignore[union-attr]
    if kind == "Check":
        return int(cstr(value).strip().lower() in _TRUE)
    if kind == "Int":
        return cint(value)
    if kind in {"Float", "Currency", "Percent"}:
        return flt(value)
    if kind == "Duration":
        return value if isinstance(value, int | float) else duration_to_seconds(cstr(value))
    if kind in MOMENTS:
        moment = parse_moment(column, value)
        if moment is None and kind == "Time":
            frappe.throw(_("Value {0} must be in {1} format").format(frappe.bold(_safe(value)), picture(column.date_format or "%H:%M:%S")))  # fmt: skip
        return value if moment is None else moment
    return as_text(value)


def as_text(value: Any) -> str:
    """A cell as text. A number of a workbook has no fraction that nobody typed; a disarmed formula is itself again."""
    if isinstance(value, float) and value.is_integer():
        return cstr(int(value))
    text = cstr(value).strip()
    return text[1:] if text[:1] == "'" and text[1:2] in tuple("=@+-") else text


def parse_moment(column: Column, value: Any) -> Any:
    """A date, time or both; None when the text has another format than the column."""
    kind = column.df.fieldtype  # type: ignore[union-attr]
    if isinstance(value, datetime.datetime):
        return value.date() if kind == "Date" else value.time() if kind == "Time" else value
    if isinstance(value, datetime.date | datetime.time | datetime.timedelta):
        return value
    form = column.date_format or ""
    found = read_moment(cstr(value), form)
    if found is None and kind == "Datetime":
        found = read_moment(cstr(value), form[:8])
    if found is None:
        return None
    return found.date() if kind == "Date" else found.time() if kind == "Time" else found


def choices(column: Column) -> list[str]:
    """What a Select allows."""
    return [option.strip() for option in cstr(column.df.options).split("\n") if option.strip()]  # type: ignore[union-attr]


def words(options: list[str]) -> str:
    """Options in a sentence."""
    return ", ".join(frappe.bold(_safe(_(option))) for option in options)


def row_warnings(column: Column, number: int, value: Any) -> dict[str, Any] | None:
    """What is wrong with one cell, when the column's other values show that it is."""
    kind = column.df.fieldtype  # type: ignore[union-attr]
    if kind in {"Select", "Link"}:
        if as_text(value) not in column.missing:
            return None
        text = (
            _("Value must be one of {0}").format(words(choices(column)))
            if kind == "Select"
            else _("Value {0} missing for {1}").format(
                frappe.bold(_safe(value)),
                frappe.bold(_(column.df.options)),  # type: ignore[union-attr]
            )
        )
        return {"row": number, "field": column.field, "message": text}
    if kind in {"Date", "Datetime"} and parse_moment(column, value) is None:
        shown = frappe.bold(picture(column.date_format or ""))
        text = _("Value {0} must be in {1} format").format(frappe.bold(_safe(value)), shown)
        return {"row": number, "col": column.number, "field": column.field, "message": text}
    return None


def _safe(value: Any) -> str:
    return frappe.utils.escape_html(cstr(value)[:140])
