"""Who has looked at a case: from the log of data accesses, for whoever answers for the case."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.query_builder.functions import Count, Max, Min

from medaffairs.audit import keeper
from medaffairs.dispute.cases import handles

LOG = "Data Access Log"
LOOKED = ("Read", "Print", "Download", "Export")


def viewers(doc: Any, user: str) -> list[dict[str, Any]]:
    """Who has opened or printed a case, how often, when first and last; the latest first.

    :raises frappe.PermissionError: for others than its reporter and those who handle it
    """
    if user != doc.owner and not handles(doc, user):
        frappe.throw(
            frappe._("Who has looked at a case is told to its owner and its handlers"), frappe.PermissionError
        )
    keeper.bring()
    log = frappe.qb.DocType(LOG)
    rows = (
        frappe.qb.from_(log)
        .select(log.user, log.action, Count("*").as_("times"), Min(log.occurred_at).as_("first_at"), Max(log.occurred_at).as_("last_at"))
        .where((log.target_type == doc.doctype) & (log.target_name == doc.name))
        .where(log.action.isin(LOOKED) & (log.outcome == "Success"))
        .groupby(log.user, log.action)
        .run(as_dict=True)
    )  # fmt: skip
    people = frappe.get_all(
        "Practitioner",
        filters={"user": ("in", [row.user for row in rows] or [""])},
        fields=["user", "department"],
    )
    departments = {row.user: row.department for row in people}
    for row in rows:
        row.full_name = frappe.utils.get_fullname(row.user)
        row.department = departments.get(row.user)
    return sorted(rows, key=lambda row: str(row.last_at), reverse=True)
