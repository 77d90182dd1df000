"""Figures on the start page of integration."""

from typing import Any

import frappe
from frappe.utils import nowdate

from medaffairs import reporting


@frappe.whitelist()
def received_today(filters: str | dict | None = None) -> dict[str, Any]:
    """How many messages other systems have sent today."""
    frappe.has_permission("HL7 Message", "read", throw=True)
    count = frappe.db.count("HL7 Message", {"direction": "In", "received_at": (">=", nowdate())})
    return reporting.card_value(count, ["List", "HL7 Message"], {"direction": "In"})
