"""RQ Worker: the processes that run jobs, as records."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import frappe
from frappe.model.document import Document
from frappe.utils import _jobs_redis, _jobs_table, cint, convert_utc_to_system_timezone
from frappe.utils.background_jobs import on_redis


def _stamp(moment: datetime | None) -> datetime | None:
    return convert_utc_to_system_timezone(moment).replace(tzinfo=None) if moment else None


def _records() -> list[dict[str, Any]]:
    found = _jobs_redis.workers() if on_redis() else _jobs_table.workers()
    return [_record(worker) for worker in sorted(found, key=lambda worker: worker["name"])]


def _record(worker: dict[str, Any]) -> dict[str, Any]:
    queues, born = ", ".join(worker["queues"]), worker["birth_date"]
    if born is not None and born.tzinfo is None:
        born = born.replace(tzinfo=timezone.utc)
    age = (datetime.now(timezone.utc) - born).total_seconds() if born else 0
    return frappe._dict(
        name=worker["name"], worker_name=worker["name"], queue=queues, queue_type=queues, status=worker["status"],
        pid=str(worker["pid"] or ""), current_job_id=worker["current_job_id"],
        successful_job_count=worker["successful"], failed_job_count=worker["failed"], birth_date=_stamp(born),
        last_heartbeat=_stamp(worker["last_heartbeat"]), total_working_time=worker["working_time"],
        utilization_percent=round(worker["working_time"] / age * 100, 2) if age else 0.0, creation=_stamp(born),
        modified=_stamp(worker["last_heartbeat"]), owner="Administrator", modified_by="Administrator",
        _comment_count=0, doctype="RQ Worker",
    )  # fmt: skip


class RQWorker(Document):
    """A process that waits for jobs or runs one."""

    def load_from_db(self) -> Any:
        """Reads it.

        :raises frappe.DoesNotExistError: when it has ended
        """
        frappe.only_for("System Manager")
        for record in _records():
            if record.name == self.name:
                super(Document, self).__init__(record)
                return self
        raise frappe.DoesNotExistError

    def db_insert(self, *args: Any, **kwargs: Any) -> None:
        """Workers are started, not written."""

    def db_update(self, *args: Any, **kwargs: Any) -> None:
        """Workers do not change by hand."""

    def delete(self, *args: Any, **kwargs: Any) -> None:
        """Workers are stopped where they were started."""

    @staticmethod
    def get_list(args: Any) -> list[dict[str, Any]]:
        """All that are known."""
        start = cint(args.get("start"))
        return _records()[start : start + (cint(args.get("page_length")) or 20)]

    @staticmethod
    def get_count(args: Any) -> int:
        """How many there are."""
        return len(_records())

    @staticmethod
    def get_stats(args: Any) -> dict:
        """There are none."""
        return {}
