"""The catalogue for the face: importing, exporting, and what it holds per scheme."""

from collections import Counter
from typing import Any

import frappe
from frappe.utils import getdate

from medaffairs.privileging.catalogue import importing, levels, rules, workbooks

MOST_ERRORS_SHOWN = 200
PAGE = 100
SUMMARY = ("name", "status", "scheme", "catalogue_year", "rows_total", "rows_valid", "rows_new", "rows_changed",
           "rows_unchanged", "rows_ended", "errors_total", "result", "imported_at")  # fmt: skip
WAITING = ("Queued", "Running")
# A job that has not finished by then was lost with its worker: the import may be started again.
LOST_AFTER_MINUTES = 15


def _send(name: str, content: bytes) -> None:
    frappe.response.update({"filename": name, "filecontent": content, "type": "binary"})


def _import(name: str) -> Any:
    doc = frappe.get_doc("Catalogue Import", name)
    doc.check_permission("write")
    return doc


def _summary(doc: Any) -> dict[str, Any]:
    doc.reload()
    return {field: doc.get(field) for field in SUMMARY} | {
        "errors": [
            {"row_no": row.row_no, "column_name": row.column_name, "value": row.value, "message": row.message}
            for row in doc.errors
        ]
    }


@frappe.whitelist(methods=["GET"])
def template() -> None:
    """Sends the empty workbook to be filled, with an explanation on its second sheet."""
    frappe.has_permission("Catalogue Import", "create", throw=True)
    sample = (
        "51.2300",
        "腹腔镜下胆囊切除术",
        "3",
        "手术",
        "否",
        "是",
        "否",
        "51.2300",
        "腹腔镜下胆囊切除术",
        "启用",
    )
    _send("手术目录导入模板.xlsx", workbooks.write([sample], notes=True))


@frappe.whitelist(methods=["POST"])
def new_import(
    scheme: str, catalogue_year: int, file: str, is_complete: int = 0, from_date: str | None = None
) -> dict[str, Any]:
    """Makes an import for an uploaded file and checks it at once: nothing of the catalogue changes.

    :param scheme: a `Dictionary Item` of LEVEL_SCHEME
    :param file: the address of the uploaded file (`file_url` of `upload_file`)
    :param is_complete: 1 when the file is the year's whole catalogue, so that what it lacks ends
    :param from_date: from when the levels hold, the first of January of the year by default
    :returns: name, status, counts and the first errors (row_no, column_name, value, message)
    """
    doc = frappe.get_doc(
        doctype="Catalogue Import", scheme=scheme, catalogue_year=catalogue_year, file=file, is_complete=int(is_complete),
        from_date=from_date or None,
    ).insert()  # fmt: skip
    return check(doc.name)


@frappe.whitelist(methods=["POST"])
def check(name: str) -> dict[str, Any]:
    """A dry run: reads the file and says what is wrong with which row; nothing of the catalogue changes.

    :returns: the summary of the import with the first 200 errors; status Checked when there is none, else Draft
    """
    doc = _import(name)
    if doc.status in (*WAITING, "Imported"):
        frappe.throw(frappe._("The file is being imported or was imported"))
    sheet = importing.read_file(doc)
    found = sheet.problems or ([] if sheet.rows else [rules.Problem(1, "", "", "The file has no rows")])
    doc.set("errors", [])
    for problem in found[:MOST_ERRORS_SHOWN]:
        doc.append("errors", _error(problem))
    doc.rows_total, doc.rows_valid, doc.errors_total = sheet.total, len(sheet.rows), len(found)
    doc.flags.checked = "Draft" if found else "Checked"
    doc.save()
    return _summary(doc)


def _error(problem: rules.Problem) -> dict[str, Any]:
    message = frappe._(problem.message).format(*problem.arguments)
    return {
        "row_no": problem.row_no,
        "column_name": problem.column,
        "value": problem.value,
        "message": message,
    }


