"""Acts without a privilege (越权): every refused or unchecked act becomes a record that somebody has to explain."""

from __future__ import annotations

from datetime import datetime

import frappe
from frappe.utils import now_datetime

from medaffairs.privileging.rules import Decision


def record_denial(
    practitioner: str,
    kind: str,
    code: str,
    decision: Decision,
    occurred_at: datetime,
    *,
    department: str | None = None,
    source_system: str | None = None,
    patient_id: str | None = None,
    visit_no: str | None = None,
    hl7_message: str | None = None,
    was_emergency: bool = False,
) -> str:
    """Keeps an act that was not permitted; the name of the record.

    Names that the hospital does not know are kept as text in the explanation, so that nothing is lost.
    """
    person = frappe.db.get_value("Practitioner", practitioner, ["name", "department"], as_dict=True)
    item_type = frappe.db.get_value("Privilege Kind", kind, "item_doctype") if kind else None
    title = "procedure_name" if item_type == "Procedure" else "privilege_name"
    item_name = frappe.db.get_value(item_type, code, title) if item_type else None
    doc = frappe.get_doc(
        doctype="Unauthorized Act",
        practitioner=person.name if person else None,
        kind=kind if item_type else None,
        code=code,
        item_name=item_name or code,
        department=department or (person.department if person else None),
        occurred_at=occurred_at,
        detected_at=now_datetime(),
        decision_reason=decision.reason,
        was_emergency=int(was_emergency),
        source_system=source_system,
        patient_id=patient_id,
        visit_no=visit_no,
        hl7_message=hl7_message,
        status="Open",
        explanation=None if person else frappe._("Unknown staff number: {0}").format(practitioner),
    )
    doc.flags.ignore_mandatory = True
    doc.insert(ignore_permissions=True)
    return doc.name
