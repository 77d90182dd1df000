"""A method of an app that runs at its time."""

from __future__ import annotations

import datetime
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cint, get_datetime, now_datetime
from frappe.utils.scheduler import CRON, sync_jobs
from frappe.utils.typing_validations import parsed

#: Failures after which the whole job is run again, as other jobs are.
_AGAIN = (frappe.RetryBackgroundJobError, frappe.QueryTimeoutError, frappe.QueryDeadlockError)


class ScheduledJobType(Document):
    """The record that the scheduler looks at."""

    def autoname(self) -> None:
        """The last two parts of the method's path."""
        self.name = ".".join(str(self.method).split(".")[-2:])

    def validate(self) -> None:
        """Only what runs all the time may go without a log; a pattern must be one.

        :raises frappe.ValidationError: for a pattern that is missing or no pattern
        """
        if self.frequency != "All":
            self.create_log = 1
        if self.frequency != "Cron":
            return
        if not self.cron_format:
            frappe.throw(_("A job of the frequency Cron needs a pattern"))
        from croniter import croniter

        if not croniter.is_valid(self.cron_format):
            frappe.throw(_("{0} is not a pattern of times").format(frappe.bold(self.cron_format)))

    @property
    def rq_job_id(self) -> str:
        """The id of its job in the queue: it waits or runs once."""
        return f"scheduled_job::{self.method}"

    @property
    def next_execution(self) -> datetime.datetime:
        """When it is due."""
        return self.get_next_execution()

    def get_next_execution(self) -> datetime.datetime:
        """When it is due after its last execution, or after it came to be; times that were missed count once."""
        from croniter import croniter

        pattern = self.cron_format if self.frequency == "Cron" else CRON.get(self.frequency, CRON["Daily"])
        start = get_datetime(self.last_execution or self.creation or now_datetime())
        return croniter(pattern, start).get_next(datetime.datetime)

    def is_event_due(self, current_time: datetime.datetime | None = None) -> bool:
        """Whether its time has come."""
        return self.get_next_execution() <= (current_time or now_datetime())

    def is_job_in_queue(self) -> bool:
        """Whether it waits or runs."""
        from frappe.utils.background_jobs import is_job_enqueued

        return is_job_enqueued(self.rq_job_id)

    def get_queue_name(self) -> str:
        """The queue in which it waits."""
        return "long" if "Long" in self.frequency or "Maintenance" in self.frequency else "default"

    def enqueue(self, force: bool = False) -> bool:
        """Puts the method into the queue when it is due, or at once with `force`; whether that was done."""
        if not (force or self.is_event_due()) or self.is_job_in_queue():
            return False
        frappe.db.set_value(
            "Scheduled Job Type", self.name, "last_execution", now_datetime(), update_modified=False
        )
        frappe.enqueue(
            "frappe.core.doctype.scheduled_job_type.scheduled_job_type.run_scheduled_job",
            queue=self.get_queue_name(), job_type=self.method, job_id=self.rq_job_id,
        )  # fmt: skip
        return True

    def execute(self) -> None:
        """Runs the method now and logs how it went; a failure is in the log, not raised."""
        log = self._begin_log()
        try:
            self._run()
            if log:
                log.db_set("status", "Complete")
        except _AGAIN:
            raise
        except Exception:
            frappe.db.rollback()
            if log:
                log.db_set({"status": "Failed", "details": frappe.get_traceback()})
            frappe.log_error(title=f"{self.method} failed")
            frappe.db.commit()

    def _run(self) -> None:
        if self.server_script:
            frappe.get_doc("Server Script", self.server_script).execute_scheduled_method()
        else:
            frappe.get_attr(self.method)()

    def _begin_log(self) -> Any:
        """A log that is there while the method runs; none where none is wanted."""
        self.last_execution = now_datetime()
        frappe.db.set_value(
            "Scheduled Job Type", self.name, "last_execution", self.last_execution, update_modified=False
        )
        log = None
        if cint(self.create_log):
            log = frappe.get_doc(doctype="Scheduled Job Log", scheduled_job_type=self.name)
            log.insert(ignore_permissions=True)
            log.db_set("status", "Start")
        frappe.db.commit()
        return log

    def on_trash(self) -> None:
        """Its logs go with it."""
        frappe.db.delete("Scheduled Job Log", {"scheduled_job_type": self.name})


@frappe.whitelist(methods=["POST"])
def execute_event(doc: str) -> dict[str, Any]:
    """Puts a scheduled method into the queue at once.

    :raises frappe.PermissionError: for who is no System Manager
    """
    frappe.only_for("System Manager")
    given = parsed(doc, dict, "doc")
    frappe.get_doc("Scheduled Job Type", given.get("name")).enqueue(force=True)
    return given


def run_scheduled_job(job_type: str) -> None:
    """What the queue runs: the method of a record; nothing when the record is gone.

    :param job_type: the method's path
    """
    name = frappe.db.get_value("Scheduled Job Type", {"method": job_type})
    if name:
        frappe.get_doc("Scheduled Job Type", name).execute()


__all__ = ["ScheduledJobType", "execute_event", "run_scheduled_job", "sync_jobs"]
