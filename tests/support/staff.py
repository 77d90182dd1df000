"""Departments and people with accounts, for tests that need some of their own."""

from __future__ import annotations

from collections.abc import Iterable

import frappe


def department(code: str) -> None:
    """A clinical department."""
    frappe.get_doc(
        doctype="Clinical Department",
        department_code=code,
        department_name=f"测试科 {code}",
        department_type="Clinical",
    ).insert()


def person(user: str, role: str, staff_no: str, place: str, mobile: str = "") -> None:
    """A physician of a department, with an account that has a role."""
    frappe.get_doc(
        doctype="User", email=user, first_name=staff_no, send_welcome_email=0, roles=[{"role": role}]
    ).insert()
    frappe.get_doc(
        doctype="Practitioner", staff_no=staff_no, practitioner_name=f"测试{staff_no}", department=place, user=user,
        profession="Physician", employment_status="Active", mobile=mobile,
    ).insert()  # fmt: skip


def delete_users(names: Iterable[str]) -> None:
    """Delete users even where nobody but Administrator is a System Manager, as on a site just made.

    Frappe refuses to delete any user there, unless the role is disabled: so it is, until all are gone.
    """
    disabled = frappe.db.get_value("Role", "System Manager", "disabled")
    frappe.db.set_value("Role", "System Manager", "disabled", 1)
    for name in names:
        frappe.delete_doc("User", name, force=True, ignore_permissions=True)
    frappe.db.set_value("Role", "System Manager", "disabled", disabled)
