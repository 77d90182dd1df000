"""Event Reporter: the one place where the name behind a report with protected identity stands."""

import frappe
from frappe.model.document import Document

from medaffairs.adverse_event import reporting


class EventReporter(Document):
    """Who has reported an event with protected identity."""

    def validate(self) -> None:
        """It is written with the report, and by nobody afterwards.

        :raises frappe.PermissionError: for whoever writes one by hand
        """
        if not self.is_new() or frappe.session.user != reporting.NOBODY:
            frappe.throw(
                frappe._("Names of reporters are written by the system alone"), frappe.PermissionError
            )
