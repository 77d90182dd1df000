"""Figures on the start page of privileging that a filter of a list cannot express."""

from datetime import timedelta
from typing import Any

import frappe
from frappe.query_builder.functions import Count
from frappe.utils import cint, cstr, now_datetime

from medaffairs import reporting

DEFAULT_DAYS = 60


@frappe.whitelist()
def about_to_expire(filters: str | dict | None = None) -> dict[str, Any]:
    """How many privileges in force end within the days that the settings name, of those that the user may see."""
    days = cint(frappe.db.get_single_value("Medical Affairs Settings", "expiry_notice_days")) or DEFAULT_DAYS
    now = now_datetime()
    grant = frappe.qb.DocType("Privilege Grant")
    query = (
        frappe.qb.from_(grant)
        .select(Count("*"))
        .where(grant.status.isin(["Active", "Suspended"]))
        .where((grant.valid_to > cstr(now)) & (grant.valid_to <= cstr(now + timedelta(days=days))))
    )
    count = reporting.seen(query, "Privilege Grant").run()[0][0]
    return reporting.card_value(count, ["query-report", "Grants About To Expire"], {"days": days})
