"""What a user may do with which DocTypes, gathered for pages."""

from __future__ import annotations

from functools import cached_property

import frappe
from frappe.permissions import get_role_permissions, get_roles
from frappe.utils import cint
from frappe.utils.caching import user_cache

_LISTS = {
    "can_select": "select", "can_read": "read", "can_write": "write", "can_create": "create",
    "can_delete": "delete", "can_submit": "submit", "can_cancel": "cancel", "can_get_report": "report",
    "can_import": "import", "can_export": "export", "can_print": "print", "can_email": "email",
}  # fmt: skip


class UserPermissions:
    """Roles of a user, and for each right the DocTypes on which he has it."""

    def __init__(self, name: str = "") -> None:
        self.name = name or frappe.session.user

    def get_roles(self) -> list[str]:
        """The user's roles."""
        return get_roles(self.name)

    @cached_property
    def _by_right(self) -> dict[str, list[str]]:
        return user_cache(self.name, "can", lambda: _gather(self.name))

    def get_can_read(self) -> list[str]:
        """DocTypes that the user may read."""
        return self._by_right["can_read"]

    def build_permissions(self) -> None:
        """Sets `can_read`, `can_write` and so on as attributes."""
        self.__dict__.update(self._by_right)

    def load_user(self) -> frappe._dict:
        """Name, roles, defaults and rights, for a page that starts."""
        row = frappe.db.get_value(
            "User", self.name, ["name", "email", "full_name", "user_image", "user_type", "language", "time_zone"],
            as_dict=True,
        )  # fmt: skip
        user = frappe._dict(row or {"name": self.name})
        user.roles = self.get_roles()
        user.defaults = frappe.defaults.get_defaults(self.name)
        return user.update(self._by_right)


def _gather(user: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {name: [] for name in _LISTS}
    doctypes = frappe.get_all("DocType", fields=["name", "istable", "in_create"], order_by="name")
    for entry in doctypes:
        if cint(entry.istable):
            continue
        perms = get_role_permissions(entry.name, user)
        for name, right in _LISTS.items():
            if perms.get(right) and not (right == "create" and cint(entry.in_create)):
                found[name].append(entry.name)
    return found


def get_allowed_report_names(user: str | None = None) -> list[str]:
    """Reports that the user may run: one of the report's roles, and the right to report on its DocType."""
    user = user or frappe.session.user
    reporting = set(UserPermissions(user)._by_right["can_get_report"])
    roles = set(get_roles(user))
    needed: dict[str, set[str]] = {}
    for report, role in frappe.db.sql(
        "select `parent`, `role` from `tabHas Role` where `parenttype` = 'Report'"
    ):
        needed.setdefault(report, set()).add(role)
    custom: dict[str, set[str]] = {}
    for report, role in frappe.db.sql(
        "select c.`report`, r.`role` from `tabCustom Role` c left join `tabHas Role` r"
        " on r.`parent` = c.`name` and r.`parenttype` = 'Custom Role' where c.`report` is not null"
    ):
        custom.setdefault(report, set()).add(role)
    needed |= custom
    return [
        row.name
        for row in frappe.get_all("Report", filters={"disabled": 0}, fields=["name", "ref_doctype"])
        if row.ref_doctype in reporting and (not needed.get(row.name) or needed[row.name] & roles)
    ]


def is_website_user(username: str | None = None) -> bool:
    """Whether the user has no access to the back office."""
    return frappe.db.get_value("User", username or frappe.session.user, "user_type") == "Website User"


def is_system_user(username: str) -> str | None:
    """The user's name when he is an enabled user of the back office."""
    return frappe.db.get_value("User", {"email": username, "enabled": 1, "user_type": "System User"})
