"""What happens to the organization's records by themselves."""

import frappe
from frappe.utils import getdate, nowdate

from medaffairs import permissions


def forget_scopes(doc, method: str | None = None) -> None:
    """A department that changed may have another head: who sees its rows is read anew."""
    permissions.forget_scopes()


def refresh_titles() -> int:
    """Take over titles that begin or end today; returns how many practitioners changed."""
    today = nowdate()
    begun = frappe.get_all("Practitioner Title", filters={"from_date": today}, pluck="parent")
    ended = frappe.get_all(
        "Practitioner Title", filters={"to_date": ("<", today)}, fields=["parent", "title"]
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
