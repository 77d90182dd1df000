"""The rules of DocTypes, as an administrator reads and changes them."""

from __future__ import annotations

from typing import Any

import frappe
from frappe import permissions
from frappe.utils import cint

_CORE = {"DocType", "Patch Log", "Module Def", "Transaction Log"}


def _only_administrators() -> None:
    frappe.only_for("System Manager")


@frappe.whitelist()
def get_roles_and_doctypes() -> dict[str, list[dict]]:
    """What rules can be about."""
    _only_administrators()
    doctypes = frappe.get_all("DocType", {"istable": 0, "name": ["not in", _CORE]}, pluck="name")
    roles = frappe.get_all("Role", {"name": ["!=", "Administrator"], "disabled": 0}, pluck="name")

    def options(names: list[str]) -> list[dict]:
        return sorted(
            ({"label": frappe._(name), "value": name} for name in names),
            key=lambda row: row["label"].casefold(),
        )

    return {"doctypes": options(doctypes), "roles": options(roles)}


@frappe.whitelist()
def get_permissions(doctype: str | None = None, role: str | None = None) -> list:
    """Rules of a DocType, or of a role."""
    _only_administrators()
    if doctype:
        names = [doctype]
    else:
        own = frappe.get_all("Custom DocPerm", {"role": role}, pluck="parent")
        given = frappe.get_all("DocPerm", {"role": role}, pluck="parent")
        names = sorted({*own, *given})
    found = []
    for name in names:
        for kind in ("Custom DocPerm", "DocPerm"):
            rules = frappe.get_all(kind, {"parent": name}, "*", order_by="permlevel")
            if rules:
                break
        for rule in rules:
            if not role or rule.role == role:
                found.append(rule.update({"parent": name, "linked_doctypes": [name]}))
    return found


@frappe.whitelist(methods=["POST"])
def add(parent: str, role: str, permlevel: int) -> None:
    """A role gets a rule, with the right to read."""
    _only_administrators()
    permissions.add_permission(parent, role, cint(permlevel))


@frappe.whitelist(methods=["POST"])
def update(
    doctype: str, role: str, permlevel: int, ptype: str, value: Any = None, if_owner: int = 0
) -> str | None:
    """Changes one right of a rule.

    :returns: "refresh" where the page has to read the rules anew
    """
    _only_administrators()
    if ptype not in {*permissions.rights, "if_owner"}:
        frappe.throw(frappe._("Invalid permission: {0}").format(ptype))
    permissions.update_permission_property(
        doctype, role, cint(permlevel), ptype, value, if_owner=cint(if_owner)
    )
    return "refresh" if ptype == "if_owner" else None


@frappe.whitelist(methods=["POST"])
def remove(doctype: str, role: str, permlevel: int, if_owner: int = 0) -> None:
    """Takes a rule away; one has to stay.

    :raises frappe.ValidationError: for the last
    """
    _only_administrators()
    permissions.setup_custom_perms(doctype)
    rule = {"parent": doctype, "role": role, "permlevel": cint(permlevel), "if_owner": cint(if_owner)}
    others = frappe.db.count("Custom DocPerm", {"parent": doctype}) - frappe.db.count("Custom DocPerm", rule)
    if not others:
        frappe.throw(frappe._("There must be atleast one permission rule."), title=frappe._("Cannot Remove"))
    frappe.db.delete("Custom DocPerm", rule)
    frappe.clear_cache(doctype=doctype)


@frappe.whitelist(methods=["POST"])
def reset(doctype: str) -> None:
    """Back to the rules that the DocType was delivered with."""
    _only_administrators()
    permissions.reset_perms(doctype)


@frappe.whitelist()
def get_users_with_role(role: str) -> list[str]:
    """People who have a role."""
    _only_administrators()
    names = frappe.get_all("Has Role", {"role": role, "parenttype": "User"}, pluck="parent")
    known = {"name": ["in", names or [""]], "enabled": 1}
    return [name for name in frappe.get_all("User", known, pluck="name") if name != "Administrator"]


@frappe.whitelist()
def get_standard_permissions(doctype: str) -> list[dict]:
    """The rules that a DocType was delivered with."""
    _only_administrators()
    return frappe.get_all("DocPerm", {"parent": doctype}, "*", order_by="permlevel")
