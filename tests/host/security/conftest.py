"""Browsers, people and settings of the tests of signing in."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from host.sign_in import DOMAIN, PASSWORD, Browser, inside


@pytest.fixture(autouse=True)
def _in_the_sites_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hosts look for logs and sites from the folder that they run in."""
    monkeypatch.chdir(os.environ["SITES_PATH"])
    monkeypatch.setenv("SITES_PATH", ".")


@pytest.fixture
def browser() -> Callable[..., Browser]:
    """A browser at an address."""
    return Browser


@pytest.fixture
def settings() -> Iterator[Callable[..., None]]:
    """Sets System Settings; afterwards they are as before."""
    before: dict[str, Any] = {}

    def write(values: dict[str, Any]) -> dict[str, Any]:
        import frappe

        old = {key: frappe.db.get_single_value("System Settings", key) for key in values}
        for key, value in values.items():
            frappe.db.set_single_value("System Settings", key, value)
        frappe.db.commit()
        frappe.clear_cache()
        return old

    def apply(**values: Any) -> None:
        for key, value in inside(lambda: write(values)).items():
            before.setdefault(key, value)

    yield apply
    if before:
        inside(lambda: write(before))


@pytest.fixture
def person() -> Iterator[Callable[..., str]]:
    """Makes users with a password; they and their traces are gone afterwards."""
    made: list[str] = []

    def make(name: str, *roles: str, **values: Any) -> str:
        email = f"{name}@{DOMAIN}"
        inside(lambda: _make_user(email, roles, values))
        made.append(email)
        return email

    with contextlib.ExitStack() as stack:
        stack.callback(lambda: inside(lambda: _forget(made)))
        yield make


def _make_user(email: str, roles: tuple[str, ...], values: dict[str, Any]) -> None:
    import frappe
    from frappe.utils.password import update_password

    _forget([email])
    user = frappe.get_doc(
        doctype="User", email=email, first_name=email.split("@")[0], send_welcome_email=0,
        roles=[{"role": role} for role in roles], **values,
    )  # fmt: skip
    user.flags.no_welcome_mail = True
    user.insert(ignore_permissions=True)
    frappe.db.set_value("User", email, "simultaneous_sessions", values.get("simultaneous_sessions", 20))
    update_password(email, PASSWORD)


def _forget(names: list[str]) -> None:
    import frappe

    held = frappe.db.get_value("Role", "System Manager", "disabled")
    frappe.db.set_value("Role", "System Manager", "disabled", 1)
    for name in names:
        frappe.db.delete("Activity Log", {"user": name})
        for key in ("_otpsecret", "_otplogin"):
            frappe.db.delete("DefaultValue", {"defkey": name + key})
        if frappe.db.exists("User", name):
            frappe.delete_doc("User", name, force=True, ignore_permissions=True)
    frappe.db.set_value("Role", "System Manager", "disabled", held)
    frappe.cache.delete_keys("login_failed")
