"""RQ Job: the jobs of the site's queue as records, whichever of the two queues that is."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import frappe
from frappe.model.document import Document
from frappe.utils import _jobs_redis, _jobs_table, cint, convert_utc_to_system_timezone
from frappe.utils.background_jobs import all_jobs, create_job_id, on_redis


def _stamp(moment: datetime.datetime | None) -> datetime.datetime | None:
    return convert_utc_to_system_timezone(moment).replace(tzinfo=None) if moment else None


def _record(job: dict[str, Any]) -> dict[str, Any]:
    started, ended = _stamp(job["started_at"]), _stamp(job["ended_at"])
    created = _stamp(job["created"])
    arguments = job.get("arguments") or {key: job[key] for key in ("method", "user", "kwargs")}
    return frappe._dict(
        name=create_job_id(job["job_id"]), job_id=create_job_id(job["job_id"]), queue=job["queue"],
        job_name=job.get("job_name") or job["kwargs"].get("job_type") or str(job["method"]), status=job["status"],
        started_at=started, ended_at=ended, time_taken=(ended - started).total_seconds() if started and ended else None,
        exc_info=job["exc_info"], arguments=frappe.as_json(arguments), timeout=job["timeout"], creation=created,
        modified=started or ended or created, owner=job["user"], modified_by=job["user"], _comment_count=0,
        doctype="RQ Job",
    )  # fmt: skip


def _found(name: str) -> dict[str, Any]:
    """What the queue knows of a job of this site.

    :raises frappe.DoesNotExistError: when that is nothing
    """
    for job in all_jobs():
        if create_job_id(job["job_id"]) == name:
            return job
    raise frappe.DoesNotExistError


class RQJob(Document):
    """A job that waits, runs, has failed or has ended lately."""

    def load_from_db(self) -> Any:
        """Reads it."""
        frappe.only_for(("System Manager", "Administrator"))
        super(Document, self).__init__(_record(_found(self.name)))
        return self

    def db_insert(self, *args: Any, **kwargs: Any) -> None:
        """Jobs come by `frappe.enqueue` alone."""

    def db_update(self, *args: Any, **kwargs: Any) -> None:
        """Jobs do not change by hand."""

    def delete(self, *args: Any, **kwargs: Any) -> None:
        """Takes it out of the queue."""
        frappe.has_permission("RQ Job", "delete", throw=True)
        _remove(_found(self.name))

    def stop_job(self) -> None:
        """Stops it while it runs."""
        stop_job(self.name)

    @staticmethod
    def get_list(args: Any) -> list[dict[str, Any]]:
        """Those that fit the filters on queue and status, the newest first."""
        start = cint(args.get("start"))
        rows = _fitting(args.get("filters"))
        return rows[start : start + (cint(args.get("page_length")) or 20)]

    @staticmethod
    def get_count(args: Any) -> int:
        """How many there are."""
        return len(_fitting(args.get("filters")))

    @staticmethod
    def get_stats(args: Any) -> dict:
        """There are none."""
        return {}


def _fitting(filters: Any) -> list[dict[str, Any]]:
    from frappe.model.filters import normalize

    rows = [_record(job) for job in all_jobs()]
    compare: dict[str, Callable[[Any, Any], bool]] = {
        "=": lambda a, b: a == b, "!=": lambda a, b: a != b, "in": lambda a, b: a in b, "not in": lambda a, b: a not in b,
        "like": lambda a, b: str(b).strip("%").lower() in str(a).lower(),
    }  # fmt: skip
    for _, fieldname, operator, value in normalize("RQ Job", filters):
        test = compare.get(operator)
        if test is None:
            frappe.throw(
                frappe._("Not understood or not allowed in a list: {0}").format(operator), frappe.DataError
            )
        rows = [row for row in rows if test(row.get(fieldname), value)]
    return rows


def _remove(job: dict[str, Any]) -> None:
    (_jobs_redis if on_redis() else _jobs_table).remove(job["key"])


@frappe.whitelist(methods=["POST"])
def remove_failed_jobs() -> None:
    """Takes all failed jobs of the site out."""
    frappe.only_for("System Manager")
    for job in all_jobs():
        if job["status"] == "failed":
            _remove(job)


@frappe.whitelist()
def get_all_queued_jobs() -> list[dict[str, Any]]:
    """Jobs of the site that wait."""
    frappe.only_for("System Manager")
    return [_record(job) for job in all_jobs() if job["status"] == "queued"]


@frappe.whitelist(methods=["POST"])
def stop_job(job_id: str) -> None:
    """Stops a job while it runs; a job of the table can only be waited for."""
    frappe.only_for("System Manager")
    job = _found(job_id)
    if on_redis():
        _jobs_redis.stop(job["key"])
    else:
        frappe.msgprint(frappe._("A job of this queue ends by itself or when its time is over."))
