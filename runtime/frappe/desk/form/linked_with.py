"""Which documents link to a document."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.utils import cint
from frappe.utils.typing_validations import parsed


@frappe.whitelist()
def get_linked_doctypes(doctype: str) -> dict[str, dict[str, Any]]:
    """DocTypes with a field that leads to `doctype`: `{"fieldname": […]}`, `child_doctype` for fields of a table."""
    frappe.has_permission(doctype, "read", throw=True)
    found: dict[str, dict[str, Any]] = {}
    for row in _link_fields(doctype):
        meta = frappe.get_meta(row.parent)
        if meta.issingle or meta.get("is_virtual"):
            continue
        if cint(meta.istable):
            for parent in _parents(row.parent):
                found.setdefault(parent, {"child_doctype": row.parent, "fieldname": []})["fieldname"].append(
                    row.fieldname
                )
        else:
            found.setdefault(row.parent, {"fieldname": []})["fieldname"].append(row.fieldname)
    return found


def _link_fields(doctype: str) -> list:
    own = frappe.get_all(
        "DocField", filters={"fieldtype": "Link", "options": doctype}, fields=["parent", "fieldname"]
    )
    custom = frappe.get_all(
        "Custom Field",
        filters={"fieldtype": "Link", "options": doctype},
        fields=["dt as parent", "fieldname"],
    )
    return own + custom


def _parents(child: str) -> list[str]:
    filters = {"fieldtype": ("in", ("Table", "Table MultiSelect")), "options": child}
    return frappe.get_all("DocField", filters=filters, pluck="parent")


@frappe.whitelist()
def get(doctype: str, docname: str | int) -> dict[str, list]:
    """Documents that link to this one and that the user may read, at most 20 of each kind."""
    frappe.get_doc(doctype, docname).check_permission("read")
    linked = {}
    for target, info in get_linked_doctypes(doctype).items():
        if not frappe.has_permission(target, "read"):
            continue
        child = info.get("child_doctype")
        either = [[child or target, field, "=", docname] for field in info["fieldname"]]
        rows = frappe.get_list(
            target,
            fields=["name", "modified", "docstatus"],
            or_filters=either,
            distinct=True,
            limit_page_length=20,
        )
        if rows:
            linked[target] = rows
    return linked


@frappe.whitelist()
def get_submitted_linked_docs(
    doctype: str, name: str | int, ignore_doctypes_on_cancel_all: Any = None
) -> dict[str, Any]:
    """Submitted documents that link to this one: they stand in the way of cancelling it."""
    ignored = frappe.parse_json(ignore_doctypes_on_cancel_all or "[]")
    docs = [
        {"doctype": target, "name": row.name, "docstatus": row.docstatus}
        for target, rows in get(doctype, name).items()
        for row in rows
        if row.docstatus == 1 and target not in ignored
    ]
    return {"docs": docs, "count": len(docs)}


@frappe.whitelist(methods=["POST", "PUT"])
def cancel_all_linked_docs(docs: str | list, ignore_doctypes_on_cancel_all: str | list | None = None) -> None:
    """Cancels documents one by one, but for DocTypes that the call or the apps' `auto_cancel_exempted_doctypes` name."""
    kept = {*_names(ignore_doctypes_on_cancel_all), *get_exempted_doctypes()}
    for entry in parsed(docs, list, "docs"):
        given = parsed(entry, dict, "docs")
        if given.get("doctype") in kept:
            continue
        doc = frappe.get_doc(given.get("doctype"), given.get("name"))
        if cint(doc.docstatus) == 1:
            doc.cancel()


def _names(value: Any) -> list[str]:
    return [entry for entry in parsed(value, list, "ignore_doctypes_on_cancel_all") if isinstance(entry, str)]


def get_exempted_doctypes() -> list[str]:
    """DocTypes that are not cancelled together with what they link to."""
    return frappe.get_hooks("auto_cancel_exempted_doctypes")
