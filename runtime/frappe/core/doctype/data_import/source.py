"""Files with a table in them, row by row. What could exhaust the server is refused before it is read.

A row is a list of cells without empty ones at its end. Nothing but the row at hand is held, so that a file of
50,000 rows needs no more memory than one of 50.
"""

from __future__ import annotations

import csv
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

import frappe
from frappe import _

MAX_COLUMNS = 1_000
MAX_ROWS = 1_048_576  # what a sheet of Excel holds
MAX_CELLS = 50_000_000
MAX_LINE = 4 << 20
MAX_UNPACKED = 256 << 20
MAX_SHARED_TEXTS = 64 << 20
_DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, NotImplementedError, RuntimeError, EOFError,
            OSError, ValueError)  # fmt: skip
EXTENSIONS = ("csv", "xlsx", "xls")
_CHUNK = 1 << 18


def rows(content: bytes, extension: str) -> Iterator[list]:
    """The rows of the first sheet, empty ones too, so that their count is the row's number in the file.

    :raises frappe.ValidationError: for another kind of file, a damaged one, or one made to do harm
    """
    if extension == "csv":
        return _bounded(_csv_rows(content))
    if extension == "xlsx":
        return _bounded(_xlsx_rows(content))
    if extension == "xls":
        frappe.throw(_("Files in the old format .xls cannot be read here; save the file as .xlsx or .csv"))
    frappe.throw(_("Import template should be of type .csv, .xlsx or .xls"))


def _refuse(message: str) -> None:
    frappe.throw(message, title=_("Template Error"))


def _bounded(table: Iterator[Any]) -> Iterator[list]:
    cells = 0
    for number, row in enumerate(table, 1):
        cells += len(row)
        if number > MAX_ROWS or cells > MAX_CELLS:
            _refuse(_("The file has too many cells; at row {0}").format(number))
        width = len(row)
        while width and row[width - 1] in (None, ""):
            width -= 1
        if width > MAX_COLUMNS:
            _refuse(_("Row {0} has {1} columns; at most {2} can be read").format(number, width, MAX_COLUMNS))
        yield list(row[:width])


# -- text


def _csv_rows(content: bytes) -> Iterator[list]:
    text = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig", newline="")
    number = 0
    try:
        for row in csv.reader(_lines(text), strict=True):
            number += 1
            yield [cell.strip() or None for cell in row]
    except UnicodeDecodeError:
        _refuse(
            _("The file is not text in UTF-8 (after row {0}). Save it as CSV UTF-8 or as .xlsx").format(
                number
            )
        )
    except csv.Error as error:
        _refuse(_("Row {0} cannot be read as CSV: {1}").format(number + 1, error))


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    for number, line in enumerate(iter(lambda: text.readline(MAX_LINE + 1), ""), 1):
        if len(line) > MAX_LINE:
            _refuse(_("Line {0} is too long").format(number))
        if "\0" in line:
            _refuse(_("The file is not text in UTF-8 (after row {0}). Save it as CSV UTF-8 or as .xlsx").format(number - 1))  # fmt: skip
        yield line


# -- workbooks


def _xlsx_rows(content: bytes) -> Iterator[Any]:
    check_archive(content)
    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        # The size that the file claims is not believed: rows would be filled up to it.
        sheet.reset_dimensions()
        for row in sheet.iter_rows(values_only=True):
            yield [cell.strip() or None if isinstance(cell, str) else cell for cell in row]
    except frappe.ValidationError:
        raise
    except Exception as error:
        # The library answers a damaged workbook with whatever its parser stumbles over.
        frappe.logger("data_import").info("unreadable workbook: %r", error)
        _refuse(_("The workbook is damaged and cannot be read"))


def check_archive(content: bytes) -> None:
    """Refuses an archive that is none, unpacks to too much, or whose XML defines entities.

    :raises frappe.ValidationError: then
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            # An archive never yields more than the sizes it states: reading stops there.
            if sum(part.file_size for part in parts) > MAX_UNPACKED or any(
                part.file_size > MAX_SHARED_TEXTS and part.filename.lower().endswith("sharedstrings.xml")
                for part in parts
            ):
                _refuse(_("The workbook is too large when it is unpacked"))
            for part in parts:
                if part.filename.lower().endswith((".xml", ".rels", ".vml")):
                    _check_xml(archive, part)
    except frappe.ValidationError:
        raise
    except _DAMAGED:
        _refuse(_("The workbook is damaged and cannot be read"))


def _check_xml(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    with archive.open(part) as stream:
        before = stream.read(256)
        if b"\0" in before or before[:2] in (b"\xff\xfe", b"\xfe\xff"):
            _refuse(_("The workbook is damaged and cannot be read"))
        while before:
            if b"<!DOCTYPE" in before or b"<!ENTITY" in before:
                _refuse(_("The workbook defines XML entities, which are not allowed"))
            chunk = stream.read(_CHUNK)
            before = before[-16:] + chunk if chunk else b""
