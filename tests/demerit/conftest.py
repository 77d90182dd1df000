"""A department, people with and without accounts, an item of the negative list and rules: rolled back after each test."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import frappe
import pytest
from support import staff

CULPRIT, COLLEAGUE, OFFICE, SECOND_OFFICE, MANAGER, PHARMACY = (
    f"t-dem-{name}@test.example"
    for name in ("culprit", "colleague", "office", "office2", "manager", "pharmacy")
)
ROLES = {
    CULPRIT: "Practitioner", COLLEAGUE: "Practitioner", OFFICE: "Medical Affairs Officer",
    SECOND_OFFICE: "Medical Affairs Officer", MANAGER: "Medical Affairs Manager", PHARMACY: "Functional Department",
}  # fmt: skip


@pytest.fixture
def house(site: str) -> SimpleNamespace:
    """The hospital of these tests: rules of its own, and no others."""
    frappe.db.set_value("Penalty Rule", {"enabled": 1}, "enabled", 0)
    staff.department("T-DEM")
    for number, (user, role) in enumerate(ROLES.items()):
        staff.person(user, role, f"T-DEM{number}", "T-DEM")
    version = frappe.get_doc(doctype="Negative List Version", version_name="T 版").insert()
    for code, points in (("A", 1), ("B", 2), ("C", 4), ("D", 6), ("E", 12)):
        frappe.get_doc(
            doctype="Negative List Item",
            version=version.name,
            item_code=code,
            behaviour=f"行为{code}",
            points=points,
        ).insert()
    version.flags.putting_in_force = True
    version.update({"status": "In Force", "effective_from": "2020-01-01"})
    version.save()
    for name, scope, least, most, days in (
        ("T 提醒", "Cycle", 1, 3, 0), ("T 诫勉", "Cycle", 4, 5, 0), ("T 停权", "Cycle", 6, 0, 30), ("T 单次", "Single Offence", 6, 0, 10),
    ):  # fmt: skip
        frappe.get_doc(
            doctype="Penalty Rule", rule_name=name, scope=scope, least_points=least, most_points=most, consequence=name,
            suspend_days=days,
        ).insert()  # fmt: skip
    return SimpleNamespace(culprit="T-DEM0", colleague="T-DEM1", version=version.name)


@pytest.fixture
def record(house: SimpleNamespace, as_user) -> Callable[..., object]:
    """Makes a draft, by the pharmacy unless somebody else is named."""

    def make(item: str = "A", day: str = "2026-03-01", who: str = "", by: str = PHARMACY, **values: object):
        as_user(by)
        doc = frappe.get_doc({
            "doctype": "Demerit Record", "practitioner": who or house.culprit, "item": f"{house.version}-{item}",
            "occurred_on": day, "description": "经过", **values,
        })  # fmt: skip
        doc.points = values.get("points") or frappe.db.get_value("Negative List Item", doc.item, "points")
        doc.insert()
        as_user("Administrator")
        return doc

    return make
