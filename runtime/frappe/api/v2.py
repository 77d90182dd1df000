"""Version 2 of the REST interface: the payload is always `data`, failures are `errors`."""

from __future__ import annotations

from typing import Any

import frappe
import frappe.client
from frappe import handler
from frappe.api import v1
from frappe.handler import call, execute_cmd
from frappe.utils import cint


def handle_rpc_call(method: str, doctype: str | None = None) -> Any:
    """/api/v2/method/<dotted path>, or a function of a DocType's module."""
    if doctype:
        from frappe.modules import load_doctype_module

        if not frappe.db.exists("DocType", doctype):
            raise frappe.DoesNotExistError(doctype)
        function = getattr(load_doctype_module(doctype), method, None)
        if function is None:
            raise frappe.DoesNotExistError(method)
        frappe.is_whitelisted(function)
        handler.check_http_method(function)
        return call(function, frappe.local.form_dict)
    return None if method == "login" else execute_cmd(method.rstrip("/"))


def document_list(doctype: str) -> Any:
    """GET /api/v2/document/<doctype>, with `has_next_page` beside the rows."""
    form = frappe.local.form_dict
    start, limit = cint(form.get("start")), cint(form.get("limit") or 20)
    wanted = {
        key: form[key]
        for key in ("fields", "filters", "order_by", "group_by", "debug", "as_dict")
        if key in form
    }
    rows = call(
        frappe.client.get_list, wanted, doctype=doctype, limit_start=start, limit_page_length=limit + 1
    )
    frappe.local.response["has_next_page"] = len(rows) > limit
    return rows[:limit]


def count(doctype: str) -> int:
    """GET /api/v2/doctype/<doctype>/count"""
    return call(frappe.client.get_count, frappe.local.form_dict, doctype=doctype)


def get_meta(doctype: str) -> Any:
    """GET /api/v2/doctype/<doctype>/meta"""
    frappe.only_for("All")
    return frappe.get_meta(doctype).as_dict()


def update_doc(doctype: str, name: str) -> Any:
    """PATCH and PUT /api/v2/document/<doctype>/<name>"""
    return v1.update_doc(doctype, name)


def execute_doc_method(doctype: str, name: str, method: str) -> Any:
    """/api/v2/document/<doctype>/<name>/method/<method>"""
    return v1.execute_doc_method(doctype, name, method)


RULES = [
    ("/method/<method>", None, handle_rpc_call),
    ("/method/<doctype>/<method>", None, handle_rpc_call),
    ("/document/<doctype>", ["GET"], document_list),
    ("/document/<doctype>", ["POST"], v1.create_doc),
    ("/document/<doctype>/<path:name>/", ["GET"], v1.read_doc),
    ("/document/<doctype>/<path:name>/", ["PATCH", "PUT"], update_doc),
    ("/document/<doctype>/<path:name>/", ["DELETE"], v1.delete_doc),
    ("/document/<doctype>/<path:name>/method/<method>/", ["GET", "POST"], execute_doc_method),
    ("/doctype/<doctype>/meta", ["GET"], get_meta),
    ("/doctype/<doctype>/count", ["GET"], count),
]
