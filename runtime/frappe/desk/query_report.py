"""Running reports."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import frappe
from frappe import _
from frappe.desk import _export, _report_rows
from frappe.desk._report_rows import add_total_row as add_total_row
from frappe.utils import cint, cstr, format_duration, sbool
from frappe.utils.typing_validations import parsed


def get_report_doc(report_name: str) -> Any:
    """A report that the user may run; of a custom report its columns and filters in `custom_columns`, `custom_filters`.

    :raises frappe.PermissionError: when he may not
    :raises frappe.DoesNotExistError: when there is none
    """
    doc = frappe.get_doc("Report", report_name)
    doc.custom_columns, doc.custom_filters = [], {}
    if doc.report_type == "Custom Report":
        kept = frappe.parse_json(doc.json or "{}")
        custom, doc = doc, frappe.get_doc("Report", doc.reference_report)
        doc.custom_report = custom.name
        doc.custom_columns = kept.get("columns") or []
        doc.custom_filters = kept.get("filters") or {}
        _check(custom)
    _check(doc)
    return doc


def _check(doc: Any) -> None:
    if not doc.is_permitted():
        frappe.throw(_("You don't have access to Report: {0}").format(_(doc.name)), frappe.PermissionError)
    if not frappe.has_permission(doc.ref_doctype, "report"):
        frappe.throw(
            _("You don't have permission to get a report on: {0}").format(_(doc.ref_doctype)), frappe.PermissionError
        )  # fmt: skip
    if cint(doc.disabled):
        frappe.throw(_("Report {0} is disabled").format(_(doc.name)))


@frappe.whitelist()
def get_script(report_name: str) -> dict:
    """What a page needs before it runs a report: its filters, and the script and template beside it."""
    report = get_report_doc(report_name)
    script, template = _beside(report, "js"), _beside(report, "html")
    script = script or report.javascript or f"frappe.query_reports[{frappe.as_json(report.name)}]={{}}"
    return {
        "script": script,
        "html_format": template,
        "execution_time": 0,
        "filters": [row.as_dict() for row in report.filters],
        "custom_report_name": report.name if report.get("custom_report") else None,
    }


def _beside(report: Any, extension: str) -> str | None:
    """A file beside a standard report of an app."""
    if report.is_standard != "Yes" or not report.module:
        return None
    name = frappe.scrub(report.name)
    try:
        folder = frappe.get_module_path(report.module, "report", name)
    except Exception:
        return None
    return frappe.read_file(os.path.join(folder, f"{name}.{extension}"))


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
    """Columns, rows, message, chart and summary of a report.

    A report that is prepared in the background answers with what was prepared last for these filters, in `doc` the
    record of it; without one `doc` is None and there are no rows.
    """
    report = get_report_doc(report_name)
    # Charts keep their filters as a list, which is empty where a report has none.
    filters = frappe._dict({} if filters in ("[]", []) else parsed(filters, dict, "filters"))
    if report.custom_filters and sbool(are_default_filters) is True:
        filters = frappe._dict(report.custom_filters) | filters
    custom = _columns("custom_columns", custom_columns)
    if cint(report.prepared_report) and not sbool(ignore_prepared_report) and not custom:
        from frappe.core.doctype.prepared_report.prepared_report import get_prepared_answer

        answer = get_prepared_answer(report, filters)
    else:
        answer = generate_report_result(
            report, filters, user, custom, is_tree=sbool(is_tree) is True, parent_field=parent_field
        )
    answer["add_total_row"] = bool(cint(report.add_total_row) and not cint(answer.get("skip_total_row")))
    if report.get("custom_report"):
        answer["custom_filters"] = report.custom_filters
    return answer


def generate_report_result(
    report: Any,
    filters: Any = None,
    user: str | None = None,
    custom_columns: list | None = None,
    is_tree: bool = False,
    parent_field: str | None = None,
) -> dict:
    """Runs a report: its columns and those rows that the user may see, with the row of totals."""
    filters = frappe._dict(filters or {})
    if report.report_type == "Query Report":
        parts = list(report.execute_query_report(filters))
    elif report.report_type == "Script Report":
        parts = list(report.execute_script_report(filters) or ([], []))
    else:
        # A list that was kept as a report is shown as a list; this door has no rows of it.
        parts = [[], None]
    columns, rows, message, chart, summary, skip_total = (parts + [None] * 6)[:6]
    columns = [_report_rows.column(entry) for entry in columns or []]
    if rows is not None:
        if report.report_type == "Query Report" or (rows and isinstance(rows[0], dict)):
            rows = _report_rows.as_dicts(list(rows), columns)
        shown = report.get("custom_columns")
        if shown:
            columns = [dict(entry) for entry in shown]
        _report_rows.add_custom_columns(custom_columns or [], columns, rows)
        rows = _report_rows.permitted(report.ref_doctype, columns, rows)
        if cint(report.add_total_row) and rows and not cint(skip_total):
            rows = add_total_row(list(rows), columns, is_tree=is_tree, parent_field=parent_field)
    return {
        "result": rows, "columns": columns, "message": message, "chart": chart, "report_summary": summary,
        "skip_total_row": cint(skip_total), "status": None, "execution_time": 0,
    }  # fmt: skip


def _columns(name: str, value: Any) -> list[dict]:
    """Columns as a page sends them: each has a name."""
    columns = parsed(value, list, name)
    if not all(isinstance(entry, dict) and isinstance(entry.get("fieldname"), str) for entry in columns):
        frappe.throw(_("The parameter {0} is not what is needed here").format(name), frappe.DataError)
    return columns


@frappe.whitelist()
def get_data_for_custom_field(doctype: str, field: str, names: Any = None) -> dict[str, Any]:
    """Name → value of a field, for a column that is added to a report."""
    if not frappe.has_permission(doctype, "read"):
        frappe.throw(_("Not Permitted to read {0}").format(_(doctype)), frappe.PermissionError)
    return _report_rows.linked_values(
        doctype, field, list(map(cstr, parsed(names, list, "names"))) if names else None
    )


@frappe.whitelist(methods=["POST"])
def save_report(reference_report: str, report_name: str, columns: str, filters: str) -> str:
    """Keeps a report with other columns and filters under a name of its own.

    :raises frappe.PermissionError: for who may not run the report it is made from
    """
    original = get_report_doc(reference_report)
    kept = frappe.as_json(
        {"columns": _columns("columns", columns), "filters": parsed(filters, dict, "filters")}
    )
    known = frappe.db.exists("Report", {"report_name": report_name, "is_standard": "No", "report_type": "Custom Report"})  # fmt: skip
    if known:
        report = frappe.get_doc("Report", known)
        report.json = kept
        report.save()
        frappe.msgprint(_("Report updated successfully"))
        return report.name
    report = frappe.get_doc(
        doctype="Report", report_name=report_name, json=kept, ref_doctype=original.ref_doctype, is_standard="No",
        report_type="Custom Report", reference_report=original.name, module=original.module,
    ).insert()  # fmt: skip
    frappe.msgprint(_("{0} saved successfully").format(report.name))
    return report.name


# -- export


@frappe.whitelist()
def export_query() -> None:
    """A report as a file.

    Of the request: `report_name`, `file_format_type` (Excel or CSV), `filters`, `visible_idx` (numbers of the rows
    shown; empty for all), `custom_columns`, `include_indentation`, `include_filters` with `applied_filters`.

    :raises frappe.PermissionError: for who may not export the report's DocType
    """
    form = frappe._dict(frappe.local.form_dict)
    report = get_report_doc(cstr(form.report_name))
    if not frappe.permissions.can_export(report.ref_doctype):
        frappe.throw(
            _("You are not allowed to export {} doctype").format(_(report.ref_doctype)), frappe.PermissionError
        )  # fmt: skip
    data = frappe._dict(run(
        form.report_name, form.filters, custom_columns=form.custom_columns, ignore_prepared_report=bool(form.filters is None),
        are_default_filters=False,
    ))  # fmt: skip
    if not data.get("columns"):
        frappe.throw(_("No data to export"))
    data.filters = parsed(form.filters, dict, "filters")
    data.applied_filters = parsed(form.applied_filters, dict, "applied_filters")
    visible = list(map(cint, parsed(form.visible_idx, list, "visible_idx")))
    table = table_rows(data, visible, cint(form.include_indentation), bool(cint(form.include_filters)))
    _export.respond_with_table(_(form.report_name), table, form.file_format_type or "Excel", _export.csv_settings(form))  # fmt: skip


def table_rows(
    data: Any, visible: list[int] | None, indented: int = 0, include_filters: bool = False
) -> Iterator[list]:
    """Filters when wanted, head and rows as a file takes them; `visible` picks rows by their number."""
    if include_filters:
        for name, value in (data.get("applied_filters") or data.get("filters") or {}).items():
            if value not in (None, "", []):
                yield [cstr(name), ", ".join(map(cstr, value)) if isinstance(value, list) else cstr(value)]
        yield []
    columns = [_report_rows.column(entry) for entry in data["columns"]]
    shown = [(position, entry) for position, entry in enumerate(columns) if not entry.get("hidden")]
    yield [entry["label"] for _position, entry in shown]
    wanted = set(visible or ())
    for number, row in enumerate(data["result"] or []):
        if wanted and number not in wanted:
            continue
        cells = [
            row.get(entry["fieldname"]) if isinstance(row, dict) else row[position] if position < len(row) else None
            for position, entry in shown
        ]  # fmt: skip
        for index, (_position, entry) in enumerate(shown):
            if entry.get("fieldtype") == "Duration" and isinstance(cells[index], int | float):
                cells[index] = format_duration(cells[index])
        if indented and cells and isinstance(row, dict) and row.get("indent"):
            cells[0] = "    " * cint(row["indent"]) + cstr(cells[0])
        yield cells


def build_xlsx_data(
    data: Any,
    visible_idx: list[int] | None,
    include_indentation: int,
    include_filters: bool = False,
    ignore_visible_idx: bool = False,
) -> tuple[list[list], list[int]]:
    """The rows of a report's workbook and the widths of its columns."""
    rows = list(table_rows(data, None if ignore_visible_idx else visible_idx, include_indentation, include_filters))  # fmt: skip
    widths = [cint(entry.get("width")) / 10 for entry in map(_report_rows.column, data["columns"]) if not entry.get("hidden")]  # fmt: skip
    return rows, widths
