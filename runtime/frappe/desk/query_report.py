"""Running reports."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from typing import Any

import frappe
from frappe.desk import _export
from frappe.utils import cint, cstr, flt, format_duration

_WRITING = re.compile(r"\b(insert|update|delete|replace|drop|alter|create|attach|pragma)\b", re.IGNORECASE)


def get_report_doc(report_name: str) -> Any:
    """A report that the user may run.

    :raises frappe.PermissionError: when he may not
    """
    doc = frappe.get_doc("Report", report_name)
    roles = {row.role for row in doc.roles}
    allowed = not roles or roles & set(frappe.get_roles()) or frappe.session.user == "Administrator"
    if not allowed or not frappe.has_permission(doc.ref_doctype, "report"):
        frappe.throw(
            frappe._("You don't have permission to get a report on: {0}").format(frappe._(doc.ref_doctype)),
            frappe.PermissionError,
        )
    if cint(doc.disabled):
        frappe.throw(frappe._("Report {0} is disabled").format(frappe._(report_name)))
    return doc


@frappe.whitelist()
def get_script(report_name: str) -> dict:
    """What a page needs before it runs a report: its filters."""
    report = get_report_doc(report_name)
    keys = ("fieldname", "label", "fieldtype", "options", "default", "mandatory", "wildcard_filter")
    filters = [{key: row.get(key) for key in keys} for row in report.filters]
    return {
        "script": "",
        "html_format": None,
        "execution_time": 0,
        "filters": filters,
        "custom_report_name": None,
    }


@frappe.whitelist()
def run(
    report_name: str,
    filters: Any = None,
    user: str | None = None,
    ignore_prepared_report: bool = False,
    custom_columns: Any = None,
    is_tree: bool = False,
    parent_field: str | None = None,
    are_default_filters: bool = True,
) -> dict:
    """Columns, rows, message, chart and summary of a report."""
    report = get_report_doc(report_name)
    filters = frappe._dict(frappe.parse_json(filters or "{}"))
    columns, rows, message, chart, summary, skip_total = execute(report, filters)
    if cint(report.add_total_row) and rows and not cint(skip_total):
        rows = add_total_row(rows, columns)
    return {
        "result": rows, "columns": columns, "message": message, "chart": chart, "report_summary": summary,
        "skip_total_row": cint(skip_total), "status": None, "execution_time": 0,
        "add_total_row": cint(report.add_total_row),
    }  # fmt: skip


def execute(report: Any, filters: dict) -> tuple[list, list, Any, Any, Any, Any]:
    """Runs a report of an app, or a stored query."""
    if report.report_type == "Query Report":
        return *_run_query(report, filters), None, None, None, None
    if report.report_type != "Script Report":
        frappe.throw(
            frappe._("This kind of report is shown as a list: {0}").format(frappe._(report.report_type))
        )
    folder = frappe.scrub(report.name)
    app = frappe.scrub(frappe._apps.get_module_app(report.module))
    module = importlib.import_module(f"{app}.{frappe.scrub(report.module)}.report.{folder}.{folder}")
    answer = list(module.execute(filters))
    answer += [None] * (6 - len(answer))
    columns, rows, message, chart, summary, skip_total = answer[:6]
    columns = [_column(column) for column in columns or []]
    return columns, _permitted(report.ref_doctype, columns, rows or []), message, chart, summary, skip_total


def _run_query(report: Any, filters: dict) -> tuple[list, list]:
    statement = (report.query or "").strip()
    reads = statement.lower().startswith("select") or (
        statement.lower().startswith("with") and not _WRITING.search(statement)
    )
    if not reads:
        frappe.throw(frappe._("Query must be of SELECT or read-only WITH type."))
    rows = frappe.db.sql(statement, filters, as_dict=True)
    stored = [{key: column.get(key) for key in ("fieldname", "label", "fieldtype", "options", "width")} for column in report.columns]  # fmt: skip
    columns = [_column(column) for column in stored or (list(rows[0]) if rows else [])]
    if not stored and rows:
        # The head may carry type and width ("Date:Date:100"); rows are read by the short name.
        names = [column["fieldname"] for column in columns]
        rows = [dict(zip(names, row.values(), strict=True)) for row in rows]
    return columns, _permitted(report.ref_doctype, columns, rows)


def _column(column: Any) -> dict:
    if isinstance(column, dict):
        return {"fieldtype": "Data", **column, "label": frappe._(column.get("label") or "")}
    label, _, rest = cstr(column).partition(":")
    kind, _, width = rest.partition(":")
    fieldtype, _, options = (kind or "Data").partition("/")
    return {"label": frappe._(label), "fieldname": frappe.scrub(label), "fieldtype": fieldtype, "options": options, "width": cint(width) or None}  # fmt: skip


def _permitted(doctype: str, columns: list[dict], rows: list) -> list:
    """Rows whose links the user's limits allow; his own rows where the rules give him no others."""
    from frappe.permissions import get_allowed_docs_for_doctype, get_role_permissions, get_user_permissions

    limits = get_user_permissions()
    checked = []
    for position, column in enumerate(columns):
        target = column.get("options")
        if column["fieldtype"] != "Link" or target not in limits or column.get("ignore_user_permissions"):
            continue
        allowed = set(get_allowed_docs_for_doctype(limits[target], doctype))
        if allowed:
            checked.append((column["fieldname"], position, allowed))
    if checked:
        rows = [row for row in rows if all(_fits(row, *check) for check in checked)]
    own = get_role_permissions(doctype).get("if_owner") or {}
    if "report" in own and any(column["fieldname"] == "owner" for column in columns):
        rows = [row for row in rows if not isinstance(row, dict) or row.get("owner") == frappe.session.user]
    return rows


