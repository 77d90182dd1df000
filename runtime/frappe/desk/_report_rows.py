"""Columns and rows of reports: how they are written, whose rows are shown, what they sum up to."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.utils import cint, cstr, flt

_SUMMED = {"Int", "Float", "Currency", "Percent", "Duration"}


def column(entry: Any) -> dict:
    """A column as a dictionary, from `Label:Type/Options:Width` too."""
    if isinstance(entry, dict):
        return {**entry, "label": frappe._(entry.get("label") or "")}
    parts = cstr(entry).split(":")
    found: dict[str, Any] = {}
    if len(parts) > 1 and parts[1]:
        kind, slash, options = parts[1].partition("/")
        found["fieldtype"] = kind or "Data"
        if slash:
            found["options"] = options
    elif len(parts) > 1:
        found["fieldtype"] = "Data"
    if len(parts) > 2:
        found["width"] = parts[2]
    return {**found, "label": frappe._(parts[0]), "fieldname": frappe.scrub(parts[0])}


def as_dicts(rows: list, columns: list[dict]) -> list:
    """Rows that are lists as dictionaries by the columns' names; others as they are."""
    names = [entry["fieldname"] for entry in columns]
    return [dict(zip(names, row, strict=False)) if isinstance(row, list | tuple) else row for row in rows]


def permitted(doctype: str, columns: list[dict], rows: list) -> list:
    """Rows whose links the user's limits allow; his own rows where the rules give him no others."""
    from frappe.permissions import get_allowed_docs_for_doctype, get_role_permissions, get_user_permissions

    limits = get_user_permissions()
    _check_links(columns, rows)
    checked = []
    for position, entry in enumerate(columns):
        target = entry.get("options")
        if entry.get("fieldtype") != "Link" or target not in limits or entry.get("ignore_user_permissions"):
            continue
        allowed = set(get_allowed_docs_for_doctype(limits[target], doctype))
        if allowed:
            checked.append((entry["fieldname"], position, allowed))
    if checked:
        rows = [row for row in rows if all(_fits(row, *check) for check in checked)]
    own = get_role_permissions(doctype).get("if_owner") or {}
    if "report" in own and any(entry["fieldname"] == "owner" for entry in columns):
        rows = [row for row in rows if not isinstance(row, dict) or row.get("owner") == frappe.session.user]
    return rows


def _check_links(columns: list[dict], rows: list) -> None:
    """Refuses a report whose links lead to what the user may neither read nor choose.

    :raises frappe.PermissionError: then
    """
    from frappe.permissions import get_role_permissions
    from frappe.share import get_shared

    for position, entry in enumerate(columns):
        target = entry.get("options")
        if entry.get("fieldtype") != "Link" or not target or frappe.session.user == "Administrator":
            continue
        if not any(_cell(row, entry, position) for row in rows) or not frappe.db.exists("DocType", target):
            continue
        rights = get_role_permissions(target)
        if not (rights.get("read") or rights.get("select") or frappe.get_meta(target).istable or get_shared(target)):  # fmt: skip
            frappe.throw(
                frappe._("No permission to read {0}").format(frappe._(target)), frappe.PermissionError
            )


def _fits(row: Any, name: str, position: int, allowed: set[str]) -> bool:
    value = row.get(name) if isinstance(row, dict) else row[position] if position < len(row) else None
    return not value or cstr(value) in allowed


def add_total_row(
    result: list, columns: list, meta: Any = None, is_tree: bool = False, parent_field: Any = None
) -> list:
    """The rows with a last one, a list: sums of numbers, means of percentages.

    :param is_tree: only rows without a parent are summed, for they hold the sums of those below
    """
    entries = [column(entry) if not isinstance(entry, dict) else entry for entry in columns]
    total: list[Any] = [""] * len(entries)
    for position, entry in enumerate(entries):
        kind = entry.get("fieldtype")
        values = [
            _cell(row, entry, position)
            for row in result
            if not (is_tree and isinstance(row, dict) and row.get(parent_field))
        ]
        if kind not in _SUMMED or all(value is None for value in values):
            continue
        total[position] = sum(map(flt, values)) / (len(values) if kind == "Percent" else 1)
    if total and (entries[0].get("fieldtype") not in _SUMMED):
        total[0] = frappe._("Total")
    result.append(total)
    return result


def _cell(row: Any, entry: dict, position: int) -> Any:
    return row.get(entry.get("fieldname")) if isinstance(row, dict) else row[position] if position < len(row) else None  # fmt: skip


def add_custom_columns(custom: list[dict], columns: list[dict], rows: list) -> None:
    """Puts columns of linked documents in: each says of which DocType and through which column of the report."""
    for entry in custom:
        link = entry.get("link_field")
        source = link.get("fieldname") if isinstance(link, dict) else link
        columns.insert(cint(entry.get("insert_after_index")) + 1, entry)
        if not source or not entry.get("doctype"):
            continue
        names = {row.get(source) for row in rows if isinstance(row, dict)} - {None, ""}
        values = linked_values(entry["doctype"], entry["fieldname"], sorted(map(cstr, names)))
        for row in rows:
            if isinstance(row, dict):
                row[entry["fieldname"]] = values.get(cstr(row.get(source)))


def linked_values(doctype: str, fieldname: str, names: list[str] | None = None) -> dict[str, Any]:
    """Name → value of the documents that the user may read."""
    filters = {"name": ("in", names)} if names is not None else {}
    rows = frappe.get_list(
        doctype, filters=filters, fields=["name", fieldname], as_list=True, limit_page_length=0
    )
    return {cstr(row[0]): row[-1] for row in rows}
