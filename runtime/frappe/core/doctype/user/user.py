"""Users."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.core.doctype.user.password_reset import (
    reset_password,
    test_password_strength,
    update_password,
    verify_password,
)
from frappe.model.document import Document
from frappe.utils import cint, cstr, validate_email_address

__all__ = ["User", "reset_password", "test_password_strength", "update_password", "verify_password"]
STANDARD_USERS = ("Guest", "Administrator")


class User(Document):
    """Somebody who signs in."""

    def autoname(self) -> None:
        """A user's name is his e-mail address, in small letters."""
        if self.get("is_admin") or self.get("is_guest"):
            self.name = self.first_name
        else:
            self.email = cstr(self.email).strip().lower()
            self.name = self.email

    def before_insert(self) -> None:
        """Rights of a user are given by an administrator."""
        self.flags.in_insert = True

    def validate(self) -> None:
        """Name, address, roles, kind."""
        if self.name not in STANDARD_USERS:
            self.email = cstr(self.email).strip().lower()
            validate_email_address(self.email, throw=True)
        if self.name in STANDARD_USERS and not cint(self.enabled) and self.name == "Administrator":
            frappe.throw(frappe._("User {0} cannot be disabled").format(self.name))
        self.full_name = " ".join(part for part in (self.first_name, self.last_name) if part)
        self._apply_role_profile()
        self._drop_repeated_roles()
        self._set_user_type()
        self._check_password()

    def _apply_role_profile(self) -> None:
        if self.role_profile_name:
            profile = frappe.get_doc("Role Profile", self.role_profile_name)
            self.set("roles", [{"role": row.role} for row in profile.roles])

    def _drop_repeated_roles(self) -> None:
        seen: set[str] = set()
        kept = []
        for row in self.roles:
            if row.role and row.role not in seen and row.role not in {"All", "Guest", "Desk User"}:
                seen.add(row.role)
                kept.append(row)
        self.roles = kept

    def _set_user_type(self) -> None:
        if self.name in STANDARD_USERS:
            return
        desk = any(frappe.get_cached_value("Role", row.role, "desk_access") for row in self.roles)
        self.user_type = "System User" if desk else "Website User"

    def _check_password(self) -> None:
        if self.new_password and not isinstance(self.new_password, str):
            frappe.throw(frappe._("The password is not a text"), title=frappe._("Invalid Password"))
        if self.new_password and not self.flags.ignore_password_policy:
            from frappe.core.doctype.user.password_policy import check

            check(self.new_password, self.name)
        self.flags.new_password = self.new_password
        self.new_password = ""

    def on_update(self) -> None:
        """The new password is stored; everybody reads the roles anew."""
        if self.flags.new_password:
            from frappe.utils.password import update_password

            update_password(
                self.name, self.flags.new_password, logout_all_sessions=bool(cint(self.logout_all_sessions))
            )
            self.flags.new_password = None
        if not cint(self.enabled) and not self.is_new():
            from frappe.sessions import clear_sessions

            clear_sessions(user=self.name, force=True)
        frappe.clear_cache(user=self.name)

    def on_trash(self) -> None:
        """Standard users stay; sessions and personal limits go with a user.

        :raises frappe.ValidationError: for a standard user
        """
        if self.name in STANDARD_USERS:
            frappe.throw(frappe._("User {0} cannot be deleted").format(self.name))
        frappe.db.sql("delete from `tabSessions` where `user` = %s", (self.name,))
        frappe.db.delete("User Permission", {"user": self.name})

    def add_roles(self, *roles: str) -> None:
        """Gives roles and saves."""
        self.append_roles(*roles)
        self.save()

    def append_roles(self, *roles: str) -> None:
        """Gives roles."""
        held = {row.role for row in self.roles}
        for role in roles:
            if role not in held:
                self.append("roles", {"role": role})

    def remove_roles(self, *roles: str) -> None:
        """Takes roles and saves."""
        self.set("roles", [row for row in self.roles if row.role not in roles])
        self.save()

    def get_restricted_ip_list(self) -> list[str]:
        """Beginnings of the addresses from which the user may sign in; empty: from everywhere."""
        from frappe._sign_in import get_restricted_ip_list

        return get_restricted_ip_list(self)

    def reset_password(self, send_email: bool = False, password_expired: bool = False) -> str:
        """A link that sets a new password once; sent to the user when told so."""
        from frappe.core.doctype.user.password_reset import make_link, send_link

        link = make_link(self.name, password_expired)
        if send_email:
            send_link(self.name, link)
        return link

    def has_role(self, role: str) -> bool:
        """Whether the user has a role."""
        return role in {row.role for row in self.roles}


