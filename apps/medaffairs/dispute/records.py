"""Records of a case: mediation, materials, appraisal, sealing, autopsy and others; one that was wrong is voided, never deleted."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.utils import getdate

from medaffairs.dispute import rules
from medaffairs.dispute.chain import saved

SHOWN = (
    "name", "kind", "happened_at", "place", "participants", "content", "outcome", "evidence", "recorder", "void", "void_reason",
    "opinion_on", "consent", "unsealed_at", "amount", "modified",
)  # fmt: skip


def of_case(doctype: str, name: str) -> list[dict[str, Any]]:
    """The records of a case, the newest first."""
    rows = frappe.get_all(
        rules.RECORD, filters={"reference_doctype": doctype, "reference_name": name}, fields=list(SHOWN),
        order_by="happened_at desc, name desc", limit_page_length=0,
    )  # fmt: skip
    for row in rows:
        row.recorder_name = frappe.utils.get_fullname(row.recorder) if row.recorder else ""
    return rows


def void(name: str, reason: str) -> Any:
    """Declares a record void, with the reason beside it.

    :raises frappe.PermissionError: for those who may not write in the case
    :raises frappe.ValidationError: without a reason, or when it is void already
    """
    doc = frappe.get_doc(rules.RECORD, name, for_update=True)
    doc.check_permission("write")
    if doc.void:
        frappe.throw(frappe._("The record is void already"))
    if not reason.strip():
        frappe.throw(frappe._("Please give the reason"))
    doc.flags.voiding = True
    doc.update({"void": 1, "void_reason": reason.strip()[: rules.LONGEST_LINE]})
    doc.save()
    return doc


def follow(record: Any) -> None:
    """What a record says of its dispute goes there: an appraisal that runs stops the clock, a decided autopsy ends its own."""
    if record.reference_doctype != rules.DISPUTE:
        return
    dispute = frappe.get_doc(rules.DISPUTE, record.reference_name)
    before = (dispute.under_appraisal, dispute.causation, dispute.autopsy_decided_at)
    if record.kind == rules.APPRAISAL:
        open_ones = {
            "reference_doctype": rules.DISPUTE,
            "reference_name": dispute.name,
            "kind": rules.APPRAISAL,
            "void": 0,
        }
        dispute.under_appraisal = int(
            bool(frappe.db.exists(rules.RECORD, open_ones | {"opinion_on": ("is", "not set")}))
        )
        dispute.causation = record.causation if record.causation and not record.void else dispute.causation
    elif record.kind == rules.AUTOPSY and record.consent and not record.void:
        dispute.autopsy_decided_at = dispute.autopsy_decided_at or record.happened_at
    if before != (dispute.under_appraisal, dispute.causation, dispute.autopsy_decided_at):
        saved(dispute)


def check_sequence(record: Any) -> None:
    """Refuses a record whose later dates lie before what happened.

    :raises frappe.ValidationError: naming the field
    """
    for field in ("opinion_on", "unsealed_at"):
        if record.get(field) and getdate(record.get(field)) < getdate(record.happened_at):
            label = record.meta.get_label(field)
            frappe.throw(
                frappe._("{0} must not lie before {1}").format(frappe._(label), frappe._("Happened At"))
            )
