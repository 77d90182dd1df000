"""What happens to privileges by themselves. Every job may run again at once and then changes nothing."""

from __future__ import annotations

from collections import defaultdict

import frappe
from frappe.utils import add_days, cint, getdate, now_datetime, nowdate

from medaffairs.approval import engine
from medaffairs.privileging import ledger, rules
from medaffairs.privileging.catalogue import levels

#: Days before the end at which a holder is told again, after the notice time of the settings.
LAST_NOTICES = (30, 7)


def follow_governing_scheme(doc, method: str | None = None) -> None:
    """Another governing scheme gives procedures other hospital levels."""
    if doc.has_value_changed("level_scheme"):
        levels.refresh()


def follow_employment(doc, method: str | None = None) -> None:
    """Who has left holds no privileges any longer."""
    before = doc.get_doc_before_save()
    if doc.employment_status == "Left" and before and before.employment_status != "Left":
        reason = frappe.db.get_value("Dictionary Item", "REVOKE_REASON-LEFT", "item_name")
        ledger.revoke_all(doc.name, reason or frappe._("Left the hospital"))


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
        # Without "is set" a suspension that has no end counts as over.
        filters=[
            ["status", "in", ("Planned", "Active")],
            ["to_time", "is", "set"],
            ["to_time", "<=", moment],
        ],
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
    still_shown = ["status", "in", ("Active", "Suspended")]
    over = frappe.get_all(
        "Privilege Grant",
        filters=[still_shown, ["valid_to", "is", "set"], ["valid_to", "<=", now_datetime()]],
        pluck="name",
    )
    revoked = frappe.get_all(
        "Privilege Grant", filters=[still_shown, ["revoke_reason", "is", "set"]], pluck="name"
    )
    names = [*over, *revoked]
    return sum(ledger.refresh_status(names=names[start : start + 500]) for start in range(0, len(names), 500))


def remind_of_expiry() -> int:
    """Tells people which of their privileges end soon: when the notice time of the settings begins, a month and a
    week before the end, each once; how many people were told."""
    notice = cint(frappe.db.get_single_value("Medical Affairs Settings", "expiry_notice_days")) or 60
    stages, today = (notice, *LAST_NOTICES), getdate()
    rows = frappe.get_all(
        "Privilege Grant",
        filters={
            "status": "Active",
            "grant_type": "Regular",
            "valid_to": ("between", [now_datetime(), add_days(now_datetime(), max(stages))]),
        },
        fields=["name", "practitioner", "valid_to", "expiry_told_on"],
        order_by="valid_to",
    )
    by_person: dict[str, list] = defaultdict(list)
    for row in rows:
        told = getdate(row.expiry_told_on) if row.expiry_told_on else None
        if rules.expiry_notice_due(getdate(row.valid_to), told, today, stages):
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
        values = (str(len(due)), f"{getdate(due[0].valid_to):%Y-%m-%d}")
        text = "{0} of your privileges will expire, the first on {1}"
        engine.tell(user, text, values, "Privilege Grant", due[0].name)
        told = grant.name.isin([row.name for row in due])
        frappe.qb.update(grant).set(grant.expiry_told_on, nowdate()).where(told).run()
    return len(users)
