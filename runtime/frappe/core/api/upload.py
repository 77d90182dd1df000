"""Receiving an upload."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.utils import cint


def receive() -> Any:
    """Stores the file of the request, private unless the form says otherwise.

    :raises frappe.PermissionError: for guests, and for a document that the user may not write
    """
    form, files = frappe.local.form_dict, frappe.local.request.files
    if frappe.session.user == "Guest" and not cint(
        frappe.get_system_settings("allow_guests_to_upload_files")
    ):
        raise frappe.PermissionError
    sent = files.get("file")
    if sent is None:
        frappe.throw(frappe._("Please attach a file"))
    if form.get("doctype") and form.get("docname"):
        frappe.has_permission(form.doctype, "write", form.docname, throw=True)
    doc = frappe.get_doc(
        doctype="File", file_name=sent.filename, is_private=cint(form.get("is_private", 1)),
        attached_to_doctype=form.get("doctype") or None, attached_to_name=form.get("docname") or None,
        attached_to_field=form.get("fieldname") or None,
    )  # fmt: skip
    doc.__dict__["content"] = sent.stream.read()
    return doc.insert(ignore_permissions=True).as_dict()
