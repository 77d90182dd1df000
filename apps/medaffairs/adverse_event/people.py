"""Who handles an event: the head of its department, the people of its managing department, the office."""

from __future__ import annotations

from typing import Any

import frappe

from medaffairs.adverse_event import rules
from medaffairs.approval import engine
from medaffairs.permissions import reader

OFFICE = ("Medical Affairs Manager", "Medical Affairs Officer")
MANAGERS = "Functional Department"
DOCTYPE = "Adverse Event Report"


def is_office(user: str) -> bool:
    """Whether a user is of the medical-affairs office, which may take any step of the handling."""
    return bool(set(frappe.get_roles(user)) & set(OFFICE))


def handlers(doc: Any) -> list[str]:
    """Users whose turn it is, delegations aside."""
    if doc.workflow_state == rules.REPORTED and doc.route == rules.STEPWISE:
        return heads(doc.department) or managers(doc.managing_department)
    if doc.workflow_state in (rules.REPORTED, rules.MANAGING, rules.ANALYSIS):
        return managers(doc.managing_department)
    return engine.users_with(OFFICE) if doc.workflow_state == rules.FINAL else []


def handles(doc: Any, user: str) -> bool:
    """Whether it is a user's turn: his own, as somebody's delegate, or as the office's."""
    if doc.workflow_state not in rules.HANDLED:
        return False
    if is_office(user):
        return True
    turn = set(handlers(doc))
    return user in turn or bool(set(engine.delegators(user, DOCTYPE)) & turn)


def heads(department: str) -> list[str]:
    """The user who heads a department."""
    head = frappe.db.get_value("Clinical Department", department, "head")
    user = frappe.db.get_value("Practitioner", head, "user") if head else None
    return _enabled([user] if user else [])


def managers(department: str | None) -> list[str]:
    """People of a managing department who handle events; the office where it has none."""
    if department:
        users = frappe.get_all(
            "Practitioner", filters={"department": department, "user": ("is", "set")}, pluck="user"
        )
        rights = set(engine.users_with((MANAGERS, "Department Head"))) if users else set()
        if found := _enabled([user for user in users if user in rights]):
            return found
    return _enabled(engine.users_with(OFFICE))


def speaks_for(department: str, user: str) -> bool:
    """Whether a user answers for a department: he heads it, or manages events in it."""
    return user in heads(department) or (
        MANAGERS in frappe.get_roles(user) and department in reader(user).departments
    )


def _enabled(users: list[str]) -> list[str]:
    if not users:
        return []
    known = set(frappe.get_all("User", filters={"name": ("in", users), "enabled": 1}, pluck="name"))
    return [user for user in dict.fromkeys(users) if user in known and user != "Administrator"]
