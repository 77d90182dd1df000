"""A small hospital: one department, people with accounts, a few procedures."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import frappe
import pytest

from medaffairs.approval import api
from medaffairs.privileging import sheets

CODES = ("T51.2300", "T47.0100", "T06.3900")
MEMBERS = ("member1", "member2", "member3", "member4", "member5")
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

    def step(
        self, who: str, name: str, action: str = "Approve", opinion: str = "同意", items: list | None = None
    ) -> str:
        """Somebody takes a step of an application; its new state."""
        self.as_(who)
        return api.act("Privilege Application", name, action, opinion, items)

    def pharmacy(self) -> None:
        """A pharmacy with a pharmacist, and another functional department's officer."""
        for code, name in (("T-PH", "药学部"), ("T-BT", "输血科")):
            frappe.get_doc(
                doctype="Clinical Department",
                department_code=code,
                department_name=name,
                department_type="Functional",
            ).insert()
        self.hire("pharmacist", "Functional Department", department="T-PH")
        self.hire("transfusionist", "Functional Department", department="T-BT")
        frappe.db.set_single_value("Medical Affairs Settings", "pharmacy_department", "T-PH")

    def committee(self, **values) -> str:
        """The committee of surgery: five members with accounts, the first its chair; its name."""
        for who in MEMBERS:
            self.hire(who, "Practitioner", "Committee Member", department="T-OR")
        doc = frappe.get_doc(
            {
                "doctype": "Committee", "committee_name": "测试授权委员会", "committee_type": "Surgery Authorization",
                "quorum_percent": 60, "threshold_percent": 50, "deadline_hours": 48, **values,
            }
        )  # fmt: skip
        for number, who in enumerate(MEMBERS):
            role = "Member" if number else "Chair"
            doc.append("members", {"practitioner": self.people[who], "member_role": role})
        frappe.db.set_value("Privilege Kind", "SURGERY", "committee", doc.insert().name)
        return doc.name

    def without_conditions(self) -> None:
        """Applying needs nothing: these tests are about what follows."""
        frappe.db.set_value(
            "Privilege Kind", {"name": ("is", "set")}, {"requires_exam": 0, "months_after_revoke": 0}
        )
        frappe.db.set_value("Eligibility Rule", {"enabled": 1}, "enabled", 0)
        frappe.db.set_value("Drug Privilege", {"name": ("is", "set")}, "minimum_title_level", None)

    def apply(self, kind: str, *codes: str, who: str = "surgeon") -> str:
        """A sheet that is handed in; its name."""
        self.as_(who)
        return sheets.apply(kind=kind, codes=list(codes), reason="已完成培训")["name"]

    def state(self, name: str) -> str:
        """Where an application is."""
        return frappe.db.get_value("Privilege Application", name, "workflow_state")

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