@frappe.whitelist(methods=["GET"])
def errors(name: str) -> None:
    """Sends every error of the file as a workbook: row, column, value, message."""
    sheet = importing.read_file(_import(name))
    rows = [tuple(_error(problem).values()) for problem in sheet.problems]
    headings = tuple(frappe._(word) for word in ("Row", "Column", "Value", "Message"))
    _send(f"{name}.xlsx", workbooks.table(headings, rows))


@frappe.whitelist(methods=["POST"])
def start(name: str) -> dict[str, Any]:
    """Imports a checked file in the background; `progress` tells how it goes.

    :raises frappe.ValidationError: when the file was not checked, or has errors
    """
    doc = frappe.get_doc("Catalogue Import", name, for_update=True)
    doc.check_permission("write")
    lost = doc.status in WAITING and doc.modified < frappe.utils.add_to_date(
        None, minutes=-LOST_AFTER_MINUTES
    )
    if doc.status not in ("Checked", "Failed") and not lost:
        frappe.throw(frappe._("Please check the file first; it can be imported when it has no errors"))
    doc.db_set("status", "Queued")
    frappe.enqueue(
        "medaffairs.privileging.catalogue.importing.run", queue="long", timeout=1500, enqueue_after_commit=True, name=name
    )  # fmt: skip
    return _summary(doc)


@frappe.whitelist(methods=["GET"])
def progress(name: str) -> dict[str, Any]:
    """How an import stands: status, counts, result; ask until the status is Imported or Failed."""
    doc = frappe.get_doc("Catalogue Import", name)
    doc.check_permission("read")
    return _summary(doc)


@frappe.whitelist(methods=["GET"])
def export(scheme: str, on: str | None = None) -> None:
    """Sends the catalogue with the levels of a scheme, in the columns of the template: importing it changes nothing."""
    frappe.has_permission("Procedure", "export", throw=True)
    held = levels.procedures_on(scheme, getdate(on) if on else getdate())
    names = dict(
        frappe.get_all(
            "Dictionary Item", filters={"dictionary": "PROCEDURE_CATEGORY"}, fields=["name", "item_name"], as_list=True
        )
    )  # fmt: skip
    fields = ["name", *importing.FIELDS]
    rows = frappe.get_all("Procedure", fields=fields, order_by="name", limit_page_length=0)
    _send(
        f"{frappe.get_cached_value('Dictionary Item', scheme, 'item_name')}.xlsx",
        workbooks.write(_exported(row, held[row.name], names) for row in rows if row.name in held),
    )


def _exported(row: Any, level: str, categories: dict[str, str]) -> tuple[str, ...]:
    flags = ("是" if row[name] else "否" for name in rules.CHECKS)
    return (
        row.name, row.procedure_name, level, categories.get(row.category, ""), *flags, row.insurance_code or "",
        row.insurance_name or "", "启用" if row.status == "Active" else "停用",
    )  # fmt: skip


@frappe.whitelist(methods=["GET"])
def statistics(scheme: str | None = None, on: str | None = None) -> dict[str, Any]:
    """How many active procedures each scheme has per level on a day, by category and department.

    :param scheme: only this one; its categories and departments are told too
    :returns: schemes: [{scheme, item_name, levels: {"1": n, …}, total}], years: [{scheme, year, level, count}],
        categories and departments: [{name, label, levels, total}]
    """
    frappe.has_permission("Procedure", "report", throw=True)
    day = getdate(on) if on else getdate()
    filters = {"dictionary": "LEVEL_SCHEME"} | ({"name": scheme} if scheme else {})
    schemes = frappe.get_all(
        "Dictionary Item", filters=filters, fields=["name", "item_name"], order_by="sort_order"
    )
    active = {
        row.name: row
        for row in frappe.get_all(
            "Procedure",
            filters={"status": "Active"},
            fields=["name", "category", "department"],
            limit_page_length=0,
        )
    }
    counted, details = [], {"categories": [], "departments": []}
    for entry in schemes:
        held = {
            code: level for code, level in levels.procedures_on(entry.name, day).items() if code in active
        }
        counted.append(
            {"scheme": entry.name, "item_name": entry.item_name, **_levels(Counter(held.values()))}
        )
        if scheme:
            details = {
                "categories": _by(active, held, "category", "Dictionary Item", "item_name"),
                "departments": _by(active, held, "department", "Clinical Department", "department_name"),
            }
    return {"schemes": counted, "years": _years(scheme), **details}


