"""What a password must be: long and mixed enough for the site's minimum score, and not the user's name."""

from __future__ import annotations

import re

import frappe
from frappe.utils import cint

#: Characters that a password may have.
LONGEST = 512
_COMMON = {
    "password",
    "12345678",
    "123456789",
    "1234567890",
    "qwertyui",
    "11111111",
    "00000000",
    "88888888",
    "abc12345",
}


def score(password: str) -> int:
    """From 0 (guessed at once) to 4: length and the number of kinds of characters."""
    if len(password) < 6 or password.lower() in _COMMON or len(set(password)) < 4:
        return 0
    kinds = sum(
        bool(re.search(pattern, password)) for pattern in (r"[a-z]", r"[A-Z]", r"\d", r"[^A-Za-z0-9]")
    )
    points = (len(password) >= 8) + (len(password) >= 12) + (kinds >= 2) + (kinds >= 3)
    return min(points, 4)


def is_strong(password: str, user: str) -> bool:
    """Whether the site takes the password."""
    minimum = cint(frappe.get_system_settings("minimum_password_score")) or 2
    name = user.split("@")[0].lower()
    return score(password) >= minimum and not (len(name) > 3 and name in password.lower())


def advice() -> str:
    """What a password should be."""
    return frappe._(
        "The password is too weak: use at least 8 characters with letters and digits, and not your name."
    )


def check(password: str, user: str) -> None:
    """Refuse a password that is too weak, or so long that hashing it is work for an attacker.

    :raises frappe.ValidationError: saying what to do
    """
    if len(password) > LONGEST:
        frappe.throw(frappe._("The password is too long."), title=frappe._("Invalid Password"))
    if cint(frappe.get_system_settings("enable_password_policy")) and not is_strong(password, user):
        frappe.throw(advice(), title=frappe._("Invalid Password"))
