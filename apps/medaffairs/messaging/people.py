"""Who has to hear of a document: the heads of its department and the leaders of the teams concerned."""

from __future__ import annotations

from typing import Any

import frappe

DEPARTMENT_FIELDS = ("department", "responsible_department", "clinical_department")
PRACTITIONER_FIELDS = ("practitioner", "surgeon", "responsible_practitioner")
LEADER = "Team Leader"


def concerned(doc: Any) -> list[dict[str, str]]:
    """Heads first, then team leaders: `user`, `name` and `role` of each who has an account."""
    departments = {doc.get(field) for field in DEPARTMENT_FIELDS if doc.get(field)}
    for field in PRACTITIONER_FIELDS:
        if doc.get(field):
            departments.add(frappe.db.get_value("Practitioner", doc.get(field), "department"))
    departments.discard(None)
    found: dict[str, dict[str, str]] = {}
    for department in sorted(departments):
        head = frappe.db.get_value("Clinical Department", department, "head")
        _add(found, [head] if head else [], "Department Head")
        members = frappe.get_all(
            "Practitioner", filters={"department": department, "user": ("is", "set")}, fields=["name", "user"],
            limit_page_length=0,
        )  # fmt: skip
        leaders = set(
            frappe.get_all(
                "Has Role", filters={"role": LEADER, "parenttype": "User", "parent": ("in", [row.user for row in members])},
                pluck="parent",
            )
        ) if members else set()  # fmt: skip
        _add(found, [row.name for row in members if row.user in leaders], LEADER)
    return list(found.values())


def _add(found: dict[str, dict[str, str]], practitioners: list[str], role: str) -> None:
    for name in practitioners:
        person = frappe.db.get_value("Practitioner", name, ["user", "practitioner_name"], as_dict=True)
        if person and person.user and frappe.db.get_value("User", person.user, "enabled"):
            found.setdefault(
                person.user, {"user": person.user, "name": person.practitioner_name, "role": role}
            )
