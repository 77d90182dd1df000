"""Who is told of an act without a privilege, and when again."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.utils import get_datetime, now_datetime

from medaffairs.organization import clock


def remind(doc: Any) -> None:
    """Tells the person and the head of the department that an explanation is waited for."""
    text = frappe._("Please explain: {0} without a privilege at {1}").format(
        doc.item_name, f"{get_datetime(doc.occurred_at):%Y-%m-%d %H:%M}"
    )
    head = frappe.db.get_value("Clinical Department", doc.department, "head") if doc.department else None
    for practitioner in dict.fromkeys(name for name in (doc.practitioner, head) if name):
        _tell(frappe.db.get_value("Practitioner", practitioner, "user"), text, doc)
    doc.db_set("reminded_at", now_datetime(), update_modified=False)


def tell_person(doc: Any) -> None:
    """Tells the person how the office has judged."""
    user = frappe.db.get_value("Practitioner", doc.practitioner, "user") if doc.practitioner else None
    _tell(user, f"{doc.item_name}: {frappe._(doc.status)}", doc)


def tell_office(doc: Any) -> None:
    """Tells the office that an act has been explained."""
    text = frappe._("{0} has explained: {1}").format(doc.practitioner_name or doc.practitioner, doc.item_name)
    for user in frappe.get_all(
        "Has Role",
        filters={"role": "Medical Affairs Officer", "parenttype": "User"},
        pluck="parent",
        distinct=True,
    ):
        _tell(user, text, doc)


def _tell(user: str | None, text: str, doc: Any) -> None:
    if not user or not frappe.db.get_value("User", user, "enabled"):
        return
    frappe.get_doc(
        doctype="Notification Log", for_user=user, subject=text, type="Alert", document_type=doc.doctype,
        document_name=doc.name, from_user=frappe.session.user,
    ).insert(ignore_permissions=True)  # fmt: skip


def remind_of_unexplained() -> int:
    """Reminds again of acts that are not explained when the time for it (`Handling Time Limit`) is over, and then
    once more for each further such time; for how many."""
    limit = clock.limits("Unauthorized Act").get("Open")
    if not limit:
        return 0
    waiting = frappe.get_all(
        "Unauthorized Act",
        filters={"status": "Open", "practitioner": ("is", "set")},
        fields=["name", "reminded_at", "detected_at", "occurred_at"],
    )
    is_working, count = clock.working_days(), 0
    for row in waiting:
        since = get_datetime(row.reminded_at or row.detected_at or row.occurred_at)
        due = clock.due_at(since, limit, is_working)
        if due and due <= now_datetime():
            remind(frappe.get_doc("Unauthorized Act", row.name))
            count += 1
    return count
