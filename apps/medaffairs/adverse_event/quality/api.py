"""What the face asks of quality reports."""

from typing import Any

import frappe

from medaffairs.adverse_event.quality import generation


@frappe.whitelist()
def possible_steps(name: str) -> list[str]:
    """The steps that the asking user may take on a quality report."""
    doc = frappe.get_doc(generation.DOCTYPE, name)
    doc.check_permission("read")
    return ["Generate"] if doc.has_permission("write") else []


@frappe.whitelist(methods=["POST"])
def take(name: str, action: str) -> dict[str, Any]:
    """Takes the one step there is: counts the period and writes both files.

    :raises frappe.ValidationError: for another step
    """
    if action != "Generate":
        frappe.throw(frappe._("There is no step {0}").format(action))
    doc = generation.generate(name)
    return {"status": doc.status, "docx_file": doc.docx_file, "pdf_file": doc.pdf_file}
