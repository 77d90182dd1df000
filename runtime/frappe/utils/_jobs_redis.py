"""The queue on Redis by RQ, where `redis_queue` names a server.

What it promises is what RQ promises: see "Promises" in the README. Names of queues and jobs are those of Frappe, so that
its tools read them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any

import frappe
from frappe.utils import _redis

#: Seconds that RQ remembers a finished job, and a failed one.
RESULT_SECONDS = 10 * 60
FAILURE_SECONDS = 7 * 24 * 3600
REGISTRIES = {"started": "started_job_registry", "failed": "failed_job_registry", "finished": "finished_job_registry",
              "deferred": "deferred_job_registry", "scheduled": "scheduled_job_registry"}  # fmt: skip


def connection() -> Any:
    """The server of the queue."""
    return _redis.client("redis_queue")


def qualified(queue: str) -> str:
    """A queue's name on the server, which may serve several folders of sites."""
    bench = os.path.dirname(os.path.abspath(frappe.local.sites_path))
    bench_id = frappe.local.conf.get("bench_id") or bench.strip("/").replace("/", "-")
    return f"{bench_id}:{queue}"


def plain(name: str) -> str:
    """The other way round."""
    return name.rpartition(":")[2]


def rq_id(full_id: str) -> str:
    """A job's id as RQ takes it: letters, digits, dashes, and an underscore before the code of any other sign."""
    return re.sub(
        r"[^A-Za-z0-9-]", lambda sign: "".join(f"_{byte:02x}" for byte in sign[0].encode()), full_id
    )


def full_id(name: str) -> str:
    """The other way round: `<site>::<job_id>`."""
    raw = re.sub(rb"_([0-9a-f]{2})", lambda code: bytes([int(code[1], 16)]), name.encode())
    return raw.decode(errors="replace")


def queue(name: str, is_async: bool = True) -> Any:
    """A queue by its plain name."""
    from rq import Queue

    return Queue(qualified(name), connection=connection(), is_async=is_async)


def put(job: dict[str, Any], job_id: str) -> Any:
    """Lets a job wait, from this moment on, whatever becomes of the transaction."""
    return queue(job["queue"]).enqueue_call(
        "frappe.utils.background_jobs.execute_job",
        timeout=job["timeout"],
        kwargs={
            "site": frappe.local.site, "user": job["user"], "method": job["method"], "event": job["event"],
            "job_name": job["job_name"], "is_async": True, "kwargs": job["kwargs"],
        },
        at_front=job["at_front"],
        job_id=rq_id(job_id),
        result_ttl=RESULT_SECONDS,
        failure_ttl=FAILURE_SECONDS,
        meta={"on_success": _path(job["on_success"]), "on_failure": _path(job["on_failure"])},
        on_success=_callback("succeeded", job["on_success"]),
        on_failure=_callback("failed", job["on_failure"]),
    )  # fmt: skip


def _path(function: str | Callable | None) -> str | None:
    return f"{function.__module__}.{function.__qualname__}" if callable(function) else function


def _callback(ours: str, wanted: Any) -> Any:
    from rq.job import Callback

    return Callback(f"{__name__}.{ours}") if wanted else None


def succeeded(job: Any, server: Any, result: Any, *args: Any) -> None:
    """Tells who asked to be told of a job's success."""
    _tell(job, "on_success", server, result)


def failed(job: Any, server: Any, kind: Any, error: Any, traceback: Any) -> None:
    """Tells who asked to be told of a job's failure, also when the process that ran it was killed."""
    _tell(job, "on_failure", server, kind, error, traceback)


def _tell(job: Any, which: str, *args: Any) -> None:
    """Calls back in the job's site; its own failure is logged, the job keeps its end."""
    frappe.init(job.kwargs["site"], force=True)
    frappe.connect()
    try:
        frappe.set_user(job.kwargs["user"])
        frappe.get_attr(job.meta[which])(job, *args)
        frappe.db.commit()
    except Exception:
        frappe.db.rollback()
        frappe.log_error(title="A job's callback failed")
        frappe.db.commit()
    finally:
        frappe.destroy()


