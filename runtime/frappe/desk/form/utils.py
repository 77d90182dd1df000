"""Comments and files of a form."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.desk.form.document_follow import follow_by
from frappe.utils import cint, sanitize_html
from frappe.utils.typing_validations import parsed


@frappe.whitelist(methods=["POST", "PUT"])
def add_comment(
    reference_doctype: str, reference_name: str | int, content: str, comment_email: str, comment_by: str = ""
) -> dict:
    """Adds a comment by the user, whoever the page says."""
    reference = frappe.get_doc(reference_doctype, reference_name)
    reference.check_permission("read")
    comment = frappe.get_doc(
        doctype="Comment", comment_type="Comment", reference_doctype=reference_doctype, reference_name=reference_name,
        content=sanitize_html(content), comment_email=frappe.session.user,
        comment_by=frappe.utils.get_fullname(frappe.session.user),
    )  # fmt: skip
    comment.insert(ignore_permissions=True)
    follow_by("commented", reference_doctype, reference_name, frappe.session.user)
    return comment.as_dict()


@frappe.whitelist(methods=["POST", "PUT"])
def update_comment(name: str, content: str, publish: bool = False) -> None:
    """Changes one's own comment."""
    comment = frappe.get_doc("Comment", name)
    if frappe.session.user not in {"Administrator", comment.owner}:
        frappe.throw(frappe._("Comment can only be edited by the owner"), frappe.PermissionError)
    comment.content = sanitize_html(content)
    comment.save(ignore_permissions=True)


@frappe.whitelist(methods=["DELETE", "POST"])
def remove_attach(fid: str, dt: str | None = None, dn: str | None = None) -> None:
    """Removes a file from its document."""
    doc = frappe.get_doc("File", fid)
    doc.check_permission("delete") if not doc.attached_to_doctype else frappe.has_permission(
        doc.attached_to_doctype, "write", doc.attached_to_name, throw=True
    )
    frappe.delete_doc("File", fid, ignore_permissions=True)


@frappe.whitelist(methods=["POST", "GET"])
def validate_link(doctype: str, docname: str, fields: Any = None) -> dict:
    """Whether a link leads to a document."""
    from frappe.client import validate_link

    return validate_link(doctype, docname, fields)


@frappe.whitelist()
def get_next(
    doctype: str,
    value: str | int,
    prev: str | int | bool,
    filters: Any = None,
    sort_order: str = "desc",
    sort_field: str = "modified",
) -> str | None:
    """The document beside one in a list of the given order; None at its end, with a message."""
    prev = bool(cint(prev))
    conditions = frappe.parse_json(filters) or []
    if isinstance(conditions, dict):
        conditions = [
            [doctype, field, *(rule if isinstance(rule, list) else ("=", rule))]
            for field, rule in conditions.items()
        ]
    else:
        conditions = parsed(conditions, list, "filters")
    falling = (sort_order or "desc").lower() == "desc"
    rows = frappe.get_list(doctype, filters={"name": value}, pluck=sort_field, limit_page_length=1)
    if not rows:
        frappe.throw(frappe._("{0} {1} not found").format(frappe._(doctype), value), frappe.DoesNotExistError)
    here = rows[0]
    beyond = "<" if falling != prev else ">"
    found = frappe.get_list(
        doctype,
        filters=[*conditions, [doctype, sort_field, beyond, here]],
        order_by=f"{sort_field} {'desc' if beyond == '<' else 'asc'}",
        limit_page_length=1,
        pluck="name",
    )
    if not found:
        frappe.msgprint(frappe._("No further records"))
        return None
    return found[0]


def get_pdf_link(doctype: str, docname: str, print_format: str = "Standard", no_letterhead: int = 0) -> str:
    """The path of a document's PDF."""
    from urllib.parse import urlencode

    asked = {"doctype": doctype, "name": docname, "format": print_format, "no_letterhead": no_letterhead}
    return f"/api/method/frappe.utils.print_format.download_pdf?{urlencode(asked)}"
