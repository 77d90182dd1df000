"""What the notice of an improvement action (整改通知书) shows."""

from __future__ import annotations

from typing import Any

import frappe
from frappe import _
from frappe.utils import cstr

from medaffairs.privileging.printing import chinese_date, hospital_name


def rectification_print(doc: Any) -> dict[str, Any]:
    """The notice to a department, with what was re-inspected since.

    :raises frappe.PermissionError: when the reader may not print the action
    """
    doc.check_permission("print")
    head = frappe.db.get_value("Clinical Department", doc.department, "head")
    person = doc.responsible or head
    return {
        "hospital": hospital_name(),
        "department": cstr(frappe.db.get_value("Clinical Department", doc.department, "department_name")),
        "responsible": cstr(frappe.db.get_value("Practitioner", person, "practitioner_name"))
        if person
        else "",
        "due": chinese_date(doc.due_date),
        "cause": cstr(frappe.db.get_value("Dictionary Item", doc.cause, "item_name")) if doc.cause else "",
        "source": f"{_(doc.source_doctype)} {doc.source_name}" if doc.source_name else "",
        "rounds": [
            {"done": row.done, "verdict": _(row.verdict or ""), "opinion": row.opinion or ""}
            for row in doc.rounds
        ],
        "blank": chinese_date(None),
        "date": chinese_date(doc.opened_on or doc.creation),
    }