def _levels(counts: Counter) -> dict[str, Any]:
    return {"levels": {level: counts.get(level, 0) for level in "1234"}, "total": sum(counts.values())}


def _by(
    active: dict[str, Any], held: dict[str, str], field: str, doctype: str, title: str
) -> list[dict[str, Any]]:
    counts: dict[str, Counter] = {}
    for code, level in held.items():
        if active[code][field]:
            counts.setdefault(active[code][field], Counter())[level] += 1
    labels = dict(
        frappe.get_all(doctype, filters={"name": ("in", list(counts))}, fields=["name", title], as_list=True)
    )
    return [
        {"name": name, "label": labels.get(name, name), **_levels(counts[name])} for name in sorted(counts)
    ]


def _years(scheme: str | None) -> list[dict[str, Any]]:
    from frappe.query_builder.functions import Count

    table = frappe.qb.DocType("Procedure Level")
    query = (
        frappe.qb.from_(table)
        .select(table.scheme, table.catalogue_year.as_("year"), table.level, Count("*").as_("count"))
        .where(table.parenttype == "Procedure")
        .groupby(table.scheme, table.catalogue_year, table.level)
        .orderby(table.scheme)
        .orderby(table.catalogue_year)
        .orderby(table.level)
    )
    if scheme:
        query = query.where(table.scheme == scheme)
    return query.run(as_dict=True)


@frappe.whitelist(methods=["GET"])
def compare(scheme: str, other: str, on: str | None = None) -> dict[str, Any]:
    """Where two schemes grade differently on a day.

    :returns: matrix: [{level, other_level, count}] of active procedures that both grade, differing: how many,
        only_first and only_second: how many only one of them grades
    """
    frappe.has_permission("Procedure", "report", throw=True)
    day = getdate(on) if on else getdate()
    active = set(frappe.get_all("Procedure", filters={"status": "Active"}, pluck="name", limit_page_length=0))
    first, second = (
        {k: v for k, v in levels.procedures_on(s, day).items() if k in active} for s in (scheme, other)
    )
    pairs = Counter((level, second[code]) for code, level in first.items() if code in second)
    return {
        "matrix": [{"level": a, "other_level": b, "count": count} for (a, b), count in sorted(pairs.items())],
        "differing": sum(count for (a, b), count in pairs.items() if a != b),
        "only_first": len(first.keys() - second.keys()),
        "only_second": len(second.keys() - first.keys()),
    }


@frappe.whitelist(methods=["GET"])
def procedures(
    scheme: str, level: str = "", on: str | None = None, text: str = "", category: str = "", start: int = 0
) -> dict[str, Any]:
    """The catalogue seen through a scheme: filtered by its level on a day, by category, name, code or initials.

    :returns: total, rows: [{code, procedure_name, level, hospital_level, category, status}], a hundred at a time
    """
    frappe.has_permission("Procedure", "read", throw=True)
    held = levels.procedures_on(scheme, getdate(on) if on else getdate())
    text = text.strip()[:60]
    either = (
        {field: ("like", f"%{text}%") for field in ("name", "procedure_name", "pinyin_initials")}
        if text
        else None
    )
    rows = frappe.get_list(
        "Procedure", filters={"category": category} if category else {}, or_filters=either, order_by="name",
        fields=["name as code", "procedure_name", "hospital_level", "category", "status"], limit_page_length=0,
    )  # fmt: skip
    found = [
        row | {"level": held[row.code]}
        for row in rows
        if row.code in held and (not level or held[row.code] == level)
    ]
    return {"total": len(found), "rows": found[start : start + PAGE]}
