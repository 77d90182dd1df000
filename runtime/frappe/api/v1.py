"""Version 1 of the REST interface."""

from __future__ import annotations

from typing import Any

from markupsafe import escape
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

import frappe
import frappe.client
from frappe import _
from frappe.handler import call, call_document_method, execute_cmd
from frappe.utils import cint
from frappe.utils.typing_validations import parsed


def handle_rpc_call(method: str) -> Response | None:
    """/api/method/<dotted path>; a response that the method made itself goes out as it is."""
    # Signing in has happened before anything was dispatched.
    if method == "login":
        return None
    data = execute_cmd(method.rstrip("/"))
    if isinstance(data, Response):
        return data
    if data is not None:
        frappe.local.response["message"] = data
    return None


def document_list(doctype: str) -> Any:
    """GET /api/resource/<doctype>: rows that the user may see, 20 by default."""
    form = frappe.local.form_dict
    form.setdefault("limit_page_length", form.get("limit") or 20)
    if form.get("as_dict") is not None:
        form.as_dict = cint(form.as_dict)
    rows = call(frappe.client.get_list, form, doctype=doctype)
    expand = parsed(form.get("expand"), list, "expand")
    if expand and form.get("as_dict", 1):
        _expand_links(doctype, rows, expand)
    return rows


def _expand_links(doctype: str, rows: list, names: list) -> None:
    """Puts the linked document's readable fields in place of its name."""
    meta = frappe.get_meta(doctype)
    for fieldname in filter(lambda name: isinstance(name, str), names):
        field = meta.get_field(fieldname)
        if field is None or field.fieldtype != "Link":
            continue
        for row in rows:
            if row.get(fieldname) and frappe.has_permission(field.options, "read", doc=row[fieldname]):
                linked = frappe.get_doc(field.options, row[fieldname])
                linked.apply_fieldlevel_read_permissions()
                row[fieldname] = linked.as_dict()


def create_doc(doctype: str) -> Any:
    """POST /api/resource/<doctype>"""
    data = get_request_form_data()
    data.pop("doctype", None)
    doc = frappe.new_doc(doctype, **data).insert()
    doc.apply_fieldlevel_read_permissions()
    return doc.as_dict()


def read_doc(doctype: str, name: str) -> Any:
    """GET /api/resource/<doctype>/<name>"""
    if "run_method" in frappe.local.form_dict:
        return execute_doc_method(doctype, name)
    doc = frappe.get_doc(doctype, name)
    if not doc.has_permission("read"):
        raise frappe.PermissionError
    doc.apply_fieldlevel_read_permissions()
    return doc.as_dict()


def update_doc(doctype: str, name: str) -> Any:
    """PUT /api/resource/<doctype>/<name>"""
    data = get_request_form_data()
    doc = frappe.get_doc(doctype, name, for_update=True)
    # A stored document stays one: as a new one (`__islocal`) it would be copied without the right to read it.
    unwanted = {"flags", "doctype", "name"}
    doc.update(
        {key: value for key, value in data.items() if key not in unwanted and not key.startswith("__")}
    )
    doc.save()
    # A child row is saved with its parent, so that the parent's checks see it.
    if doc.get("parenttype"):
        frappe.get_doc(doc.parenttype, doc.parent).save()
    doc.apply_fieldlevel_read_permissions()
    return doc.as_dict()


def delete_doc(doctype: str, name: str) -> str:
    """DELETE /api/resource/<doctype>/<name>"""
    frappe.delete_doc(doctype, name, ignore_missing=False)
    frappe.local.response.http_status_code = 202
    return "ok"


def execute_doc_method(doctype: str, name: str, method: str | None = None) -> Any:
    """POST /api/resource/<doctype>/<name>?run_method=…"""
    form = frappe.local.form_dict
    method = method or form.pop("run_method", None)
    if not method:
        frappe.throw(_("Missing arguments: {0}").format("run_method"))
    doc = frappe.get_doc(doctype, name)
    if not callable(getattr(doc, str(method), None)):
        raise NotFound(f"Method {escape(str(method))} not found")
    doc.check_permission("read" if frappe.local.request.method == "GET" else "write")
    return call_document_method(doc, str(method), {k: v for k, v in form.items() if k != "cmd"})


def get_request_form_data() -> dict[str, Any]:
    """Values of a document, given directly or as JSON in `data`.

    :raises frappe.DataError: when they are no object
    """
    form = frappe.local.form_dict
    data = form.get("data")
    values = dict(form) if data is None else frappe.parse_json(data)
    if not isinstance(values, dict):
        frappe.throw(_("Invalid request arguments"), frappe.DataError)
    return {key: value for key, value in values.items() if key not in ("cmd", "run_method")}


RULES = [
    ("/method/<path:method>", None, handle_rpc_call),
    ("/resource/<doctype>", ["GET"], document_list),
    ("/resource/<doctype>", ["POST"], create_doc),
    ("/resource/<doctype>/<path:name>", ["GET"], read_doc),
    ("/resource/<doctype>/<path:name>", ["PUT"], update_doc),
    ("/resource/<doctype>/<path:name>", ["DELETE"], delete_doc),
    ("/resource/<doctype>/<path:name>", ["POST"], execute_doc_method),
]
