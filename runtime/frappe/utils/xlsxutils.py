"""Workbooks: reading, writing, answering with them."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from typing import Any

import frappe
from frappe.utils import cstr


def make_xlsx(
    data: Iterable[Iterable[Any]], sheet_name: str, wb: Any = None, column_widths: list | None = None
) -> BytesIO:
    """Rows as a workbook of one sheet; a text is never a formula."""
    from frappe.desk._export import xlsx_content

    return BytesIO(xlsx_content(data, sheet_name))


def read_xlsx_file_from_attached_file(
    file_url: str | None = None, fcontent: bytes | None = None, filepath: str | None = None
) -> list[list]:
    """The rows of a workbook's first sheet.

    :param file_url: a stored file that the user may read
    :raises frappe.ValidationError: for a workbook that is damaged or made to do harm
    """
    from frappe.core.doctype.data_import.source import rows

    if file_url:
        file = frappe.get_doc("File", {"file_url": file_url})
        if not file.is_downloadable():
            raise frappe.PermissionError
        content = file.get_content()
    elif filepath:
        with open(filepath, "rb") as stream:
            content = stream.read()
    else:
        content = fcontent or b""
    return list(rows(content, "xlsx"))


def build_xlsx_response(data: Iterable[Iterable[Any]], filename: str) -> None:
    """Answers the request with rows as a workbook."""
    from frappe.desk._export import respond_with_table

    respond_with_table(cstr(filename), data, "Excel")
