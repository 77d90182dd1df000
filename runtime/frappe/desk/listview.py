"""What stands beside a list: how many rows each value of a field has."""

from __future__ import annotations

from typing import Any

import frappe
from frappe import _
from frappe.model import default_fields, display_fieldtypes, table_fields
from frappe.utils.typing_validations import parsed

MOST = 50


@frappe.whitelist()
def get_group_by_count(doctype: str, current_filters: Any, field: str) -> list[dict[str, Any]]:
    """Values of a field with their number of rows among those that the user may see, the most frequent first.

    :raises frappe.ValidationError: for what is no field
    """
    filters = parsed(current_filters or "[]", list, "current_filters")
    if field == "assigned_to":
        return _by_assignment(doctype, filters)
    meta = frappe.get_meta(doctype)
    found = meta.get_field(field)
    if field not in default_fields and (
        found is None or found.fieldtype in (*table_fields, *display_fieldtypes)
    ):
        frappe.throw(_("Field does not belong to doctype"))
    rows = frappe.get_list(
        doctype, filters=filters, fields=[f"{field} as name", "count(name) as count"], group_by=field,
        order_by="count(name) desc", limit=MOST,
    )  # fmt: skip
    return [{"name": row.name, "count": row["count"]} for row in rows]


def _by_assignment(doctype: str, filters: list) -> list[dict[str, Any]]:
    names = frappe.get_list(doctype, filters=filters, pluck="name", limit_page_length=10_000)
    rows = frappe.get_all(
        "ToDo",
        filters={"reference_type": doctype, "reference_name": ["in", names], "status": "Open"},
        fields=["allocated_to as name", "count(name) as count"],
        group_by="allocated_to",
        order_by="count(name) desc",
        limit=MOST,
    )
    return [dict(row) for row in rows]
