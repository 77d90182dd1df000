"""The queue as a table of the site's own database: a job waits exactly when the transaction that asked for it is lasting.

`frappe.utils.worker` takes the jobs out. A job runs at least once. What it writes and the note that it is done become
lasting together, so that it runs once unless its worker dies after the job itself has committed something or acted
on the outside.
"""

from __future__ import annotations

import datetime
import pickle
import time
from typing import Any

import frappe

#: What the table calls a state, and what Redis' queue calls it.
STATES = {"queued": "queued", "running": "started", "failed": "failed"}


def put(job: dict[str, Any]) -> Any:
    """Lets a job wait. What it needs is in the same transaction as what the caller writes."""
    payload = {key: job[key] for key in ("user", "kwargs", "timeout", "on_success", "on_failure")}
    frappe.db.sql(
        "insert into `__jobs` (`job_id`, `queue`, `method`, `payload`, `status`, `created`, `front`)"
        " values (%s, %s, %s, %s, 'queued', %s, %s)",
        (
            job["job_id"],
            job["queue"],
            job["method"],
            pickle.dumps(payload),
            time.time(),
            int(job["at_front"]),
        ),
    )
    if frappe.local.request is not None and frappe.local.request.method == "GET":
        frappe.local.flags.commit = True
    return frappe._dict(id=job["job_id"])


def status_of(job_id: str) -> str | None:
    """The state of the newest job of an id: queued, started or failed; None when it is done or never was."""
    rows = frappe.db.sql(
        "select `status` from `__jobs` where `job_id` = %s order by `id` desc limit 1", (job_id,)
    )
    return STATES.get(rows[0][0]) if rows else None


def is_waiting_or_running(job_id: str) -> bool:
    """Whether any job of an id waits or runs."""
    return bool(
        frappe.db.sql(
            "select 1 from `__jobs` where `job_id` = %s and `status` in ('queued', 'running') limit 1",
            (job_id,),
        )
    )


def listed() -> list[dict[str, Any]]:
    """All jobs that wait, run or have failed, the newest first."""
    rows = frappe.db.sql(
        "select `id`, `job_id`, `queue`, `method`, `payload`, `status`, `created`, `worker`, `tries`, `claimed_until`"
        " from `__jobs` order by `id` desc",
        as_dict=True,
    )
    return [_shown(row) for row in rows]


def _shown(row: Any) -> dict[str, Any]:
    payload = pickle.loads(row.payload)  # noqa: S301 - written by `put` alone
    failed = row.status == "failed"
    return {
        "key": row.id, "job_id": row.job_id, "queue": row.queue, "method": row.method, "status": STATES[row.status],
        "user": payload["user"], "kwargs": payload["kwargs"], "timeout": payload["timeout"], "tries": row.tries,
        "created": datetime.datetime.fromtimestamp(row.created, datetime.timezone.utc),
        "started_at": None, "ended_at": None,
        "exc_info": _reason(row.method) if failed else None, "worker": row.worker,
    }  # fmt: skip


def _reason(method: str) -> str | None:
    titles = (f"{method} failed"[:140], f"{method} given up"[:140])
    return frappe.db.get_value("Error Log", {"method": ("in", titles)}, "error", order_by="creation desc")


def remove(key: Any) -> None:
    """Takes a job out."""
    frappe.db.sql("delete from `__jobs` where `id` = %s", (key,))


def workers() -> list[dict[str, Any]]:
    """Processes that hold a job; idle ones leave no trace in a table."""
    rows = frappe.db.sql(
        "select `worker`, `queue`, `job_id`, `claimed_until` from `__jobs` where `status` = 'running'",
        as_dict=True,
    )
    return [
        {
            "name": row.worker, "pid": row.worker.split(":")[1], "queues": [row.queue], "status": "busy",
            "current_job_id": row.job_id, "last_heartbeat": None, "birth_date": None, "successful": 0, "failed": 0,
            "working_time": 0.0,
        }
        for row in rows
    ]  # fmt: skip
