"""Departments and people with accounts, for tests that need some of their own."""

from __future__ import annotations

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
