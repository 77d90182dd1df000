"""What was exported and printed, by whom."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.core.doctype.log_settings.log_settings import delete_older
from frappe.model.document import Document
from frappe.utils import cstr


class AccessLog(Document):
    """One export or print."""

    @staticmethod
    def clear_old_logs(days: int = 30) -> None:
        """Deletes what has not changed for so many days."""
        delete_older("Access Log", days)


@frappe.whitelist(methods=["POST"])
def make_access_log(
    doctype: str | None = None,
    document: str | None = None,
    method: str | None = None,
    file_type: str | None = None,
    report_name: str | None = None,
    filters: Any = None,
    page: str | None = None,
    columns: Any = None,
) -> None:
    """Notes an export or a print of the current user, at once and for good.

    What a reading request writes is undone at its end; this note is not.
    """
    values = {
        "doctype": "Access Log", "user": frappe.session.user, "export_from": doctype, "reference_document": document,
        "file_type": file_type, "report_name": report_name, "page": page, "method": method,
        "filters": cstr(filters) or None, "columns": cstr(columns) or None, "timestamp": frappe.utils.now(),
    }  # fmt: skip
    log = frappe.get_doc(values)
    log.flags.ignore_links = True
    log.insert(ignore_permissions=True)
    request = frappe.local.request
    if request is not None and request.method in {"GET", "HEAD"}:
        frappe.local.flags.commit = True
