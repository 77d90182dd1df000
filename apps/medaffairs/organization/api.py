"""What the face asks of the clock: limits of a document, and what a person owes."""

from typing import Any

import frappe

from medaffairs.organization import deadlines


@frappe.whitelist(methods=["GET"])
def clocks(doctype: str, name: str) -> list[dict[str, Any]]:
    """The limits that run or ran for a document, each with where it stands now and by which rule it runs.

    :raises frappe.PermissionError: when the asking user may not read the document
    """
    frappe.get_doc(doctype, name).check_permission("read")
    return deadlines.clocks_of(doctype, name)


@frappe.whitelist(methods=["GET"])
def owed() -> list[dict[str, Any]]:
    """What the asking user owes in all modules, the earliest end first."""
    return deadlines.owed_by(frappe.session.user)
