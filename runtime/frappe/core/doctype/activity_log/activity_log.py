"""Who signed in and out, and who tried."""

from __future__ import annotations

import frappe
from frappe.core.doctype.log_settings.log_settings import delete_older
from frappe.model.document import Document
from frappe.utils import get_fullname, now


class ActivityLog(Document):
    """One attempt."""

    def before_insert(self) -> None:
        """Name and time are the system's."""
        self.full_name = get_fullname(self.user) or self.user
        self.communication_date = now()

    def validate(self) -> None:
        """Attempts to sign in say from where."""
        if not self.status:
            self.status = "Linked"
        if self.operation in {"Login", "Logout"}:
            self.ip_address = frappe.local.request_ip

    @staticmethod
    def clear_old_logs(days: int = 90) -> None:
        """Deletes what has not changed for so many days."""
        delete_older("Activity Log", days)


def add_authentication_log(
    subject: str, user: str, operation: str = "Login", status: str = "Success"
) -> None:
    """Notes a sign-in, a sign-out or a failed attempt."""
    log = frappe.get_doc(
        doctype="Activity Log", user=user, status=status, subject=subject[:1000], operation=operation
    )
    log.flags.ignore_links = True
    log.insert(ignore_permissions=True)
