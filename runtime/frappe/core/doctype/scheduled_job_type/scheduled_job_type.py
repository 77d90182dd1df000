"""A method of an app that runs at its time."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.model.document import Document


class ScheduledJobType(Document):
    """The record that the scheduler looks at."""

    def execute(self) -> None:
        """Runs the method now and logs how it went; a failure is in the log, not raised."""
        from frappe.utils.scheduler import run_scheduled

        try:
            run_scheduled(self.name)
            frappe.db.commit()
        except Exception:
            frappe.log_error(title=f"{self.method} failed")
            frappe.db.commit()

    def enqueue(self, force: bool = False) -> Any:
        """Puts the method into the queue when it is due, or at once with `force`."""
        from frappe.utils import now_datetime
        from frappe.utils.scheduler import next_time

        if not force and next_time(self) > now_datetime():
            return None
        self.db_set("last_execution", now_datetime(), update_modified=False)
        return frappe.enqueue("frappe.utils.scheduler.run_scheduled", job_type=self.name, queue="default")
