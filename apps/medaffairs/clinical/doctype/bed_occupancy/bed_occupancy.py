"""Bed Occupancy: what the hospital's statistics say of a department's bed-days in a month."""

import re

import frappe
from frappe.model.document import Document
from frappe.utils import getdate, nowdate

MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


class BedOccupancy(Document):
    """Bed-days of a department and month; the month is over or under way."""

    def before_naming(self) -> None:
        """The month is a month.

        :raises frappe.ValidationError: for what is none, or lies in the future
        """
        self.month = str(self.month or "").strip()
        if not MONTH.fullmatch(self.month):
            frappe.throw(frappe._("{0} is no month: write 2026-05").format(self.month))
        if self.month > f"{getdate(nowdate()):%Y-%m}":
            frappe.throw(frappe._("{0} must not lie in the future").format(frappe._("Month")))

    def validate(self) -> None:
        """Nobody lies in less than no bed.

        :raises frappe.ValidationError: for a negative number
        """
        if int(self.bed_days or 0) < 0:
            frappe.throw(frappe._("{0} must not be negative").format(frappe._("Bed-Days")))
