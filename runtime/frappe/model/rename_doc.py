"""Another name for a document, with every link to it changed."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.model.delete_doc import linking_fields
from frappe.utils import cint


def rename_doc(
    doctype: str | None = None,
    old: str | None = None,
    new: str | None = None,
    force: bool = False,
    merge: bool = False,
    ignore_permissions: bool = False,
    ignore_if_exists: bool = False,
    show_alert: bool = True,
    rebuild_search: bool = True,
    doc: Any = None,
    validate: bool = True,
    **kwargs: Any,
) -> str:
    """Renames a document, or merges it into another that exists.

    :returns: the new name
    :raises frappe.ValidationError: when the DocType does not allow it or the name is taken
    """
    if doc is None and cint(frappe.get_meta(doctype).issingle):
        frappe.throw(frappe._("{0} not allowed to be renamed").format(frappe._(doctype)))
    doc = doc or frappe.get_doc(doctype, old)
    doctype, old = doc.doctype, doc.name
    meta = frappe.get_meta(doctype)
    new = doc.run_method("before_rename", old, new, merge) or new
    new = new.get("new", new) if isinstance(new, dict) else new
    if validate:
        new = _check(doctype, old, new, meta, merge, force, ignore_permissions)
    if not merge:
        frappe.db.sql(f"update `tab{doctype}` set `name` = %s where `name` = %s", (new, old))
        for field in meta.get_table_fields():
            frappe.db.sql(
                f"update `tab{field.options}` set `parent` = %s where `parent` = %s and `parenttype` = %s",
                (new, old, doctype),
            )
    _change_links(doctype, old, new)
    _change_dynamic_links(doctype, old, new)
    autoname = meta.autoname or ""
    if autoname.startswith("field:") and not merge:
        frappe.db.set_value(doctype, new, autoname[6:], new, update_modified=False)
    renamed = frappe.get_doc(doctype, new)
    renamed.run_method("after_rename", old, new, merge)
    if merge:
        frappe.delete_doc(doctype, old, ignore_permissions=True, force=True)
    renamed.add_comment(
        "Edit", frappe._("renamed from {0} to {1}").format(frappe.bold(old), frappe.bold(new))
    )
    frappe.clear_document_cache(doctype, old)
    return new


def _check(
    doctype: str, old: str, new: str, meta: Any, merge: bool, force: bool, ignore_permissions: bool
) -> str:
    from frappe.model.naming import validate_name

    new = validate_name(doctype, new)
    exists = frappe.db.get_value(doctype, new, "name")
    if not (ignore_permissions or frappe.has_permission(doctype, "write", old)):
        frappe.throw(frappe._("You need write permission to rename"))
    if not (force or ignore_permissions) and not cint(meta.allow_rename):
        frappe.throw(frappe._("{0} not allowed to be renamed").format(frappe._(doctype)))
    if merge and not exists:
        frappe.throw(frappe._("{0} {1} does not exist, select a new target to merge").format(doctype, new))
    if old == new:
        frappe.throw(frappe._("No changes made because old and new name are the same."))
    if exists and exists != old and not merge:
        frappe.throw(frappe._("{0} with name {1} already exists").format(frappe._(doctype), new))
    return new


def _change_links(doctype: str, old: str, new: str) -> None:
    for link in linking_fields(doctype):
        if cint(link.is_virtual):
            continue
        if cint(link.issingle):
            frappe.db.sql(
                "update `tabSingles` set `value` = %s where `doctype` = %s and `field` = %s and `value` = %s",
                (new, link.parent, link.fieldname, old),
            )
        else:
            frappe.db.sql(
                f"update `tab{link.parent}` set `{link.fieldname}` = %s where `{link.fieldname}` = %s",
                (new, old),
            )


def _change_dynamic_links(doctype: str, old: str, new: str) -> None:
    rows = frappe.db.sql(
        "select f.`parent`, f.`fieldname`, f.`options` from `tabDocField` f join `tabDocType` d on d.`name` = f.`parent`"
        " where f.`fieldtype` = 'Dynamic Link' and ifnull(d.`issingle`, 0) = 0 and ifnull(d.`is_virtual`, 0) = 0",
        as_dict=True,
    )
    for link in rows:
        frappe.db.sql(
            f"update `tab{link.parent}` set `{link.fieldname}` = %s where `{link.options}` = %s and `{link.fieldname}` = %s",
            (new, doctype, old),
        )
    frappe.db.sql("update `__Auth` set `name` = %s where `doctype` = %s and `name` = %s", (new, doctype, old))


@frappe.whitelist(methods=["POST"])
def update_document_title(
    doctype: str,
    docname: str,
    title: str | None = None,
    name: str | None = None,
    merge: bool = False,
    enqueue: bool = False,
) -> str:
    """Changes title and name from the form."""
    doc = frappe.get_doc(doctype, docname)
    doc.check_permission("write")
    title_field = doc.meta.get_title_field()
    if title and title_field != "name" and title != doc.get(title_field):
        doc.set(title_field, title)
        doc.save()
    if name and name != docname:
        return rename_doc(doctype, docname, name, merge=merge)
    return docname
