"""What a form needs: the document, its metadata, what happened around it."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.desk.form import _surroundings
from frappe.desk.form.document_follow import follows
from frappe.desk.form.meta import scripts
from frappe.model.meta import Meta
from frappe.utils import cint


@frappe.whitelist()
def getdoc(doctype: str, name: str | int) -> list | None:
    """A document with its history; the answer carries `docs` and `docinfo`."""
    if not (doctype and name is not None):
        frappe.throw(frappe._("doctype and name required!"))
    try:
        doc = frappe.get_doc(doctype, name)
    except frappe.DoesNotExistError:
        # As on Frappe: the page finds no document in the answer and says so itself.
        frappe.clear_last_message()
        return []
    if not doc.has_permission("read"):
        frappe.flags.error_message = frappe._("Insufficient Permission for {0}").format(
            frappe.bold(f"{doctype} {name}")
        )
        doc.check_permission("read")
    doc.run_method("onload")
    doc.add_seen()
    get_docinfo(doc)
    doc.apply_fieldlevel_read_permissions()
    frappe.response.docs.append(doc.as_dict())
    frappe.response["_link_titles"] = link_titles(doc)
    return None


@frappe.whitelist()
def getdoctype(doctype: str, with_parent: bool = False, cached_timestamp: str | None = None) -> None:
    """Metadata of a DocType and of its child tables; the answer carries `docs`."""
    from frappe.permissions import has_permission

    meta = frappe.get_meta(doctype)
    if not (has_permission(doctype, "read") or has_permission(doctype, "select") or cint(meta.istable)):
        frappe.permissions.throw_permission_error(doctype, "read")
    frappe.response.docs.extend(meta_bundle(meta))


def meta_bundle(meta: Meta) -> list[dict]:
    """A DocType's metadata, then that of its child tables."""
    main = describe(meta)
    workflow = meta.get_workflow()
    main["__workflow_docs"] = _workflow_docs(workflow) if workflow else []
    main["__print_formats"] = frappe.get_all(
        "Print Format",
        filters={"doc_type": meta.name, "disabled": 0},
        fields=["name", "standard", "custom_format", "print_format_type", "default_print_language"],
        order_by="name",
    )
    main |= scripts(meta)
    return [main, *(describe(frappe.get_meta(field.options)) for field in meta.get_table_fields())]


def describe(meta: Meta) -> dict:
    """Metadata as JSON."""
    described = meta.as_dict(no_nulls=True)
    described["fields"] = [
        {key: value for key, value in field.items() if value not in (None, "")} for field in meta.fields
    ]
    described["permissions"] = [dict(rule) for rule in meta.permissions]
    for key in ("migration_hash", "documentation"):
        described.pop(key, None)
    return described


def _workflow_docs(name: str) -> list[dict]:
    workflow = frappe.get_cached_doc("Workflow", name)
    docs = [workflow.as_dict()]
    for state in dict.fromkeys(row.state for row in workflow.states):
        docs.append(frappe.get_cached_doc("Workflow State", state).as_dict())
    return docs


@frappe.whitelist()
def get_docinfo(doc: Any = None, doctype: str | None = None, name: str | None = None) -> None:
    """Versions, comments, files, assignments, shares and rights of a document; the answer carries `docinfo`."""
    if not hasattr(doc, "doctype"):
        doc = frappe.get_doc(doctype, name)
        doc.check_permission("read")
    beside = _surroundings.of(doc)
    comments, versions, people = beside["comments"], beside["versions"], beside["people"]
    by_kind: dict[str, list] = {}
    for row in comments:
        by_kind.setdefault(row.comment_type, []).append(row)
    info = frappe._dict(
        doctype=doc.doctype, name=doc.name,
        attachments=beside["attachments"], comments=by_kind.get("Comment", []),
        versions=[_without_hidden_levels(doc, row) for row in versions],
        attachment_logs=by_kind.get("Attachment", []) + by_kind.get("Attachment Removed", []),
        info_logs=by_kind.get("Info", []) + by_kind.get("Edit", []) + by_kind.get("Label", []),
        workflow_logs=by_kind.get("Workflow", []), assignment_logs=by_kind.get("Assigned", []),
        share_logs=by_kind.get("Shared", []), like_logs=by_kind.get("Like", []),
        assignments=beside["assignments"], permissions=_permissions(doc), shared=beside["shared"],
        tags=doc.get("_user_tags") or "", communications=[], views=[], is_document_followed=follows(doc.doctype, doc.name),
        additional_timeline_content=_timeline(doc),
    )  # fmt: skip
    users = {doc.owner, doc.modified_by, *(row.owner for row in [*comments, *versions])} - {None, ""}
    info.user_info = {user: {"fullname": people.get(user, user), "name": user} for user in users}
    frappe.response["docinfo"] = info


def _timeline(doc: Any) -> list[dict]:
    """Lines that apps add to a document's history by `additional_timeline_content`."""
    hooks = frappe.get_hooks("additional_timeline_content") or {}
    return [
        line
        for path in [*hooks.get("*", []), *hooks.get(doc.doctype, [])]
        for line in frappe.get_attr(path)(doc.doctype, doc.name) or []
    ]


def _without_hidden_levels(doc: Any, row: Any) -> Any:
    """A version shows no value that the form would not show."""
    allowed = set(doc.meta.get_permlevel_access("read")) | {0}
    hidden = {field.fieldname for field in doc.meta.fields if cint(field.permlevel) not in allowed}
    if hidden:
        data = frappe.parse_json(row.data or "{}")
        data["changed"] = [change for change in data.get("changed", []) if change[0] not in hidden]
        row.data = frappe.as_json(data, indent=0)
    return row


def _permissions(doc: Any) -> dict:
    from frappe.permissions import get_doc_permissions, rights

    perms = get_doc_permissions(doc)
    answer = {right: cint(perms.get(right)) for right in rights}
    for right in ("read", "write", "delete"):
        # Hooks may answer differently for each right.
        answer[right] = int(bool(answer[right] and frappe.has_permission(doc.doctype, right, doc)))
    return answer


def link_titles(doc: Any) -> dict[str, str]:
    """Titles of linked documents, by `DocType::name`."""
    wanted: dict[str, set] = {}
    for entry in [doc, *doc.get_all_children()]:
        for field in [*entry.meta.get_link_fields(), *entry.meta.get_dynamic_link_fields()]:
            target = field.options if field.fieldtype == "Link" else entry.get(field.options)
            if target and entry.get(field.fieldname):
                wanted.setdefault(target, set()).add(entry.get(field.fieldname))
    titles = {}
    for target, names in wanted.items():
        meta = frappe.get_meta(target)
        if cint(meta.show_title_field_in_link) and meta.title_field:
            rows = frappe.get_all(
                target, filters={"name": ("in", list(names))}, fields=["name", meta.title_field]
            )
            titles |= {f"{target}::{row.name}": row.get(meta.title_field) for row in rows}
    return titles


def get_attachments(dt: str, dn: str | int) -> list:
    """Files of a document."""
    return frappe.get_all(
        "File",
        fields=["name", "file_name", "file_url", "is_private"],
        filters={"attached_to_name": str(dn), "attached_to_doctype": dt},
    )
