"""How long logs are kept: a table of DocTypes, whose controllers know how to clear themselves."""

from __future__ import annotations

import frappe
from frappe.model.base_document import get_controller
from frappe.model.document import Document
from frappe.utils import add_to_date, cint, now_datetime


class LogSettings(Document):
    """The table, with the DocTypes that apps name by `default_log_clearing_doctypes`."""

    def validate(self) -> None:
        """Only DocTypes that can be cleared stand in the table, each once, and those of the apps always do."""
        self.logs_to_clear = [row for row in self.logs_to_clear if can_clear(row.ref_doctype)]
        self.add_default_logtypes()

    def add_default_logtypes(self) -> None:
        """Enters what the apps name; the days of a row that is there are the site's own."""
        for doctype, days in (frappe.get_hooks("default_log_clearing_doctypes") or {}).items():
            if can_clear(doctype):
                self.register_doctype(doctype, cint(days[-1] if isinstance(days, list) else days))

    def register_doctype(self, doctype: str, days: int = 30) -> None:
        """Enters a DocType that is not in the table yet."""
        if doctype not in {row.ref_doctype for row in self.logs_to_clear}:
            self.append("logs_to_clear", {"ref_doctype": doctype, "days": cint(days)})

    def clear_logs(self) -> None:
        """Clears every log of the table."""
        for row in self.logs_to_clear:
            if can_clear(row.ref_doctype):
                get_controller(row.ref_doctype).clear_old_logs(days=cint(row.days))
                frappe.db.commit()


def can_clear(doctype: str) -> bool:
    """Whether a DocType's controller has `clear_old_logs`."""
    return bool(frappe.db.exists("DocType", doctype)) and hasattr(get_controller(doctype), "clear_old_logs")


def delete_older(doctype: str, days: int) -> None:
    """Deletes records of a log that have not changed for so many days."""
    moment = add_to_date(now_datetime(), days=-days)
    frappe.db.delete(doctype, {"modified": ("<", moment)})


def run_log_clean_up() -> None:
    """The daily job."""
    settings = frappe.get_doc("Log Settings")
    settings.add_default_logtypes()
    settings.flags.ignore_permissions = True
    settings.save()
    settings.clear_logs()
