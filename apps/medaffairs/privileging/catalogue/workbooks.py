"""Catalogue files: reading what hospitals have, writing the template and the export."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any
from zipfile import BadZipFile

import frappe
import xlsxwriter
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from medaffairs.privileging.catalogue import rules

MOST_ROWS = 100_000
MOST_BYTES = 30 * 1024 * 1024
LOOKED_AT_FOR_HEADINGS = 20
WIDTHS = {"procedure_code": 18, "procedure_name": 40, "insurance_name": 40, "insurance_code": 18}
NOTES = (
    "带 * 的列必填；列的顺序可以改变，也可以删去不需要的列。",
    "手术级别填写 1、2、3、4，或 一级、二级、三级、四级。",
    "手术类别填写：手术、介入治疗、治疗性操作、诊断性操作。",
    "限制类技术、微创手术、国考四级手术填写 是 或 否。",
    "状态填写 启用 或 停用；不填写为启用。",
    "任何一行有错误时，整个文件都不会导入；错误按行列出，改正后重新检查。",
)  # fmt: skip


def content_of(file_url: str) -> bytes:
    """The bytes of an uploaded file that the user may read.

    :raises frappe.PermissionError: when it is somebody else's
    :raises frappe.ValidationError: when there is none or it is too large
    """
    names = frappe.get_all("File", filters={"file_url": file_url}, pluck="name")
    if not names:
        frappe.throw(frappe._("Please attach the catalogue file"))
    files = [frappe.get_doc("File", name) for name in names]
    readable = next((file for file in files if file.has_permission("read")), None)
    if readable is None:
        frappe.throw(frappe._("You may not read this file"), frappe.PermissionError)
    content = readable.get_content()
    content = content.encode() if isinstance(content, str) else content
    if len(content) > MOST_BYTES:
        frappe.throw(frappe._("The file is larger than {0} MB").format(MOST_BYTES // 1024 // 1024))
    return content


def rows_of(content: bytes) -> list[Sequence[Any]]:
    """The rows of the first sheet.

    :raises frappe.ValidationError: when it is no workbook, or has too many rows
    """
    try:
        book = load_workbook(BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        rows = []
        for row in sheet.iter_rows(values_only=True):
            rows.append(row)
            if len(rows) > MOST_ROWS:
                frappe.throw(frappe._("The file has more than {0} rows").format(MOST_ROWS))
        return rows
    except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError, IndexError):
        frappe.throw(frappe._("The file is not an xlsx workbook"))
        raise


def read(content: bytes, categories: dict[str, str], level_needed: bool) -> rules.Sheet:
    """The checked rows of a catalogue file."""
    rows = rows_of(content)
    number, places = rules.find_heading(rows[:LOOKED_AT_FOR_HEADINGS])
    if number < 0:
        wanted = "、".join(rules.HEADINGS[name][0] for name in rules.REQUIRED)
        problem = rules.Problem(1, wanted, "", "The row of headings is missing; it needs {0}", (wanted,))
        return rules.Sheet([], [problem], 0)
    if level_needed and "level" not in places:
        heading = rules.HEADINGS["level"][0]
        return rules.Sheet(
            [], [rules.Problem(number + 1, heading, "", "The column {0} is missing", (heading,))], 0
        )
    return rules.read_rows(rows[number + 1 :], places, number + 2, categories, level_needed)


def write(rows: Iterable[Sequence[Any]], notes: bool = False) -> bytes:
    """A workbook with the template's headings and these rows, written as a stream."""
    buffer = BytesIO()
    book = xlsxwriter.Workbook(
        buffer, {"constant_memory": True, "in_memory": True, "strings_to_formulas": False}
    )
    sheet = book.add_worksheet("手术目录")
    bold = book.add_format({"bold": True, "bg_color": "#DCE6F1", "border": 1})
    sheet.freeze_panes(1, 2)
    for place, name in enumerate(rules.HEADINGS):
        sheet.set_column(place, place, WIDTHS.get(name, 14))
        heading = rules.HEADINGS[name][0]
        sheet.write_string(0, place, f"{heading}*" if name in (*rules.REQUIRED, "level") else heading, bold)
    for number, row in enumerate(rows, 1):
        for place, value in enumerate(row):
            if value not in (None, ""):
                sheet.write_string(number, place, str(value))
    if notes:
        about = book.add_worksheet("填写说明")
        about.set_column(0, 0, 80)
        for number, note in enumerate(NOTES):
            about.write_string(number, 0, note)
    book.close()
    return buffer.getvalue()


def table(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A plain workbook: headings and rows of text and numbers."""
    buffer = BytesIO()
    book = xlsxwriter.Workbook(
        buffer, {"constant_memory": True, "in_memory": True, "strings_to_formulas": False}
    )
    sheet = book.add_worksheet()
    for number, row in enumerate((headings, *rows)):
        for place, value in enumerate(row):
            if isinstance(value, int):
                sheet.write_number(number, place, value)
            else:
                sheet.write_string(number, place, str(value or ""))
    book.close()
    return buffer.getvalue()
