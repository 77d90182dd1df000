"""Tables as files. Rows are written as they come, so that a long table needs no more memory than a short one."""

from __future__ import annotations

import csv
import datetime
import io
import json
import re
import tempfile
from collections.abc import Iterable
from typing import Any

import frappe
from frappe.desk._xlsx import workbook
from frappe.utils import cint, cstr

_INVALID_IN_SHEET_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
_FORMULA = re.compile(r"[=@\t\r]|[+-](?![\d.]+$)")


def respond_with_table(
    title: str, rows: Iterable[Iterable[Any]], file_format: str, csv_settings: dict[str, Any] | None = None
) -> None:
    """Answers the request with a table, the first row being its head.

    :param file_format: `CSV` or `Excel`
    :raises frappe.ValidationError: for another format
    """
    if file_format == "CSV":
        content, extension = csv_content(rows, **(csv_settings or {})), "csv"
    elif file_format == "Excel":
        content, extension = xlsx_content(rows, title), "xlsx"
    else:
        frappe.throw(frappe._("Unsupported file format: {0}").format(cstr(file_format)[:20]))
    frappe.response["filename"] = f"{safe_file_name(title)}.{extension}"
    frappe.response["filecontent"] = content
    frappe.response["type"] = "binary"


def safe_file_name(title: str) -> str:
    """A title without what file systems and headers mind."""
    return "".join(char if char.isalnum() or char in " -_." else "_" for char in title).strip() or "export"


def csv_settings(form: dict[str, Any]) -> dict[str, Any]:
    """How the caller wants his CSV: `csv_delimiter` and `csv_quoting`."""
    delimiter = cstr(form.get("csv_delimiter") or ",")
    quoting = form.get("csv_quoting")
    return {
        "delimiter": delimiter if len(delimiter) == 1 and delimiter not in '"\r\n' else ",",
        "quoting": cint(quoting)
        if cint(quoting) in (0, 1, 2, 3) and quoting is not None
        else csv.QUOTE_NONNUMERIC,
    }


def csv_content(
    rows: Iterable[Iterable[Any]], delimiter: str = ",", quoting: int = csv.QUOTE_NONNUMERIC
) -> bytes:
    """Rows as CSV in UTF-8, with the mark by which spreadsheets know the encoding."""
    with tempfile.SpooledTemporaryFile(max_size=1 << 20) as file:
        text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=False)
        writer = csv.writer(
            text, delimiter=delimiter, quoting=quoting, escapechar="\\" if quoting == csv.QUOTE_NONE else None
        )
        writer.writerows([_plain(value) for value in row] for row in rows)
        text.flush()
        file.seek(0)
        content = file.read()
        text.detach()
    return content


def _plain(value: Any) -> Any:
    """A value as CSV takes it. A text that a spreadsheet would take for a formula begins with an apostrophe."""
    if isinstance(value, str):
        return f"'{value}" if _FORMULA.match(value) else value
    if value is None or isinstance(value, int | float):
        return "" if value is None else value
    return _readable(value)


def _readable(value: Any) -> str:
    if isinstance(value, datetime.datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, list | dict | tuple):
        return json.dumps(value, ensure_ascii=False, default=str)
    return cstr(value)


def xlsx_content(rows: Iterable[Iterable[Any]], sheet_name: str = "Data Export") -> bytes:
    """Rows as a workbook of one sheet with a bold head. A text that looks like a formula stays a text."""
    name = sheet_name.translate(_INVALID_IN_SHEET_NAMES)[:31].strip() or "Sheet1"
    return workbook(rows, name, lambda value: cstr(_readable(value)))
