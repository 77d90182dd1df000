"""What happens to privileges by themselves. Every job may run again at once and then changes nothing."""

from __future__ import annotations

from collections import defaultdict

import frappe
from frappe.utils import add_days, cint, now_datetime, nowdate

from medaffairs.privileging import ledger
from medaffairs.privileging.catalogue import levels


def follow_governing_scheme(doc, method: str | None = None) -> None:
    """Another governing scheme gives procedures other hospital levels."""
    if doc.has_value_changed("level_scheme"):
        levels.refresh()


def follow_the_clock() -> int:
    """Shows what has begun or ended since: suspensions, expired and revoked privileges; how many records changed.

    Decisions do not wait for this: they ask the clock themselves.
    """
    return _follow_suspensions() + _follow_grants()


def _follow_suspensions() -> int:
    moment, changed = now_datetime(), 0
    begun = frappe.get_all(
        "Privilege Suspension", filters={"status": "Planned", "from_time": ("<=", moment)}, pluck="name"
    )
    over = frappe.get_all(
        "Privilege Suspension",
        filters={"status": ("in", ("Planned", "Active")), "to_time": ("<=", moment)},
        pluck="name",
    )
    for name in dict.fromkeys([*begun, *over]):
        doc = frappe.get_doc("Privilege Suspension", name, for_update=True)
        status = doc.state_now()
        if status != doc.status:
            doc.db_set("status", status, update_modified=False)
            ledger.refresh_status(doc.practitioner)
            changed += 1
    return changed


def _follow_grants() -> int:
    open_states = ("in", ("Active", "Suspended"))
    over = frappe.get_all(
        "Privilege Grant", filters={"status": open_states, "valid_to": ("<=", now_datetime())}, pluck="name"
    )
    revoked = frappe.get_all(
        "Privilege Grant", filters={"status": open_states, "revoke_reason": ("is", "set")}, pluck="name"
    )
    names = [*over, *revoked]
    return sum(ledger.refresh_status(names=names[start : start + 500]) for start in range(0, len(names), 500))


def remind_of_expiry() -> int:
    """Tells people once which of their privileges end within the days that the settings name; how many were told."""
    days = cint(frappe.db.get_single_value("Medical Affairs Settings", "expiry_notice_days")) or 60
    rows = frappe.get_all(
        "Privilege Grant",
        filters={
            "status": "Active",
            "grant_type": "Regular",
            "expiry_told_on": ("is", "not set"),
            "valid_to": ("between", [now_datetime(), add_days(now_datetime(), days)]),
        },
        fields=["name", "practitioner", "valid_to"],
        order_by="valid_to",
    )
    by_person: dict[str, list] = defaultdict(list)
    for row in rows:
        by_person[row.practitioner].append(row)
    users = dict(
        frappe.get_all(
            "Practitioner", filters={"name": ("in", list(by_person)), "user": ("is", "set")}, fields=["name", "user"],
            as_list=True,
        )
    )  # fmt: skip
    grant = frappe.qb.DocType("Privilege Grant")
    for person, user in users.items():
        due = by_person[person]
        subject = frappe._("{0} of your privileges will expire, the first on {1}").format(
            len(due), f"{due[0].valid_to:%Y-%m-%d}"
        )
        frappe.get_doc(
            doctype="Notification Log", for_user=user, subject=subject, type="Alert", document_type="Privilege Grant",
            document_name=due[0].name, from_user="Administrator",
        ).insert(ignore_permissions=True)  # fmt: skip
        told = grant.name.isin([row.name for row in due])
        frappe.qb.update(grant).set(grant.expiry_told_on, nowdate()).where(told).run()
    return len(users)
