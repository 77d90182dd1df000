"""Notices to complainants: a template whose blanks a complaint fills. The text is kept as it was issued."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.utils import cstr, getdate

from medaffairs.dispute import rules
from medaffairs.privileging.printing import chinese_date, hospital_name


def suitable(complaint: Any) -> list[dict[str, Any]]:
    """The templates for complaints from the source of this one."""
    rows = frappe.get_all(
        "Notice Template",
        filters={"enabled": 1},
        fields=["name", "template_name", "title", "remark"],
        order_by="template_name",
    )
    wanted: dict[str, set[str]] = {}
    for row in frappe.get_all("Notice Template Source", fields=["parent", "source"], limit_page_length=0):
        wanted.setdefault(row.parent, set()).add(row.source)
    return [row for row in rows if row.name not in wanted or complaint.source in wanted[row.name]]


def issue(complaint: Any, template: str) -> Any:
    """Makes the notice of a complaint from a template, with its blanks filled.

    :raises frappe.ValidationError: when the complaint was not accepted yet, or the template is not for its source
    """
    if not complaint.taken_at:
        frappe.throw(frappe._("Accepted At: the complaint was not accepted yet"))
    if template not in {row.name for row in suitable(complaint)}:
        frappe.throw(frappe._("Notice Template: {0} is not for complaints from this source").format(template))
    return frappe.get_doc(doctype=rules.NOTICE, template=template, complaint=complaint.name).insert()


def filled(complaint: Any, template: str) -> dict[str, Any]:
    """What a notice says: title, text and the facts that its register shows."""
    wording = frappe.get_cached_doc("Notice Template", template)
    values = blanks(complaint)
    return {
        "title": rules.fill_notice(wording.title, values),
        "body": rules.fill_notice(wording.body, values),
        "accepted_on": getdate(complaint.taken_at) if complaint.taken_at else None,
        "source": complaint.source,
        "patient_name": complaint.patient_name,
        "complainant": complaint.complainant,
    }


def blanks(complaint: Any) -> dict[str, str]:
    """What the blanks of a notice stand for; what a complaint does not have is left out as a dash."""
    values = {
        "number": complaint.name,
        "complainant": complaint.complainant,
        "patient": complaint.patient_name,
        "department": frappe.db.get_value("Clinical Department", complaint.department, "department_name"),
        "source": frappe.db.get_value("Dictionary Item", complaint.source, "item_name"),
        "received": chinese_date(complaint.received_at),
        "accepted": chinese_date(complaint.taken_at) if complaint.taken_at else "",
        "due": chinese_date(complaint.due_at) if complaint.due_at else "",
        "answer": complaint.answer,
        "hospital": hospital_name(),
        "today": chinese_date(getdate()),
    }
    return {name: cstr(value).strip() or "—" for name, value in values.items()}
