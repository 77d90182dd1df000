"""The year's evidence per privilege: operations and prescriptions, counted by the database."""

from __future__ import annotations

from typing import Any, NamedTuple

import frappe
from frappe.query_builder.functions import Coalesce, Count, Sum
from frappe.utils import cint


class Evidence(NamedTuple):
    """What a person did under a privilege in a year."""

    volume: int = 0
    complications: int = 0
    unplanned_reoperations: int = 0


def of_year(kind: str, year: int) -> dict[tuple[str, str], Evidence]:
    """(practitioner, code) → evidence of a calendar year, for all who did anything."""
    first, last = f"{year}-01-01 00:00:00", f"{year + 1}-01-01 00:00:00"
    if frappe.db.get_value("Privilege Kind", kind, "item_doctype") == "Procedure":
        return _operations(first, last)
    return _prescriptions(first, last)


def _operations(first: str, last: str) -> dict[tuple[str, str], Evidence]:
    operation = frappe.qb.DocType("Operation Record")
    moment = Coalesce(operation.started_at, operation.scheduled_at)
    rows = (
        frappe.qb.from_(operation)
        .select(
            operation.surgeon,
            operation.procedure,
            Count("*"),
            Sum(operation.complication),
            Sum(operation.unplanned_return),
        )
        .where((operation.status == "Finished") & (moment >= first) & (moment < last))
        .groupby(operation.surgeon, operation.procedure)
        .run()
    )
    return _collected(rows)


def _prescriptions(first: str, last: str) -> dict[tuple[str, str], Evidence]:
    order = frappe.qb.DocType("Medication Order")
    rows = (
        frappe.qb.from_(order)
        .select(order.prescriber, order.privilege, Count("*"))
        .where((order.ordered_at >= first) & (order.ordered_at < last))
        .groupby(order.prescriber, order.privilege)
        .run()
    )
    return _collected(rows)


def _collected(rows: Any) -> dict[tuple[str, str], Evidence]:
    return {
        (row[0], row[1]): Evidence(*(cint(value) for value in row[2:])) for row in rows if row[0] and row[1]
    }
