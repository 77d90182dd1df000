"""Which items of the negative list somebody means who types a few letters: those in force first, retired ones named as such."""

from typing import Any

import frappe

from medaffairs.demerit.catalogue import ITEM, VERSION


@frappe.whitelist()
@frappe.validate_and_sanitize_search_inputs
def items(
    doctype: str, txt: str, searchfield: str, start: int, page_len: int, filters: Any, **_: Any
) -> list[tuple]:
    """Items that hold a text in code or behaviour: name, behaviour, points, and the end of what is not in force any more."""
    status = dict(frappe.get_all(VERSION, fields=["name", "status"], as_list=True))
    current = [name for name in status if status[name] == "In Force"]
    wanted = dict(filters) if isinstance(filters, dict) else {}
    found: list[Any] = []
    for versions in (current, [name for name in status if name not in current]):
        if not versions or len(found) >= start + page_len:
            continue
        found += frappe.get_list(
            ITEM, filters={"disabled": 0, **wanted, "version": ("in", versions)},
            or_filters={field: ("like", f"%{txt}%") for field in ("name", "item_code", "behaviour", "category")},
            fields=["name", "behaviour", "points", "version"], order_by="item_code", limit_page_length=start + page_len,
        )  # fmt: skip
    return [
        (row.name, row.behaviour, f"{row.points:g}", "" if row.version in current else frappe._(status[row.version]))
        for row in found[start : start + page_len]
    ]  # fmt: skip