@frappe.whitelist(methods=["POST"])
def generate_keys(user: str) -> dict[str, str]:
    """A new secret for a user's API access; the key stays."""
    frappe.only_for("System Manager")
    doc = frappe.get_doc("User", user)
    secret = frappe.generate_hash(length=15)
    if not doc.api_key:
        doc.api_key = frappe.generate_hash(length=15)
    doc.api_secret = secret
    doc.save()
    return {"api_secret": secret, "api_key": doc.api_key}


@frappe.whitelist()
def get_roles(arg: str | None = None) -> list[str]:
    """Roles of a user."""
    uid = arg or frappe.session.user
    if uid != frappe.session.user:
        frappe.only_for("System Manager")
    return frappe.get_roles(uid)


@frappe.whitelist()
def get_all_roles(arg: Any = None) -> list[str]:
    """Roles that can be given."""
    return frappe.get_all(
        "Role",
        filters={"name": ("not in", ("Administrator", "Guest", "All", "Desk User")), "disabled": 0},
        pluck="name",
    )


@frappe.whitelist(methods=["POST"])
def switch_theme(theme: str) -> None:
    """Light or dark."""
    if theme in {"Light", "Dark", "Automatic"}:
        frappe.db.set_value("User", frappe.session.user, "desk_theme", theme)


@frappe.whitelist()
@frappe.validate_and_sanitize_search_inputs
def user_query(
    doctype: str, txt: str, searchfield: str, start: int, page_len: int, filters: Any
) -> list[list]:
    """Enabled people whose name or address holds a text, for link fields."""
    asked = dict(filters) if isinstance(filters, dict) else {}
    ignored = cint(asked.pop("ignore_user_type", 0))
    rules = [
        *([[field, *(value if isinstance(value, list) else ["=", value])] for field, value in asked.items()]),
        *(filters if isinstance(filters, list) else []),
        ["enabled", "=", 1],
        ["name", "not in", STANDARD_USERS],
    ]
    if not ignored:
        rules.append(["user_type", "!=", "Website User"])
    likes = [["name", "like", f"%{txt}%"], ["full_name", "like", f"%{txt}%"]]
    return frappe.get_list(
        "User", filters=rules, or_filters=likes, fields=["name", "full_name"], order_by="full_name", as_list=True,
        limit_start=start, limit_page_length=page_len,
    )  # fmt: skip


@frappe.whitelist(allow_guest=True)
def get_timezones() -> dict[str, list[str]]:
    """Names of time zones."""
    from zoneinfo import available_timezones

    return {"timezones": sorted(name for name in available_timezones() if "/" in name or name == "UTC")}


@frappe.whitelist()
def get_perm_info(role: str) -> list[dict]:
    """All permission rules of a role.

    :raises frappe.PermissionError: for who may not read users
    """
    frappe.only_for("System Manager")
    return [
        {**rule, "parent": meta.name}
        for meta in map(
            frappe.get_meta, frappe.get_all("DocType", {"istable": 0}, pluck="name", order_by="name")
        )
        for rule in meta.permissions
        if rule.role == role
    ]


@frappe.whitelist()
def get_role_profile(role_profile: str) -> list[dict]:
    """The roles of a profile."""
    frappe.only_for("System Manager")
    return [{"role": row.role} for row in frappe.get_doc("Role Profile", role_profile).roles]
