"""A small hospital: one department, people with accounts, a few procedures."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import frappe
import pytest

CODES = ("T51.2300", "T47.0100", "T06.3900")
ACCOUNTS = {
    "surgeon": ("Practitioner",),
    "colleague": ("Practitioner",),
    "head": ("Practitioner", "Department Head"),
    "secretary": ("Practitioner", "Party Branch Secretary"),
    "office": ("Medical Affairs Officer",),
    "manager": ("Medical Affairs Manager",),
    "stranger": ("Practitioner", "Department Head"),
}


class Ward:
    """The hospital's people: `users` and `people` by what they are."""

    def __init__(self, become: Callable[[str], None]) -> None:
        self.users: dict[str, str] = {}
        self.people: dict[str, str] = {}
        self._become = become

    def as_(self, who: str) -> None:
        """The test goes on as this person, or as Administrator."""
        self._become(self.users.get(who, who))

    def hire(self, who: str, *roles: str, department: str = "T-GS") -> None:
        """Somebody with an account and roles."""
        user = frappe.get_doc(
            doctype="User", email=f"{who}@ward.test", first_name=who, enabled=1, send_welcome_email=0,
            roles=[{"role": role} for role in roles],
        )  # fmt: skip
        self.users[who] = user.insert(ignore_permissions=True).name
        person = frappe.get_doc(
            doctype="Practitioner", staff_no=f"TW{len(self.people):03d}", practitioner_name=who, department=department,
            profession="Physician", employment_status="Active", gender="Female", user=self.users[who],
            work_start_date="2010-07-01",
        )  # fmt: skip
        self.people[who] = person.insert().name


@pytest.fixture
def ward(site: str, as_user: Callable[[str], None]) -> Iterator[Ward]:
    """The hospital of this folder's tests."""
    for code, name in (("T-GS", "普外科"), ("T-OR", "骨科")):
        frappe.get_doc(
            doctype="Clinical Department",
            department_code=code,
            department_name=name,
            department_type="Clinical",
        ).insert()
    names = ("腹腔镜胆囊切除术", "腹腔镜阑尾切除术", "甲状腺部分切除术")
    for code, name in zip(CODES, names, strict=True):
        frappe.get_doc(doctype="Procedure", procedure_code=code, procedure_name=name).insert()
    made = Ward(as_user)
    for who, roles in ACCOUNTS.items():
        made.hire(who, *roles, department="T-OR" if who == "stranger" else "T-GS")
    frappe.db.set_value(
        "Clinical Department",
        "T-GS",
        {"head": made.people["head"], "party_secretary": made.people["secretary"]},
    )
    frappe.db.set_value("Clinical Department", "T-OR", "head", made.people["stranger"])
    yield made
