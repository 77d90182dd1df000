"""`frappe.client`: documents and lists for pages and other programs. Every door checks the document."""

from __future__ import annotations

import json
from typing import Any

import frappe
from frappe.model import default_fields
from frappe.model.virtual_doctype import ask_controller, is_virtual_doctype
from frappe.utils import cint
from frappe.utils.typing_validations import parsed


def _parse(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in "[{":
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _document_values(value: Any) -> dict:
    """A document's values as a caller sends them.

    :raises frappe.DataError: when they are no object with a DocType
    """
    values = _parse(value)
    if not isinstance(values, dict) or not isinstance(values.get("doctype"), str):
        frappe.throw(frappe._("A document needs a doctype"), frappe.DataError)
    return values


@frappe.whitelist()
def get_list(
    doctype: str,
    fields: Any = None,
    filters: Any = None,
    group_by: str | None = None,
    order_by: str | None = None,
    limit_start: int | None = None,
    limit_page_length: int = 20,
    parent: str | None = None,
    debug: bool = False,
    as_dict: bool = True,
    or_filters: Any = None,
    limit: int | None = None,
) -> list:
    """Rows that the user may see."""
    return frappe.get_list(
        doctype, fields=_parse(fields), filters=_parse(filters), or_filters=_parse(or_filters), group_by=group_by,
        order_by=order_by or "KEEP_DEFAULT_ORDERING", limit_start=limit_start,
        limit_page_length=limit_page_length if limit is None else limit, as_list=not as_dict, parent_doctype=parent,
    )  # fmt: skip


@frappe.whitelist()
def get_count(doctype: str, filters: Any = None, debug: bool = False, cache: bool = False) -> int:
    """How many rows the user may see."""
    if is_virtual_doctype(doctype):
        return ask_controller(doctype, "get_count", filters=_parse(filters))
    rows = frappe.get_list(doctype, fields=["count(name) as total"], filters=_parse(filters), order_by=None)
    return rows[0].total if rows else 0


@frappe.whitelist()
def get(doctype: str, name: str | int | None = None, filters: Any = None, parent: str | None = None) -> dict:
    """A document."""
    filters = _parse(filters)
    if name is None and filters:
        rows = frappe.get_list(doctype, filters=filters, limit_page_length=1, pluck="name")
        if not rows:
            frappe.throw(frappe._("{0} not found").format(frappe._(doctype)), frappe.DoesNotExistError)
        name = rows[0]
    doc = frappe.get_doc(doctype, name) if name is not None else frappe.get_doc(doctype)
    doc.check_permission("read")
    doc.apply_fieldlevel_read_permissions()
    return doc.as_dict()


@frappe.whitelist()
def get_value(
    doctype: str,
    fieldname: Any,
    filters: Any = None,
    as_dict: bool = True,
    debug: bool = False,
    parent: str | None = None,
) -> Any:
    """Fields of the first row that fits."""
    filters = _parse(filters)
    fields = _parse(fieldname)
    fields = [fields] if isinstance(fields, str) else fields
    if isinstance(filters, str | int):
        filters = {"name": filters}
    if cint(frappe.get_meta(doctype).issingle):
        frappe.has_permission(doctype, "read", throw=True)
        values = frappe.db.get_values(doctype, None, fields, as_dict=True)
        return values[0] if values else {}
    rows = frappe.get_list(
        doctype, filters=filters, fields=fields, limit_page_length=1, order_by=None, parent_doctype=parent
    )
    if as_dict:
        return rows[0] if rows else {}
    return list(rows[0].values()) if rows else None


@frappe.whitelist()
def get_single_value(doctype: str, field: str) -> Any:
    """A field of a single document."""
    frappe.has_permission(doctype, "read", throw=True)
    return frappe.db.get_single_value(doctype, field)


@frappe.whitelist(methods=["POST", "PUT"])
def set_value(doctype: str, name: Any, fieldname: Any, value: Any = None) -> dict:
    """Changes fields of a document, or of the document that a row belongs to."""
    values = _parse(fieldname)
    values = {values: value} if isinstance(values, str) else dict(parsed(values, dict, "fieldname"))
    for key in values:
        if key in default_fields or str(key).startswith("__"):
            frappe.throw(frappe._("Cannot edit standard fields"))
    if cint(frappe.get_meta(doctype).istable):
        parenttype, parent = frappe.db.get_value(doctype, name, ["parenttype", "parent"]) or ("", "")
        if not parent:
            raise frappe.DoesNotExistError(frappe._("{0} {1} not found").format(frappe._(doctype), name))
        doc = frappe.get_doc(parenttype, parent)
        next((row for row in doc.get_all_children() if row.name == name), doc).update(values)
    else:
        doc = frappe.get_doc(doctype, name)
        doc.update(values)
    doc.save()
    return _seen(doc)


def _seen(doc: Any) -> dict:
    """A stored document as its user may see it: whoever may change it need not be allowed to read all of its levels."""
    doc.apply_fieldlevel_read_permissions()
    return doc.as_dict()


@frappe.whitelist(methods=["POST", "PUT"])
def insert(doc: Any = None) -> dict:
    """Stores a new document, or a row of one."""
    return _seen(_insert(_document_values(doc)))


@frappe.whitelist(methods=["POST", "PUT"])
def insert_many(docs: Any = None) -> list:
    """Stores up to 200 new documents."""
    docs = _parse(docs)
    if not isinstance(docs, list):
        frappe.throw(frappe._("A list of documents is needed"), frappe.DataError)
    if len(docs) > 200:
        frappe.throw(frappe._("Only 200 inserts allowed in one request"))
    return [_insert(_document_values(doc)).name for doc in docs]


def _insert(values: dict) -> Any:
    doc = frappe._dict(values)
    if cint(frappe.get_meta(doc.doctype).istable):
        if not (doc.parenttype and doc.parent and doc.parentfield):
            frappe.throw(frappe._("Parenttype, Parent and Parentfield are required to insert a child record"))
        parent = frappe.get_doc(doc.parenttype, doc.parent)
        parent.append(doc.parentfield, values)
        return parent.save()
    return frappe.get_doc(dict(values)).insert()


@frappe.whitelist(methods=["POST", "PUT"])
def save(doc: Any) -> dict:
    """Stores a changed document."""
    return _seen(frappe.get_doc(_document_values(doc)).save())


@frappe.whitelist(methods=["POST", "PUT"])
def rename_doc(doctype: str, old_name: str, new_name: str, merge: bool = False) -> str:
    """Gives a document another name."""
    return frappe.rename_doc(doctype, old_name, new_name, merge=merge)


@frappe.whitelist(methods=["POST", "PUT"])
def submit(doc: Any) -> dict:
    """Submits a document."""
    return _seen(frappe.get_doc(_document_values(doc)).submit())


@frappe.whitelist(methods=["POST", "PUT"])
def cancel(doctype: str, name: str) -> dict:
    """Cancels a document."""
    return _seen(frappe.get_doc(doctype, name).cancel())


@frappe.whitelist(methods=["DELETE", "POST"])
def delete(doctype: str, name: str | int) -> None:
    """Deletes a document."""
    frappe.delete_doc(doctype, name, ignore_missing=False)


@frappe.whitelist(methods=["POST", "PUT"])
def bulk_update(docs: Any) -> dict:
    """Changes several documents; those that failed come back with the reason."""
    failed = []
    docs = _parse(docs)
    for values in docs if isinstance(docs, list) else [docs]:
        values = dict(_document_values(values))
        name, doctype = values.pop("docname", None), values.pop("doctype")
        try:
            with frappe.db.savepoint_context(()):
                set_value(doctype, name, values)
        except frappe.ValidationError as error:
            failed.append({"doc": {"doctype": doctype, "docname": name}, "exc": str(error)})
    return {"failed_docs": failed}


@frappe.whitelist()
def has_permission(doctype: str, docname: str, perm_type: str = "read") -> dict:
    """Whether the user has a right on a document."""
    return {"has_permission": frappe.has_permission(doctype, perm_type.lower(), docname)}


@frappe.whitelist()
def get_doc_permissions(doctype: str, docname: str) -> dict:
    """All rights of the user on a document."""
    from frappe.permissions import get_doc_permissions

    return {"permissions": get_doc_permissions(frappe.get_doc(doctype, docname))}


@frappe.whitelist()
def validate_link(doctype: str, docname: str, fields: Any = None) -> dict:
    """Whether a link leads to a document, with some of its fields."""
    if not (frappe.has_permission(doctype, "select") or frappe.has_permission(doctype, "read")):
        frappe.throw(
            frappe._("You do not have Read or Select Permissions for {0}").format(doctype),
            frappe.PermissionError,
        )
    wanted = [*parsed(fields, list, "fields"), "name"]
    rows = frappe.get_list(doctype, filters={"name": docname}, fields=wanted, limit_page_length=1)
    return rows[0] if rows else {}


@frappe.whitelist()
def is_document_amended(doctype: str, docname: str) -> bool:
    """Whether a corrected version exists."""
    if not frappe.get_meta(doctype).has_field("amended_from"):
        return False
    return bool(frappe.db.exists(doctype, {"amended_from": docname}))


@frappe.whitelist()
def get_time_zone() -> dict[str, str]:
    """The time zone of the site."""
    return {"time_zone": frappe.utils.get_system_timezone()}


@frappe.whitelist()
def get_password(doctype: str, name: str, fieldname: str) -> str | None:
    """The secret of a document, for System Managers."""
    frappe.only_for("System Manager")
    doc = frappe.get_doc(doctype, name)
    doc.check_permission("read")
    return doc.get_password(fieldname)


@frappe.whitelist(methods=["POST", "PUT"])
def attach_file(
    filename: str | None = None,
    filedata: str | None = None,
    doctype: str | None = None,
    docname: str | None = None,
    folder: str | None = None,
    decode_base64: bool = False,
    is_private: bool | None = None,
    docfield: str | None = None,
) -> Any:
    """Attaches a file to a document that the user may write."""
    import base64

    doc = frappe.get_doc(doctype, docname)
    doc.check_permission("write")
    content = base64.b64decode(filedata or "") if cint(decode_base64) else (filedata or "")
    file = frappe.get_doc(
        doctype="File", file_name=filename, attached_to_doctype=doctype, attached_to_name=docname, attached_to_field=docfield,
        folder=folder, is_private=cint(is_private), content=content,
    ).insert()  # fmt: skip
    if docfield and doc.meta.has_field(docfield):
        doc.set(docfield, file.file_url)
        doc.save()
    return file
