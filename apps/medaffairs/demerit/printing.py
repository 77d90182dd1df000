"""What the notice of a demerit record (记分通知书) shows."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.utils import cstr, flt, getdate

from medaffairs.demerit import rules, scoring
from medaffairs.privileging.printing import chinese_date, hospital_name


def notice_print(doc: Any) -> dict[str, Any]:
    """The notice to a person, with the points of his cycle up to this record.

    :raises frappe.PermissionError: when the reader may not print the record
    """
    doc.check_permission("print")
    person = frappe.db.get_value(
        "Practitioner", doc.practitioner, ["practitioner_name", "title"], as_dict=True
    )
    item = frappe.db.get_value(
        "Negative List Item", doc.item, ["item_code", "category", "basis", "version"], as_dict=True
    )
    cycle = rules.cycle_of(getdate(doc.occurred_on), *scoring.cycle_settings())
    others = [
        record for record in scoring.confirmed([doc.practitioner])
        if cycle.first <= record.occurred <= cycle.last and record.name != doc.name
    ]  # fmt: skip
    return {
        "hospital": hospital_name(),
        "name": person.practitioner_name,
        "title": frappe.db.get_value("Dictionary Item", person.title, "item_name") if person.title else "",
        "department": frappe.db.get_value("Clinical Department", doc.department, "department_name") or "",
        "item": item,
        "occurred": chinese_date(doc.occurred_on),
        "points": f"{flt(doc.points):g}",
        "earlier": f"{sum(record.points for record in others):g}",
        "cycle": f"{chinese_date(cycle.first)}—{chinese_date(cycle.last)}",
        "until": cstr(frappe.format(doc.appeal_until, "Datetime")) if doc.appeal_until else "",
        "date": chinese_date(doc.issued_at),
    }
