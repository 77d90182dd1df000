"""What happens to the organization's records by themselves."""

from collections.abc import Iterable
from typing import Any

import frappe
from frappe.utils import add_days, cint, getdate, nowdate

from medaffairs import permissions
from medaffairs.organization import deadlines


def forget_scopes(doc, method: str | None = None) -> None:
    """A department that changed may have another head: who sees its rows is read anew."""
    permissions.forget_scopes()


def watch_deadlines() -> None:
    """Every five minutes: whoever owes something is told before it is due, when it is and when it is over."""
    deadlines.watch()


def refresh_titles() -> int:
    """Take over titles that begin or end today; returns how many practitioners changed."""
    today = nowdate()
    begun = frappe.get_all("Practitioner Title", filters={"from_date": today}, pluck="parent")
    ended = frappe.get_all(
        "Practitioner Title",
        filters=[["to_date", "is", "set"], ["to_date", "<", today]],
        fields=["parent", "title"],
    )
    held = dict(frappe.get_all("Practitioner", fields=["name", "title"], as_list=True))
    stale = set(begun) | {row.parent for row in ended if held.get(row.parent) == row.title}
    changed = 0
    for name in sorted(stale):
        practitioner = frappe.get_doc("Practitioner", name)
        before = (practitioner.title, getdate(practitioner.title_date) if practitioner.title_date else None)
        practitioner.run_method("validate")
        if (practitioner.title, practitioner.title_date) != before:
            practitioner.save(ignore_permissions=True)
            changed += 1
    return changed


def remind_of_licences() -> int:
    """Tells people, the heads of their departments and the office once of licences and certificates that will end
    within the days that the settings name, or have ended; how many were found.

    A licence that was renewed is told of again before its new end.
    """
    days = cint(frappe.db.get_single_value("Medical Affairs Settings", "expiry_notice_days")) or 60
    until = add_days(nowdate(), days)
    licences = frappe.get_all(
        "Practitioner",
        # Without "is set" an empty date counts as long past.
        filters=[
            ["employment_status", "!=", "Left"],
            ["licence_valid_to", "is", "set"],
            ["licence_valid_to", "<=", until],
        ],
        fields=["name", "practitioner_name", "user", "department", "licence_valid_to", "licence_told_on"],
    )
    found = 0
    for row in licences:
        if _was_told(row.licence_told_on, row.licence_valid_to, days):
            continue
        _tell_of_end(row, "Licence of {0} valid until {1}", (row.practitioner_name, row.licence_valid_to))
        frappe.db.set_value("Practitioner", row.name, "licence_told_on", nowdate(), update_modified=False)
        found += 1
    return found + _remind_of_certificates(until, days)


def _remind_of_certificates(until: str, days: int) -> int:
    found = 0
    for row in frappe.get_all(
        "Practitioner Qualification",
        filters=[["parenttype", "=", "Practitioner"], ["valid_to", "is", "set"], ["valid_to", "<=", until]],
        fields=["name", "parent", "qualification", "valid_to", "told_on"],
    ):
        if _was_told(row.told_on, row.valid_to, days):
            continue
        person = frappe.db.get_value(
            "Practitioner", row.parent, ["name", "practitioner_name", "user", "department", "employment_status"],
            as_dict=True,
        )  # fmt: skip
        if not person or person.employment_status == "Left":
            continue
        title = frappe.db.get_value("Dictionary Item", row.qualification, "item_name") or row.qualification
        _tell_of_end(person, "{2} of {0} valid until {1}", (person.practitioner_name, row.valid_to, title))
        frappe.db.set_value(
            "Practitioner Qualification", row.name, "told_on", nowdate(), update_modified=False
        )
        found += 1
    return found


def _was_told(told_on: Any, valid_to: Any, days: int) -> bool:
    """Whether the notice that was given belongs to this end and not to an earlier one."""
    return bool(told_on) and getdate(told_on) >= getdate(add_days(valid_to, -days))


def _tell_of_end(person: Any, text: str, values: Iterable[Any]) -> None:
    from medaffairs.approval.engine import tell, users_with

    head = frappe.db.get_value("Clinical Department", person.department, "head")
    leader = frappe.db.get_value("Practitioner", head, "user") if head else None
    for user in dict.fromkeys([person.user, leader, *users_with(["Medical Affairs Officer"])]):
        if user:
            tell(user, text, [str(value) for value in values], "Practitioner", person.name)
