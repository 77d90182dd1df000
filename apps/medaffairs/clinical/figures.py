"""Figures on the start page of clinical facts: operations of today and of this month."""

from datetime import date, timedelta
from typing import Any

import frappe
from frappe.query_builder.functions import Count
from frappe.utils import cstr, get_first_day, getdate

from medaffairs import reporting


@frappe.whitelist()
def operations_today(filters: str | dict | None = None) -> dict[str, Any]:
    """How many operations are scheduled for today and not cancelled, of those that the user may see."""
    today = getdate()
    return reporting.card_value(_operations(today, today), ["List", "Operation Record"])


@frappe.whitelist()
def operations_this_month(filters: str | dict | None = None) -> dict[str, Any]:
    """How many operations this month has had up to now, of those that the user may see."""
    today = getdate()
    return reporting.card_value(_operations(get_first_day(today), today), ["List", "Operation Record"])


def _operations(start: date, end: date) -> int:
    record = frappe.qb.DocType("Operation Record")
    query = (
        frappe.qb.from_(record)
        .select(Count("*"))
        .where((record.scheduled_at >= cstr(start)) & (record.scheduled_at < cstr(end + timedelta(days=1))))
        .where(record.status != "Cancelled")
    )
    return reporting.seen(query, "Operation Record").run()[0][0]
