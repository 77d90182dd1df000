"""Tables as files."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

import frappe

#: A cell that begins like this would be a formula in a spreadsheet program.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def respond(rows: Iterable[list[Any]], file_format: str, title: str) -> None:
    """Answers the request with an Excel or CSV file."""
    as_csv = file_format.upper() == "CSV"
    frappe.response["filename"] = f"{title}.{'csv' if as_csv else 'xlsx'}"
    frappe.response["filecontent"] = to_csv(rows) if as_csv else to_xlsx(rows, title)
    frappe.response["type"] = "binary"


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def to_csv(rows: Iterable[list[Any]]) -> bytes:
    """CSV that spreadsheet programs read as UTF-8."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for row in rows:
        writer.writerow([_harmless(value) for value in row])
    return ("\ufeff" + buffer.getvalue()).encode()


def to_xlsx(rows: Iterable[list[Any]], title: str) -> bytes:
    """An Excel file, written row by row."""
    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet(title[:31].translate(str.maketrans("", "", "[]:*?/\\")) or "Sheet")
    bold = book.add_format({"bold": True})
    for number, row in enumerate(rows):
        for position, value in enumerate(row):
            sheet.write(number, position, value, bold if number == 0 else None)
    book.close()
    return buffer.getvalue()
