"""The chain from a warning to the payment: each next document is filled from the one before, and shows where it comes from."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.utils import flt, getdate, now_datetime

from medaffairs.approval import guard
from medaffairs.dispute import rules
from medaffairs.organization.validation import rules_apply

#: How a document points to those before it.
LINKS = {
    rules.COMPLAINT: {rules.WARNING: "warning"},
    rules.DISPUTE: {rules.COMPLAINT: "complaint", rules.WARNING: "warning"},
    rules.CLAIM: {rules.DISPUTE: "dispute"},
}
SHOWN = ("name", "subject", "workflow_state", "creation")


def make_next(doc: Any, target: str) -> Any:
    """The next document of a case, filled from it, as a draft of whoever makes it; the files go along."""
    with rules_apply():
        values = rules.prefilled(doc.doctype, target, doc.as_dict())
    made = frappe.new_doc(target)
    made.update(values)
    if target == rules.COMPLAINT:
        made.received_at = now_datetime()
        made.source = "COMPLAINT_SOURCE-16"
    elif target == rules.DISPUTE:
        made.filed_on = getdate()
    elif values.get("insured_event_on"):
        made.insured_event_on = getdate(values["insured_event_on"])
    made.flags.from_chain = True
    made.insert()
    return made


def saved(doc: Any) -> Any:
    """Saves what a step has decided."""
    doc.flags.ignore_permissions = True
    with guard.stepping(doc):
        doc.save()
    return doc


def add_payment(claim: Any) -> None:
    """What the insurance has paid for a dispute, all its claims together."""
    earlier = frappe.get_all(
        rules.CLAIM, filters={"dispute": claim.dispute, "name": ("!=", claim.name), "workflow_state": ("in", (rules.PAID, rules.ARCHIVED))},
        pluck="paid_amount",
    )  # fmt: skip
    dispute = frappe.get_doc(rules.DISPUTE, claim.dispute, for_update=True)
    dispute.insurance_paid = rules.paid_altogether(flt(claim.paid_amount), *earlier)
    saved(dispute)


def chain(doc: Any) -> list[dict[str, Any]]:
    """Everything that belongs together, from the first document on; of what the asking user may not read only that it is there."""
    before = _before(doc)
    found = {
        (doc.doctype, doc.name): None,
        **dict.fromkeys(before),
        **dict.fromkeys(_after((doc.doctype, doc.name))),
    }
    for key in before:
        found |= dict.fromkeys(_after(key))
    order = sorted(found, key=lambda key: (rules.CASES.index(key[0]), key[1]))
    return [_shown(doctype, name, (doc.doctype, doc.name)) for doctype, name in order]


def _before(doc: Any) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    waiting = [doc]
    while waiting:
        row = waiting.pop()
        for doctype, field in LINKS.get(row.doctype, {}).items():
            name = row.get(field)
            if name and (doctype, name) not in found:
                found.append((doctype, name))
                fields = list(LINKS.get(doctype, {}).values())
                values = frappe.db.get_value(doctype, name, fields, as_dict=True) if fields else {}
                waiting.append(frappe._dict(values or {}, doctype=doctype))
    return found


def _after(key: tuple[str, str]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for doctype, links in LINKS.items():
        if key[0] in links:
            for name in frappe.get_all(doctype, filters={links[key[0]]: key[1]}, pluck="name"):
                found += [(doctype, name), *_after((doctype, name))]
    return found


def _shown(doctype: str, name: str, here: tuple[str, str]) -> dict[str, Any]:
    doc = frappe.get_doc(doctype, name)
    row: dict[str, Any] = {"doctype": doctype, "name": name, "here": (doctype, name) == here}
    if doc.has_permission("read"):
        return row | {"readable": True} | {field: doc.get(field) for field in SHOWN[1:]}
    return row | {"readable": False}
