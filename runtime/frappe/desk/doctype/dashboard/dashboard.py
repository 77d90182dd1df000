"""Dashboards: cards and charts side by side, each for who may see its figures."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.model.document import Document
from frappe.utils import cint


class Dashboard(Document):
    """One dashboard."""

    def on_update(self) -> None:
        """One dashboard at most is the default."""
        if cint(self.is_default):
            others = {"name": ["!=", self.name], "is_default": 1}
            for name in frappe.get_all("Dashboard", filters=others, pluck="name"):
                frappe.db.set_value("Dashboard", name, "is_default", 0)


def put_on(dashboard: str, table: str, field: str, name: str, standard: Any = None) -> None:
    """Puts a card or chart on a dashboard that the user may change.

    :raises frappe.DoesNotExistError: when one of the two is not there
    """
    board = frappe.get_doc("Dashboard", dashboard)
    if standard is not None:
        board.is_standard = cint(standard)
    board.append(table, {field: name})
    board.save()


def _permitted(dashboard_name: str, table: str, field: str, doctype: str) -> list:
    """The rows of a dashboard whose card or chart the user may read."""
    board = frappe.get_doc("Dashboard", dashboard_name)
    board.check_permission("read")
    return [
        row
        for row in board.get(table) or []
        if frappe.db.exists(doctype, row.get(field))
        and frappe.has_permission(doctype, "read", row.get(field))
    ]


@frappe.whitelist()
def get_permitted_charts(dashboard_name: str) -> list:
    """The charts of a dashboard that the user may see."""
    return _permitted(dashboard_name, "charts", "chart", "Dashboard Chart")


@frappe.whitelist()
def get_permitted_cards(dashboard_name: str) -> list:
    """The cards of a dashboard that the user may see."""
    return _permitted(dashboard_name, "cards", "card", "Number Card")
