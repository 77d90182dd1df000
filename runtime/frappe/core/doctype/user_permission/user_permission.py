"""A limit of a user to one document of a DocType, for all DocTypes that link to it or for one of them."""

from __future__ import annotations

from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.permissions import get_user_permissions as _get_user_permissions
from frappe.utils import cint
from frappe.utils.caching import invalidate
from frappe.utils.typing_validations import parsed


class UserPermission(Document):
    """The user sees this document and what links to it, and nothing of its kind besides."""

    def validate(self) -> None:
        if cint(self.apply_to_all_doctypes):
            self.applicable_for = None
        self.validate_user_permission()
        self.validate_default_permission()

    def on_update(self) -> None:
        invalidate()

    def on_trash(self) -> None:
        invalidate()

    def validate_user_permission(self) -> None:
        """Refuses a limit that the user has already.

        :raises frappe.DuplicateEntryError: naming the other record
        """
        same = {
            "allow": self.allow, "for_value": self.for_value, "user": self.user, "name": ("!=", self.name or ""),
            "apply_to_all_doctypes": cint(self.apply_to_all_doctypes),
        }  # fmt: skip
        if self.applicable_for:
            same["applicable_for"] = self.applicable_for
        if found := frappe.db.get_value("User Permission", same):
            frappe.throw(
                _("User permission already exists: {0}").format(frappe.bold(found)),
                frappe.DuplicateEntryError,
            )

    def validate_default_permission(self) -> None:
        """A user has one default per DocType."""
        if not cint(self.is_default):
            return
        same = {"allow": self.allow, "user": self.user, "is_default": 1, "name": ("!=", self.name or "")}
        if not cint(self.apply_to_all_doctypes):
            same["applicable_for"] = self.applicable_for
        if found := frappe.db.get_value("User Permission", same, "for_value"):
            frappe.throw(_("{0} has already assigned default value for {1}.").format(found, _(self.allow)))


@frappe.whitelist()
def get_user_permissions(user: str | None = None) -> dict[str, list]:
    """The limits of a user by DocType; those of others are for System Managers.

    :raises frappe.PermissionError: for another user's limits
    """
    user = user or frappe.session.user
    if user != frappe.session.user:
        frappe.only_for("System Manager")
    return _get_user_permissions(user)


@frappe.whitelist(methods=["POST"])
def clear_user_permissions(user: str, for_doctype: str) -> int:
    """Takes back all limits of a user on a DocType; how many there were."""
    frappe.only_for("System Manager")
    names = frappe.get_all("User Permission", filters={"user": user, "allow": for_doctype}, pluck="name")
    for name in names:
        frappe.delete_doc("User Permission", name)
    return len(names)


def user_permission_exists(user: str, allow: str, for_value: str, applicable_for: str | None = None) -> Any:
    """The name of a limit, None when the user does not have it."""
    filters = {"user": user, "allow": allow, "for_value": for_value}
    if applicable_for:
        filters["applicable_for"] = applicable_for
    return frappe.db.get_value("User Permission", filters)


@frappe.whitelist(methods=["POST"])
def add_user_permissions(data: Any) -> int:
    """Limits a user to a document, for all DocTypes or for some; 1 when that is new."""
    frappe.only_for("System Manager")
    given = frappe._dict(parsed(data, dict, "data"))
    rule = {"user": given.user, "allow": given.doctype, "for_value": given.docname}
    everywhere = cint(given.apply_to_all_doctypes)
    wanted = {None} if everywhere else set(frappe.parse_json(given.applicable_doctypes or "[]"))
    stored = frappe.get_all(
        "User Permission", filters=rule, fields=["name", "applicable_for", "apply_to_all_doctypes"]
    )
    known = {None if cint(row.apply_to_all_doctypes) else row.applicable_for: row.name for row in stored}
    if not wanted or wanted == set(known):
        return 0
    for target, name in known.items():
        if target not in wanted:
            frappe.delete_doc("User Permission", name)
    for target in wanted - set(known):
        frappe.get_doc(
            {"doctype": "User Permission", **rule, "applicable_for": target, "apply_to_all_doctypes": int(target is None),
             "is_default": cint(given.is_default), "hide_descendants": cint(given.hide_descendants)}
        ).insert()  # fmt: skip
    return 1
