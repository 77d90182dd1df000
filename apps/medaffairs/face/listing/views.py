"""Views that people keep of a list: conditions, columns, order, kind. Everybody keeps his own; managers share."""

import json
from typing import Any

import frappe
from frappe import _
from frappe.utils import cint

VIEW = "Saved View"
SHARERS = frozenset({"Medical Affairs Manager", "System Manager", "Administrator"})
LONGEST_DEFINITION = 20_000


@frappe.whitelist(methods=["GET"])
def of_list(doctype: str) -> list[dict[str, Any]]:
    """The user's own views of a list and those that are shared with him, his own first."""
    frappe.has_permission(doctype, "read", throw=True)
    user, roles = frappe.session.user, set(frappe.get_roles())
    rows = frappe.get_all(
        VIEW,
        filters={"document_type": doctype},
        fields=["name", "title", "owner", "shared_with", "role", "is_default", "definition"],
        order_by="title",
        limit_page_length=0,
    )
    seen = [row for row in rows if row.owner == user or reaches(row, roles)]
    return [
        {
            "name": row.name,
            "title": row.title,
            "mine": row.owner == user,
            "shared_with": row.shared_with,
            "role": row.role,
            "is_default": bool(row.is_default and row.owner == user),
            "definition": json.loads(row.definition or "{}"),
        }
        for row in sorted(seen, key=lambda row: row.owner != user)
    ]


@frappe.whitelist(methods=["POST"])
def keep(
    doctype: str,
    title: str,
    definition: str | dict,
    name: str | None = None,
    shared_with: str = "Only Me",
    role: str | None = None,
    is_default: int = 0,
) -> str:
    """Keeps a view, a new one or one of the user's own again; its name.

    :raises frappe.PermissionError: for somebody else's, and when the user may not share
    """
    frappe.has_permission(doctype, "read", throw=True)
    meaning = frappe.parse_json(definition)
    if not isinstance(meaning, dict) or len(json.dumps(meaning)) > LONGEST_DEFINITION:
        frappe.throw(_("This view cannot be kept"))
    if shared_with != "Only Me" and not SHARERS & {*frappe.get_roles(), frappe.session.user}:
        frappe.throw(_("Views are shared by a manager of the medical-affairs office"), frappe.PermissionError)
    view = frappe.get_doc(VIEW, name) if name else frappe.new_doc(VIEW)
    if name:
        view.check_permission("write")
    view.update(
        {
            "document_type": doctype,
            "title": title,
            "shared_with": shared_with,
            "role": role if shared_with == "Role" else None,
            "is_default": cint(is_default),
            "definition": json.dumps(meaning, ensure_ascii=False),
        }
    )
    view.save()
    return view.name


@frappe.whitelist(methods=["POST"])
def forget(name: str) -> None:
    """Deletes one of the user's own views."""
    frappe.delete_doc(VIEW, name)


def reaches(row: Any, roles: set[str]) -> bool:
    """Whether something is shared with everybody or with one of some roles."""
    return row.shared_with == "Everybody" or (row.shared_with == "Role" and row.role in roles)
