"""What the printed forms of complaints show: the register sheet (投诉登记表) and the notice to the complainant."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.utils import cstr

from medaffairs.dispute import rules
from medaffairs.privileging.printing import chinese_date, hospital_name


def acceptance_print(doc: Any) -> dict[str, Any]:
    """The register sheet of a complaint: who complains of what, who takes it up, what became of it.

    :raises frappe.PermissionError: when the reader may not print the complaint
    """
    doc.check_permission("print")
    departments = [doc.department, *(row.department for row in doc.other_departments)]
    return {
        "hospital": hospital_name(),
        "department": "、".join(_department(name) for name in dict.fromkeys(departments) if name),
        "source": _item(doc.source),
        "cause": _item(doc.cause),
        "mode": _item(doc.mode),
        "relation": _item(doc.relation),
        "ground": _item(doc.refusal_ground),
        "received": cstr(frappe.format(doc.received_at, "Datetime")) if doc.received_at else "",
        "accepted": cstr(frappe.format(doc.taken_at, "Datetime")) if doc.taken_at else "",
        "answered": cstr(frappe.format(doc.answered_at, "Datetime")) if doc.answered_at else "",
        "handler": frappe.utils.get_fullname(doc.handler) if doc.handler else "",
        "state": frappe._(doc.workflow_state, context=rules.COMPLAINT),
        "date": chinese_date(doc.taken_at or doc.received_at),
        "labels": {
            "received": frappe._("Received At", context=rules.COMPLAINT),
            "cause": frappe._("Cause", context=rules.COMPLAINT),
        },
    }


def complaint_notice_print(doc: Any) -> dict[str, Any]:
    """A notice as it was issued; its lines are escaped by the form.

    :raises frappe.PermissionError: when the reader may not print it
    """
    doc.check_permission("print")
    return {
        "hospital": hospital_name(),
        "lines": [line for line in cstr(doc.body).split("\n")],
        "date": chinese_date(doc.issued_on),
    }


def _department(name: str) -> str:
    return frappe.db.get_value("Clinical Department", name, "department_name") or name


def _item(name: str | None) -> str:
    return (frappe.db.get_value("Dictionary Item", name, "item_name") if name else "") or ""
