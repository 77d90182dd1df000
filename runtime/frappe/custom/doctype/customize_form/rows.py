"""Links, actions and states that a site adds to a form: rows of the DocType's own tables, marked as custom."""

from __future__ import annotations

import json
from typing import Any

import frappe
from frappe import _
from frappe.custom.doctype.property_setter.property_setter import make_property_setter
from frappe.model import default_fields
from frappe.utils import cint

PARTS = {"links": "DocType Link", "actions": "DocType Action", "states": "DocType State"}


def values(row: Any) -> dict[str, Any]:
    """What people see of a row."""
    hidden = {*default_fields, "parent", "parentfield", "parenttype", "name", "doctype"}
    return {key: value for key, value in dict(row).items() if key not in hidden}


def check(form: Any) -> None:
    """Links must lead somewhere.

    :raises frappe.ValidationError: naming the row
    """
    for number, row in enumerate(form.links, 1):
        if not cint(row.custom):
            continue
        target = row.link_doctype if frappe.db.exists("DocType", row.link_doctype) else None
        if target is None or not frappe.get_meta(target).has_field(row.link_fieldname):
            frappe.throw(_("Document Links Row #{0}: Invalid doctype or fieldname.").format(number))


def save(form: Any, meta: Any) -> None:
    """Stores the rows that the site has added, takes away those that it has taken out, and keeps their order."""
    for part, table in PARTS.items():
        known = {row.name for row in meta.get(part) or [] if cint(row.custom)}
        names = []
        for number, row in enumerate(form.get(part), 1):
            row.name = (
                _save_row(form.doc_type, part, table, row, number, known) if cint(row.custom) else row.name
            )
            names.append(row.name)
        for name in known - set(names):
            frappe.db.delete(table, {"name": name})
        _save_order(form, part, names)


def _save_row(doctype: str, part: str, table: str, row: Any, number: int, known: set[str]) -> str:
    fields = {field.fieldname: row.get(field.fieldname) for field in frappe.get_meta(table).fields}
    if row.name in known:
        frappe.db.set_value(table, row.name, {**fields, "idx": number})
        return row.name
    doc = frappe.new_doc(table)
    doc.update(
        {**fields, "parent": doctype, "parenttype": "Customize Form", "parentfield": part, "idx": number}
    )
    doc.db_insert()
    return doc.name


def _save_order(form: Any, part: str, names: list[str]) -> None:
    setter = f"{form.doc_type}-main-{part}_order"
    if frappe.db.exists("Property Setter", setter):
        frappe.delete_doc("Property Setter", setter, ignore_permissions=True, force=True)
    if any(cint(row.custom) for row in form.get(part)):
        make_property_setter(
            form.doc_type,
            None,
            f"{part}_order",
            json.dumps(names),
            "Small Text",
            for_doctype=True,
            is_system_generated=False,
        )
