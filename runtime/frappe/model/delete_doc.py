"""Deleting documents: permission, links, rows, files, and a copy that can be restored."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.utils import cint

#: Documents that belong to another and go with it.
_BELONGINGS = (
    ("Comment", "reference_doctype", "reference_name"),
    ("Version", "ref_doctype", "docname"),
    ("ToDo", "reference_type", "reference_name"),
    ("DocShare", "share_doctype", "share_name"),
    ("Workflow Action", "reference_doctype", "reference_name"),
    ("Tag Link", "document_type", "document_name"),
    ("View Log", "reference_doctype", "reference_name"),
    ("Document Follow", "ref_doctype", "ref_docname"),
    ("Document Share Key", "reference_doctype", "reference_docname"),
)
_NOT_KEPT = {"Version", "Comment", "ToDo", "DocShare", "Activity Log", "Error Log", "Deleted Document",
             "Scheduled Job Log", "Notification Log", "Access Log", "Workflow Action", "Has Role",
             "Document Follow", "Document Share Key"}  # fmt: skip
_IGNORED_LINKS = {"Version", "Email Queue", "Comment", "ToDo", "Activity Log", "DocShare", "Notification Log", "Workflow Action",
                  "File", "Deleted Document", "Communication", "Access Log", "Error Log", "Tag Link", "View Log",
                  "Document Follow", "Document Share Key"}  # fmt: skip


def delete_doc(
    doctype: str | None = None,
    name: Any = None,
    force: bool = False,
    ignore_doctypes: Any = None,
    for_reload: bool = False,
    ignore_permissions: bool = False,
    flags: dict | None = None,
    ignore_on_trash: bool = False,
    ignore_missing: bool = True,
    delete_permanently: bool = False,
) -> bool | None:
    """Deletes a document, or several.

    :param force: without the check whether others link to it
    :returns: False when there was nothing to delete
    :raises frappe.PermissionError: when the user may not
    :raises frappe.LinkExistsError: when another document links to it
    """
    if cint(frappe.get_meta(doctype).issingle):
        frappe.throw(frappe._("{0} is a single record and cannot be deleted").format(frappe._(doctype)))
    names = name if isinstance(name, list | tuple) else [name]
    answer: bool | None = None
    for entry in names:
        if not cint(frappe.get_meta(doctype).get("is_virtual")) and not frappe.db.exists(doctype, entry):
            if not ignore_missing:
                raise frappe.DoesNotExistError(f"{doctype} {entry}")
            answer = False
            continue
        doc = frappe.get_doc(doctype, entry)
        doc.flags.update(flags or {})
        if ignore_permissions:
            # A document's own `on_trash` may ask by what right it goes.
            doc.flags.ignore_permissions = True
        _delete_one(doc, force, for_reload, ignore_permissions, ignore_on_trash, delete_permanently)
    return answer


def _delete_one(
    doc: Any,
    force: bool,
    for_reload: bool,
    ignore_permissions: bool,
    ignore_on_trash: bool,
    delete_permanently: bool,
) -> None:
    if cint(doc.meta.get("is_virtual")):
        doc.delete()
        return
    if not for_reload:
        if not (ignore_permissions or doc.flags.ignore_permissions):
            _check_right(doc)
        if not ignore_on_trash:
            doc.run_method("on_trash")
            doc.run_method("on_change")
        if not force:
            check_if_doc_is_linked(doc)
            check_if_doc_is_dynamically_linked(doc)
    update_naming_series(doc)
    if (
        not for_reload
        and not delete_permanently
        and doc.doctype not in _NOT_KEPT
        and not cint(doc.meta.issingle)
    ):
        _keep_copy(doc)
    delete_from_table(doc)
    if not for_reload:
        delete_belongings(doc)
        doc.run_method("after_delete")
    doc.clear_cache()


def _check_right(doc: Any) -> None:
    if not frappe.has_permission(doc.doctype, "delete", doc):
        frappe.throw(
            frappe._("User not allowed to delete {0}: {1}").format(frappe._(doc.doctype), doc.name),
            frappe.PermissionError,
        )
    if cint(doc.docstatus) == 1 and cint(doc.meta.is_submittable):
        frappe.throw(
            frappe._("{0} {1}: Submitted Record cannot be deleted. You must cancel it first.").format(
                frappe._(doc.doctype), doc.name
            )
        )


def update_naming_series(doc: Any) -> None:
    """Gives the number of the newest document back."""
    from frappe.model.naming import revert_series_if_last

    rule = doc.meta.autoname or ""
    if rule.startswith("naming_series:") and doc.get("naming_series"):
        revert_series_if_last(doc.naming_series, doc.name, doc)
    elif "#" in rule and not rule.startswith("format:"):
        revert_series_if_last(rule, str(doc.name), doc)


def _keep_copy(doc: Any) -> None:
    frappe.get_doc(
        doctype="Deleted Document", deleted_doctype=doc.doctype, deleted_name=str(doc.name), data=doc.as_json(),
        owner=frappe.session.user,
    ).db_insert()  # fmt: skip


def delete_from_table(doc: Any) -> None:
    """Deletes the row and the rows of its child tables."""
    if cint(doc.meta.issingle):
        frappe.db.sql("delete from `tabSingles` where `doctype` = %s", (doc.doctype,))
    else:
        frappe.db.sql(f"delete from `tab{doc.doctype}` where `name` = %s", (doc.name,))
    for field in doc.meta.get_table_fields():
        frappe.db.sql(
            f"delete from `tab{field.options}` where `parent` = %s and `parenttype` = %s",
            (doc.name, doc.doctype),
        )


def delete_belongings(doc: Any) -> None:
    """Deletes comments, versions, assignments, shares, secrets and files of a document."""
    for table, type_field, name_field in _BELONGINGS:
        if doc.doctype != table and frappe.db.table_exists(table):
            frappe.db.sql(
                f"delete from `tab{table}` where `{type_field}` = %s and `{name_field}` = %s",
                (doc.doctype, doc.name),
            )
    frappe.db.sql("delete from `__Auth` where `doctype` = %s and `name` = %s", (doc.doctype, str(doc.name)))
    if doc.doctype != "File":
        for name in frappe.get_all(
            "File", filters={"attached_to_doctype": doc.doctype, "attached_to_name": doc.name}, pluck="name"
        ):
            delete_doc("File", name, ignore_permissions=True, force=True, delete_permanently=True)


def linking_fields(doctype: str) -> list:
    """Link fields of the whole site that point to a DocType: `parent`, `fieldname`, `issingle`, `istable`."""
    from frappe.utils.caching import kept

    return kept(("links to", doctype), lambda: _query_linking_fields(doctype))


def _query_linking_fields(doctype: str) -> list:
    query = (
        "select f.`parent` as `parent`, f.`fieldname` as `fieldname`, d.`issingle`, d.`istable`, d.`is_virtual`,"
        " d.`is_submittable` from `tabDocField` f join `tabDocType` d on d.`name` = f.`parent`"
        " where f.`fieldtype` = 'Link' and f.`options` = %(target)s"
        " union select c.`dt`, c.`fieldname`, d.`issingle`, d.`istable`, d.`is_virtual`, d.`is_submittable`"
        " from `tabCustom Field` c join `tabDocType` d on d.`name` = c.`dt`"
        " where c.`fieldtype` = 'Link' and c.`options` = %(target)s"
    )
    return frappe.db.sql(query, {"target": doctype}, as_dict=True)


def _ignored_doctypes(doc: Any, method: str) -> set[str]:
    """DocTypes whose links stand in nobody's way: the document's own, on deletion also those that apps name."""
    ignored = set(doc.get("ignore_linked_doctypes") or []) | _IGNORED_LINKS
    return ignored | set(frappe.get_hooks("ignore_links_on_delete")) if method == "Delete" else ignored


def check_if_doc_is_linked(doc: Any, method: str = "Delete") -> None:
    """Refuse while another document links to this one.

    :raises frappe.LinkExistsError: naming the other
    """
    ignored = _ignored_doctypes(doc, method)
    for link in linking_fields(doc.doctype):
        if (
            link.parent in ignored
            or cint(link.is_virtual)
            or (link.parent == doc.doctype and method == "Cancel")
        ):
            continue
        if cint(link.issingle):
            if frappe.db.get_single_value(link.parent, link.fieldname) == doc.name and method == "Delete":
                raise_link_exists(doc, link.parent, link.parent)
            continue
        columns = "`name`, `docstatus`" + (", `parent`, `parenttype`" if cint(link.istable) else "")
        rows = frappe.db.sql(
            f"select {columns} from `tab{link.parent}` where `{link.fieldname}` = %s limit 50",
            (doc.name,),
            as_dict=True,
        )
        for row in rows:
            other = (row.parenttype, row.parent) if cint(link.istable) else (link.parent, row.name)
            if other[0] in ignored or other == (doc.doctype, doc.name):
                continue
            if method == "Cancel" and cint(row.docstatus) != 1:
                continue
            raise_link_exists(doc, *other)


def check_if_doc_is_dynamically_linked(doc: Any, method: str = "Delete") -> None:
    """Refuse while another document links to this one through a dynamic link.

    :raises frappe.LinkExistsError: naming the other
    """
    ignored = _ignored_doctypes(doc, method)
    rows = frappe.db.sql(
        "select f.`parent`, f.`fieldname`, f.`options`, d.`istable` from `tabDocField` f"
        " join `tabDocType` d on d.`name` = f.`parent` where f.`fieldtype` = 'Dynamic Link'"
        " and ifnull(d.`issingle`, 0) = 0 and ifnull(d.`is_virtual`, 0) = 0",
        as_dict=True,
    )
    for link in rows:
        if link.parent in ignored or not frappe.db.table_exists(link.parent):
            continue
        columns = "`name`" + (", `parent`, `parenttype`" if cint(link.istable) else "")
        found = frappe.db.sql(
            f"select {columns} from `tab{link.parent}` where `{link.options}` = %s and `{link.fieldname}` = %s limit 1",
            (doc.doctype, doc.name),
            as_dict=True,
        )
        if found:
            other = (
                (found[0].parenttype, found[0].parent) if cint(link.istable) else (link.parent, found[0].name)
            )
            if other[0] not in ignored:
                raise_link_exists(doc, *other)


def raise_link_exists(doc: Any, other_doctype: str, other_name: str) -> None:
    """Say which document links.

    :raises frappe.LinkExistsError: always
    """
    frappe.throw(
        frappe._("Cannot delete or cancel because {0} {1} is linked with {2} {3}").format(
            frappe._(doc.doctype), frappe.bold(doc.name), frappe._(other_doctype), frappe.bold(other_name)
        ),
        frappe.LinkExistsError,
    )
