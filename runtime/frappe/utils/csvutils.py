"""CSV: reading, writing, answering with it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

import frappe
from frappe.utils import cstr
from frappe.utils.typing_validations import parsed


def read_csv_content_from_attached_file(doc: Any) -> list[list]:
    """The rows of the newest CSV file that is attached to a document."""
    names = frappe.get_all(
        "File", filters={"attached_to_doctype": doc.doctype, "attached_to_name": doc.name}, order_by="creation desc",
        pluck="name", limit_page_length=1,
    )  # fmt: skip
    if not names:
        frappe.throw(frappe._("File not attached"))
    return read_csv_content(frappe.get_doc("File", names[0]).get_content())


def read_csv_content(fcontent: str | bytes) -> list[list]:
    """The rows of a CSV text in UTF-8; empty cells are None.

    :raises frappe.ValidationError: for another encoding
    """
    if isinstance(fcontent, bytes):
        try:
            fcontent = fcontent.decode("utf-8-sig")
        except UnicodeDecodeError:
            frappe.throw(frappe._("The file is not text in UTF-8. Save it as CSV UTF-8 or as .xlsx"))
    try:
        return [
            [cell.strip() or None for cell in row] for row in csv.reader(io.StringIO(fcontent, newline=""))
        ]
    except csv.Error as error:
        frappe.throw(frappe._("The file cannot be read as CSV: {0}").format(error))


def to_csv(data: Iterable[Iterable[Any]], quoting: int = csv.QUOTE_NONNUMERIC, delimiter: str = ",") -> str:
    """Rows as CSV text; texts are quoted."""
    from frappe.desk._export import csv_content

    return csv_content(data, delimiter=delimiter, quoting=quoting).decode("utf-8-sig")


def build_csv_response(data: Iterable[Iterable[Any]], filename: str) -> None:
    """Answers the request with rows as CSV."""
    frappe.response["result"] = to_csv(data)
    frappe.response["doctype"] = filename
    frappe.response["type"] = "csv"


@frappe.whitelist()
def send_csv_to_client(args: Any) -> None:
    """Answers with `{"data": rows, "filename": …}` as CSV."""
    args = frappe._dict(parsed(args, dict, "args"))
    rows = parsed(args.data, list, "data")
    args.data = [row if isinstance(row, list) else [row] for row in rows]
    build_csv_response(args.data, cstr(args.filename))
