"""Acts without a privilege (越权): every refused or unchecked act becomes a record that somebody has to explain."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import frappe
from frappe.utils import now_datetime

from medaffairs.privileging.acts import notices
from medaffairs.privileging.ledger import name_of_item
from medaffairs.privileging.rules import Decision


def record_denial(
    practitioner: str,
    kind: str,
    code: str,
    decision: Decision,
    occurred_at: datetime,
    **details: Any,
) -> str:
    """Keeps an act that was not permitted; the name of the record. `details` are those of `record_act`."""
    return record_act(practitioner, kind, code, decision.reason, occurred_at, **details)


def record_act(
    practitioner: str,
    kind: str,
    code: str,
    reason: str,
    occurred_at: datetime,
    *,
    department: str | None = None,
    source_system: str | None = None,
    patient_id: str | None = None,
    visit_no: str | None = None,
    hl7_message: str | None = None,
    was_emergency: bool = False,
    source_key: str | None = None,
) -> str:
    """Keeps an act that was refused, or that went ahead without a decision; the name of the record.

    Names that the hospital does not know are kept as text in the explanation, so that nothing is lost.

    :param reason: why, one of the reasons of a decision
    :param source_key: what the record comes from; the same one is kept once only. Without one, asking again
        within the same minute counts as the same act
    """
    key = source_key or _key_of(practitioner, kind, code, occurred_at, visit_no or patient_id, source_system)
    known = frappe.db.get_value("Unauthorized Act", {"source_key": key})
    if known:
        return known
    doc = frappe.get_doc(
        doctype="Unauthorized Act", code=code, occurred_at=occurred_at, detected_at=now_datetime(), decision_reason=reason,
        was_emergency=int(was_emergency), source_system=source_system, patient_id=patient_id, visit_no=visit_no,
        hl7_message=hl7_message, source_key=key, status="Open", **_named(practitioner, kind, code, department),
    )  # fmt: skip
    doc.flags.ignore_mandatory = True
    try:
        doc.insert(ignore_permissions=True)
    except frappe.UniqueValidationError:
        # Another process kept the same act a moment ago.
        return frappe.db.get_value("Unauthorized Act", {"source_key": key})
    if doc.practitioner:
        notices.remind(doc)
    return doc.name


def _named(practitioner: str, kind: str, code: str, department: str | None) -> dict[str, str | None]:
    """The fields that name a person, a kind and a department, as far as the hospital knows them; the rest in words."""
    person = frappe.db.get_value(
        "Practitioner", practitioner, ["name", "practitioner_name", "department"], as_dict=True
    )
    known_kind = bool(kind and frappe.db.exists("Privilege Kind", kind))
    place = _department(department)
    unknown = {
        frappe._("Unknown staff number: {0}"): None if person else practitioner,
        frappe._("Unknown kind of privilege: {0}"): None if known_kind else kind,
        frappe._("Unknown department: {0}"): None if place else department or None,
    }
    return {
        "practitioner": person.name if person else None,
        "practitioner_name": person.practitioner_name if person else None,
        "kind": kind if known_kind else None,
        "item_name": (name_of_item(kind, code) if known_kind else None) or code,
        "department": place or (person.department if person else None),
        "explanation": _in_words(unknown),
    }


def _in_words(unknown: dict[str, str | None]) -> str | None:
    """A line for each name that the hospital does not know; None when it knows all of them."""
    return "\n".join(text.format(name) for text, name in unknown.items() if name is not None) or None


def _key_of(
    practitioner: str, kind: str, code: str, occurred_at: datetime, whom: str | None, source: str | None
) -> str:
    return f"{source or ''}/{practitioner}/{kind}/{code}/{whom or ''}/{occurred_at:%Y%m%d%H%M}"[-140:]


def _department(given: str | None) -> str | None:
    """A department by its code or by its number in the hospital's information system."""
    if not given:
        return None
    return frappe.db.exists("Clinical Department", given) or frappe.db.get_value(
        "Clinical Department", {"his_code": given}
    )
