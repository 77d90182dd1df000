"""Running reports."""

from __future__ import annotations

import importlib
from typing import Any

import frappe
from frappe.utils import cint, cstr, flt


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
    columns, rows, message, chart, summary = execute(report, filters)
    if cint(report.add_total_row) and rows:
        rows = add_total_row(rows, columns)
    return {
        "result": rows, "columns": columns, "message": message, "chart": chart, "report_summary": summary,
        "skip_total_row": 0, "status": None, "execution_time": 0, "add_total_row": cint(report.add_total_row),
    }  # fmt: skip


def execute(report: Any, filters: dict) -> tuple[list, list, Any, Any, Any]:
    """Runs a report of an app, or a stored query."""
    if report.report_type == "Query Report":
        return *_run_query(report, filters), None, None, None
    if report.report_type != "Script Report":
        frappe.throw(
            frappe._("This kind of report is shown as a list: {0}").format(frappe._(report.report_type))
        )
    folder = frappe.scrub(report.name)
    app = frappe.scrub(frappe._apps.get_module_app(report.module))
    module = importlib.import_module(f"{app}.{frappe.scrub(report.module)}.report.{folder}.{folder}")
    answer = list(module.execute(filters))
    answer += [None] * (5 - len(answer))
    columns, rows, message, chart, summary = answer[:5]
    columns = [_column(column) for column in columns]
    return columns, _permitted(report.ref_doctype, columns, rows or []), message, chart, summary


def _run_query(report: Any, filters: dict) -> tuple[list, list]:
    statement = (report.query or "").strip()
    if not statement.lower().startswith(("select", "with")):
        frappe.throw(frappe._("Query must be of SELECT or read-only WITH type."))
    rows = frappe.db.sql(statement, filters, as_dict=True)
    names = list(rows[0]) if rows else []
    return [_column(name) for name in names], rows


def _column(column: Any) -> dict:
    if isinstance(column, dict):
        return {"fieldtype": "Data", **column, "label": frappe._(column.get("label") or "")}
    label, _, rest = cstr(column).partition(":")
    kind, _, width = rest.partition(":")
    fieldtype, _, options = (kind or "Data").partition("/")
    return {"label": frappe._(label), "fieldname": frappe.scrub(label), "fieldtype": fieldtype, "options": options, "width": cint(width) or None}  # fmt: skip


def _permitted(doctype: str, columns: list[dict], rows: list) -> list:
    """Rows whose links the user's limits allow."""
    from frappe.permissions import get_allowed_docs_for_doctype, get_user_permissions

    limits = get_user_permissions()
    checked = [(column["fieldname"], column.get("options")) for column in columns if column["fieldtype"] == "Link" and column.get("options") in limits]  # fmt: skip
    if not checked:
        return rows
    allowed = {target: set(get_allowed_docs_for_doctype(limits[target], doctype)) for _, target in checked}
    return [
        row
        for row in rows
        if not isinstance(row, dict)
        or all(
            not row.get(name) or not allowed[target] or row[name] in allowed[target]
            for name, target in checked
        )
    ]


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
    frappe.has_permission(report.ref_doctype, "export", throw=True)
    data = run(report_name, filters)
    names = [column["fieldname"] for column in data["columns"]]
    rows = [[_cell(row.get(name) if isinstance(row, dict) else row[index]) for index, name in enumerate(names)] for row in data["result"]]  # fmt: skip
    table = [[column["label"] for column in data["columns"]], *rows]
    from frappe.desk.tables import respond

    respond(table, file_format_type, frappe._(report_name))


def _cell(value: Any) -> Any:
    return value if isinstance(value, int | float) or value is None else cstr(value)