def fetch(job_id: str) -> Any:
    """RQ's own job; None when the server does not know it."""
    from rq.exceptions import NoSuchJobError
    from rq.job import Job

    try:
        return Job.fetch(rq_id(job_id), connection=connection())
    except NoSuchJobError:
        return None


def status_of(job_id: str) -> str | None:
    """The state of a job; None when the server does not know it."""
    job = fetch(job_id)
    return getattr(job.get_status(), "value", job.get_status()) if job else None


def listed(queues: list[str]) -> list[dict[str, Any]]:
    """All jobs of this site that the server remembers, the newest first."""
    from rq.job import Job

    from frappe.utils._rq_worker import taken_key

    names: list[str] = []
    server = connection()
    for name in queues:
        one = queue(name)
        names += [*one.job_ids, *(name.decode() for name in server.zrange(taken_key(one.key), 0, -1))]
        for registry in REGISTRIES.values():
            # Without this, reading would also move jobs of dead workers to the failed ones.
            names += getattr(one, registry).get_job_ids(cleanup=False)
    prefix = rq_id(f"{frappe.local.site}::")
    wanted = [name for name in dict.fromkeys(names) if name.startswith(prefix)]
    found = [job for job in Job.fetch_many(wanted, connection=server) if job is not None]
    return sorted(map(_shown, found), key=lambda job: job["created"], reverse=True)


def _shown(job: Any) -> dict[str, Any]:
    given, status = job.kwargs or {}, job.get_status(refresh=False)
    return {
        "key": full_id(job.id), "job_id": full_id(job.id).partition("::")[2], "queue": plain(job.origin), "method": given.get("method"),
        "job_name": given.get("job_name"), "status": getattr(status, "value", status), "user": given.get("user"),
        "kwargs": given.get("kwargs") or {}, "timeout": job.timeout, "created": job.created_at,
        "started_at": job.started_at, "ended_at": job.ended_at, "exc_info": _traceback(job), "arguments": given,
    }  # fmt: skip


def _traceback(job: Any) -> str | None:
    latest = job.latest_result()
    return (latest.exc_string if latest else None) or None


def remove(key: str) -> None:
    """Takes a job out."""
    job = fetch(key)
    if job:
        job.delete()


def stop(key: str) -> None:
    """Stops a job that runs."""
    from rq.command import send_stop_job_command
    from rq.exceptions import InvalidJobOperation

    try:
        send_stop_job_command(connection(), rq_id(key))
    except InvalidJobOperation:
        frappe.msgprint(frappe._("Job is not running."), title=frappe._("Invalid Operation"))


def workers() -> list[dict[str, Any]]:
    """RQ's workers of this folder of sites."""
    from rq import Worker

    mine = [
        worker for worker in Worker.all(connection=connection())
        if any(name.startswith(qualified("")) for name in worker.queue_names())
    ]  # fmt: skip
    return [
        {
            "name": worker.name, "pid": worker.pid, "queues": [plain(name) for name in worker.queue_names()],
            "status": getattr(worker.get_state(), "value", worker.get_state()),
            "current_job_id": full_id(worker.get_current_job_id() or "") or None, "last_heartbeat": worker.last_heartbeat,
            "birth_date": worker.birth_date, "successful": worker.successful_job_count,
            "failed": worker.failed_job_count, "working_time": (worker.total_working_time or 0),
        }
        for worker in mine
    ]  # fmt: skip


def work(queues: list[str], burst: bool) -> None:
    """A worker of RQ: each job in a process of its own."""
    # The job's process inherits what is imported here instead of importing it anew for every job.
    import frappe.app  # noqa: F401
    from frappe.utils._rq_worker import TakingWorker

    names = [qualified(name) for name in queues]
    server = connection()
    TakingWorker(names, connection=server).work(burst=burst, logging_level="WARNING", with_scheduler=False)
