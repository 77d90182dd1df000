"""Practitioners from staff messages (MFN^M02, PMU^B01, PMU^B02): taken over where nobody else changed them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import frappe
from frappe.utils import getdate, nowdate

from medaffairs.integration.hl7.reader import HL7Error
from medaffairs.integration.rules.facts import Staff, merge

TITLES = "PROFESSIONAL_TITLE"
REQUIRED = {"practitioner_name": 3, "department": 8}


def store(member: Staff) -> list[str]:
    """Makes or changes a practitioner; notes on conflicts and unknown codes.

    :raises HL7Error: for a new practitioner without name or known department
    """
    values, notes = _resolved(dict(member.values))
    if not frappe.db.exists("Practitioner", member.staff_no):
        _make(member, values)
        return notes
    doc = frappe.get_doc("Practitioner", member.staff_no)
    base = json.loads(doc.received_values or "{}")
    known = {name: _text(doc.get(name)) for name in values}
    changes, conflicts = merge(known, base, values)
    title = changes.pop("title", None)
    for name, value in changes.items():
        doc.set(name, value)
    if title:
        _promote(doc, title)
    received = base | {name: value for name, value in values.items() if name not in conflicts}
    if changes or title or received != base:
        doc.received_values = json.dumps(received, ensure_ascii=False, sort_keys=True)
        doc.save(ignore_permissions=True)
    label = doc.meta.get_label
    return notes + [
        frappe._("{0} {1}: here {2}, received {3}").format(doc.name, frappe._(label(name)), ours, theirs)
        for name, (ours, theirs) in conflicts.items()
    ]


def _make(member: Staff, values: dict[str, Any]) -> None:
    for name, field in REQUIRED.items():
        if not values.get(name):
            given = member.values.get(name) or ""
            raise HL7Error(
                "A new practitioner needs a known {0}, received: {1}",
                "STF",
                field,
                sequence=member.segment.sequence,
                values=(frappe._("Practitioner Name" if field == 3 else "Department"), given),
            )
    title = values.get("title")
    doc = frappe.new_doc("Practitioner")
    doc.update({name: value for name, value in values.items() if name != "title"})
    doc.staff_no = member.staff_no
    doc.received_values = json.dumps(values, ensure_ascii=False, sort_keys=True)
    if title:
        _promote(doc, title)
    doc.insert(ignore_permissions=True)


def _promote(doc: Any, title: str) -> None:
    """A title that another system reports holds from today on; the one before ends yesterday."""
    today = getdate(nowdate())
    for row in doc.title_history:
        if not row.to_date and getdate(row.from_date) < today:
            row.to_date = today - timedelta(days=1)
    doc.title_history = [row for row in doc.title_history if getdate(row.from_date) != today]
    doc.append("title_history", {"title": title, "from_date": today})


def _resolved(values: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Values with own names for departments and titles; notes on those that name nothing here."""
    notes = []
    department = values.get("department")
    if department:
        values["department"] = _find("Clinical Department", department, "his_code", "department_name")
    title = values.get("title")
    if title:
        values["title"] = _find("Dictionary Item", title, "code", "item_name", dictionary=TITLES)
    for name, given in (("department", department), ("title", title)):
        if given and not values[name]:
            del values[name]
            notes.append(frappe._("Unknown {0}: {1}").format(frappe._(name.title()), given))
    return values, notes


def _find(doctype: str, value: str, *fields: str, **filters: str) -> str | None:
    if frappe.db.exists(doctype, value):
        return value
    for field in fields:
        name = frappe.db.get_value(doctype, {field: value, **filters})
        if name:
            return name
    return None


def _text(value: Any) -> str:
    return "" if value is None else str(value)
