"""Saving from a form."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.desk.form.load import get_docinfo
from frappe.utils.typing_validations import parsed

_STATES = {"Save": 0, "Submit": 1, "Update": 1, "Cancel": 2}


@frappe.whitelist(methods=["POST", "PUT"])
def savedocs(doc: Any, action: str) -> None:
    """Saves, submits, updates or cancels; the answer carries `docs` and `docinfo`."""
    values = parsed(doc, dict, "doc")
    local_name = values.get("name") if values.get("__islocal") else None
    if action not in _STATES:
        frappe.throw(frappe._("Unknown action: {0}").format(action))
    if values.get("__islocal"):
        values.pop("name", None)
    document = frappe.get_doc(values)
    document.docstatus = _STATES[action]
    if document.docstatus == 1:
        document.submit()
    else:
        document.save()
    document.run_method("onload")
    _send(document, local_name)
    frappe.msgprint(frappe._("Saved"), indicator="green", alert=True)


def _send(document: Any, local_name: str | None = None) -> None:
    get_docinfo(document)
    document.apply_fieldlevel_read_permissions()
    values = document.as_dict()
    if local_name:
        values["localname"] = local_name
    frappe.response.docs.append(values)


@frappe.whitelist(methods=["POST", "PUT"])
def cancel(
    doctype: str, name: str, workflow_state_fieldname: str | None = None, workflow_state: str | None = None
) -> None:
    """Cancels a submitted document."""
    document = frappe.get_doc(doctype, name)
    if workflow_state_fieldname and workflow_state:
        document.set(workflow_state_fieldname, workflow_state)
    document.cancel()
    _send(document)
    frappe.msgprint(frappe._("Cancelled"), indicator="red", alert=True)


@frappe.whitelist(methods=["POST", "PUT"])
def discard(doctype: str, name: str | int) -> None:
    """Throws a draft away without deleting it."""
    document = frappe.get_doc(doctype, name)
    document.discard()
    _send(document)
