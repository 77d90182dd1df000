"""Handling Time Limit."""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import flt


class HandlingTimeLimit(Document):
    """How long a step may take, in which unit, and by which rule."""

    def validate(self) -> None:
        if flt(self.limit_value) <= 0:
            frappe.throw(_("The limit must be above zero"))
