"""Boards: pages of figures and charts. Everybody arranges his own; managers share theirs."""

import json
from typing import Any

import frappe
from frappe import _
from frappe.utils import cint

from medaffairs.face.listing.views import SHARERS, reaches

BOARD = "Board"
KINDS = {"card": "Number Card", "chart": "Dashboard Chart", "report": "Report"}
WIDTHS = (1, 2, 3, 4)
MOST_ITEMS = 40


@frappe.whitelist(methods=["GET"])
def mine() -> list[dict[str, Any]]:
    """The user's boards and those shared with him, his own first."""
    user, roles = frappe.session.user, set(frappe.get_roles())
    rows = frappe.get_all(
        BOARD,
        fields=["name", "title", "owner", "shared_with", "role", "is_default", "items"],
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
            "items": json.loads(row["items"] or "[]"),
        }
        for row in sorted(seen, key=lambda row: row.owner != user)
    ]


@frappe.whitelist(methods=["GET"])
def choices() -> dict[str, list[dict[str, str]]]:
    """What the user may put on a board: cards, charts and reports that he may see."""
    cards = frappe.get_list("Number Card", fields=["name", "label"], order_by="label", limit_page_length=200)
    charts = frappe.get_list(
        "Dashboard Chart",
        fields=["name", "chart_name as label"],
        order_by="chart_name",
        limit_page_length=200,
    )
    reports = frappe.get_list(
        "Report",
        filters={"disabled": 0, "report_type": ("in", ("Script Report", "Query Report", "Custom Report"))},
        fields=["name"],
        order_by="name",
        limit_page_length=500,
    )
    permitted = [row for row in reports if frappe.get_cached_doc("Report", row.name).is_permitted()]
    return {
        "card": cards,
        "chart": charts,
        "report": [{"name": row.name, "label": row.name} for row in permitted],
    }


@frappe.whitelist(methods=["POST"])
def keep(
    title: str,
    items: str | list,
    name: str | None = None,
    shared_with: str = "Only Me",
    role: str | None = None,
    is_default: int = 0,
) -> str:
    """Keeps a board, a new one or one of the user's own again; its name.

    :raises frappe.PermissionError: for somebody else's, and when the user may not share
    :raises frappe.ValidationError: for what is no board
    """
    arranged = _checked(frappe.parse_json(items))
    if shared_with != "Only Me" and not SHARERS & {*frappe.get_roles(), frappe.session.user}:
        frappe.throw(
            _("Boards are shared by a manager of the medical-affairs office"), frappe.PermissionError
        )
    board = frappe.get_doc(BOARD, name) if name else frappe.new_doc(BOARD)
    if name:
        board.check_permission("write")
    board.update(
        {
            "title": title,
            "items": json.dumps(arranged, ensure_ascii=False),
            "shared_with": shared_with,
            "role": role if shared_with == "Role" else None,
            "is_default": cint(is_default),
        }
    )
    board.save()
    return board.name


def _checked(items: Any) -> list[dict[str, Any]]:
    """The items with nothing but what an item has."""
    if not isinstance(items, list) or len(items) > MOST_ITEMS:
        frappe.throw(_("A board holds at most {0} figures").format(MOST_ITEMS))
    arranged = []
    for item in items:
        if (
            not isinstance(item, dict)
            or item.get("kind") not in KINDS
            or cint(item.get("width")) not in WIDTHS
        ):
            frappe.throw(_("This board cannot be kept"))
        arranged.append({"kind": item["kind"], "name": str(item.get("name")), "width": cint(item["width"])})
    return arranged


@frappe.whitelist(methods=["POST"])
def forget(name: str) -> None:
    """Deletes one of the user's own boards."""
    frappe.delete_doc(BOARD, name)