def _fits(row: Any, name: str, position: int, allowed: set[str]) -> bool:
    value = row.get(name) if isinstance(row, dict) else row[position] if position < len(row) else None
    return not value or cstr(value) in allowed


def add_total_row(
    result: list, columns: list[dict], meta: Any = None, is_tree: bool = False, parent_field: Any = None
) -> list:
    """The rows with their sums."""
    total: dict[str, Any] = {}
    for column in columns:
        if column["fieldtype"] in {"Int", "Float", "Currency", "Duration"}:
            total[column["fieldname"]] = sum(
                flt(row.get(column["fieldname"])) for row in result if isinstance(row, dict)
            )
    first = columns[0]["fieldname"]
    if first not in total:
        total[first] = frappe._("Total")
    return [*result, total]


@frappe.whitelist()
def export_query(
    report_name: str,
    file_format_type: str = "Excel",
    filters: Any = None,
    custom_columns: Any = None,
    visible_idx: Any = None,
    include_indentation: int = 0,
    include_filters: int = 0,
) -> None:
    """A report as a file."""
    report = get_report_doc(report_name)
    frappe.permissions.can_export(report.ref_doctype, raise_exception=True)
    data = run(report_name, filters, custom_columns=custom_columns)
    table = _table(
        data["columns"], data["result"], frappe.parse_json(visible_idx or "[]"), cint(include_indentation)
    )
    _export.respond_with_table(
        frappe._(report_name), table, file_format_type, _export.csv_settings(frappe.local.form_dict)
    )


def _table(columns: list[dict], rows: list, visible: list[int], indented: int) -> Iterator[list]:
    """Head and rows as a file takes them; `visible` picks rows by their number, the totals stay."""
    shown = [(position, column) for position, column in enumerate(columns) if not column.get("hidden")]
    yield [column["label"] for _position, column in shown]
    wanted = set(visible)
    for number, row in enumerate(rows):
        if wanted and number not in wanted and number != len(rows) - 1:
            continue
        cells = [
            row.get(column["fieldname"]) if isinstance(row, dict) else row[position]
            for position, column in shown
        ]
        for index, (_position, column) in enumerate(shown):
            if column["fieldtype"] == "Duration" and isinstance(cells[index], int | float):
                cells[index] = format_duration(cells[index])
        if indented and isinstance(row, dict) and row.get("indent"):
            cells[0] = "    " * cint(row["indent"]) + cstr(cells[0])
        yield cells
