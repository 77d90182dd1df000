"""Workspaces: the start pages of modules."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.utils import cint, cstr


def may_open(workspace: Any) -> bool:
    """Whether the user may open a workspace: his own, or a public one that names no role or one of his."""
    if workspace.for_user and workspace.for_user != frappe.session.user:
        return False
    roles = {row.role for row in workspace.roles}
    return frappe.session.user == "Administrator" or not roles or bool(roles & set(frappe.get_roles()))


@frappe.whitelist()
def get_workspace_sidebar_items() -> dict:
    """The workspaces that the user may open, in their order."""
    user = frappe.session.user
    pages = []
    for name in frappe.get_all(
        "Workspace",
        filters={"is_hidden": 0},
        or_filters={"public": 1, "for_user": user},
        order_by="public desc, sequence_id, creation",
        pluck="name",
    ):
        doc = frappe.get_cached_doc("Workspace", name)
        if may_open(doc) and (_anything(doc) or not (doc.links or doc.shortcuts)):
            pages.append({"name": doc.name, "title": doc.title, "public": cint(doc.public), "is_hidden": 0, "icon": doc.icon,
                          "parent_page": doc.parent_page, "module": doc.module, "for_user": doc.for_user or "",
                          "label": doc.label, "content": doc.content, "indicator_color": doc.indicator_color})  # fmt: skip
    return {
        "pages": pages,
        "has_access": "Workspace Manager" in frappe.get_roles(),
        "has_create_access": bool(frappe.has_permission("Workspace", "create")),
    }


def _anything(doc: Any) -> bool:
    return any(
        _permitted(row.get("link_type") or row.type, row.link_to)
        for row in [*doc.shortcuts, *doc.links]
        if row.get("link_to")
    )


def _permitted(kind: str, target: str) -> bool:
    if kind == "DocType":
        return bool(frappe.db.exists("DocType", target)) and frappe.has_permission(target, "read")
    if kind == "Report":
        row = frappe.db.get_value("Report", target, ["ref_doctype", "disabled"], as_dict=True)
        return bool(row) and not cint(row.disabled) and frappe.has_permission(row.ref_doctype, "report")
    return True


@frappe.whitelist()
def get_desktop_page(page: Any) -> dict:
    """Shortcuts, links, cards and charts of a workspace, as far as the user may use them."""
    page = frappe.parse_json(page)
    doc = frappe.get_cached_doc("Workspace", cstr(page.get("name") if isinstance(page, dict) else page))
    if not may_open(doc):
        raise frappe.PermissionError
    groups: list[dict] = []
    for row in doc.links:
        if row.type == "Card Break":
            groups.append({"label": row.label, "links": []})
        elif groups and _permitted(row.link_type, row.link_to):
            groups[-1]["links"].append(
                {"label": row.label, "type": "Link", "link_type": row.link_type, "link_to": row.link_to}
            )
    shortcuts = [
        row.as_dict() for row in doc.shortcuts if row.type == "URL" or _permitted(row.type, row.link_to)
    ]
    return {
        "charts": {"items": [row.as_dict() for row in doc.charts]},
        "shortcuts": {"items": shortcuts},
        "cards": {"items": [group for group in groups if group["links"]]},
        "number_cards": {"items": [row.as_dict() for row in doc.number_cards]},
        "quick_lists": {"items": [row.as_dict() for row in doc.quick_lists]},
        "onboardings": {"items": []},
        "custom_blocks": {"items": []},
    }
