"""Background jobs in a queue that survives: a job accepted is a job run.

The queue is a table of the site's own database, so that a job waits exactly when the transaction that asked for it
is lasting. A worker claims a job for a time; when the worker dies, the claim ends and another takes the job.
"""

from __future__ import annotations

import os
import pickle
import socket
import time
from collections.abc import Callable
from typing import Any

import frappe

LEASE_SECONDS = 60
MAX_TRIES = 3
QUEUES = ("short", "default", "long")

_TABLE = (
    "create table if not exists `__jobs` (`id` integer primary key, `job_id` varchar(255), `queue` varchar(40),"
    " `method` text, `payload` blob, `status` varchar(20), `claimed_until` real, `worker` varchar(140),"
    " `tries` int default 0, `created` real, `front` int default 0)"
)


def ensure_table() -> None:
    """The queue's table."""
    frappe.db.sql(_TABLE)
    frappe.db.sql("create index if not exists `jobs_status` on `__jobs` (`status`, `queue`, `front`, `id`)")


def enqueue(
    method: str | Callable,
    queue: str = "default",
    timeout: int | None = None,
    event: str | None = None,
    is_async: bool = True,
    job_name: str | None = None,
    now: bool = False,
    enqueue_after_commit: bool = False,
    *,
    on_success: Callable | None = None,
    on_failure: Callable | None = None,
    at_front: bool = False,
    job_id: str | None = None,
    deduplicate: bool = False,
    **kwargs: Any,
) -> Any:
    """Runs a function in the background, as the user who asks.

    :param now: run it at once, in this transaction
    :param deduplicate: do nothing while a job of this `job_id` waits or runs
    """
    if now or not is_async or frappe.flags.in_install or frappe.local.flags.in_migrate:
        return frappe.call(method, **kwargs)
    if deduplicate and job_id and is_job_enqueued(job_id):
        return None
    path = method if isinstance(method, str) else f"{method.__module__}.{method.__qualname__}"
    payload = pickle.dumps({"user": frappe.session.user, "kwargs": kwargs, "timeout": timeout,
                            "on_success": on_success, "on_failure": on_failure})  # fmt: skip
    frappe.db.sql(
        "insert into `__jobs` (`job_id`, `queue`, `method`, `payload`, `status`, `created`, `front`)"
        " values (%s, %s, %s, %s, 'queued', %s, %s)",
        (
            job_id or job_name or frappe.generate_hash(length=12),
            queue,
            path,
            payload,
            time.time(),
            int(at_front),
        ),
    )
    if frappe.local.request is not None and frappe.local.request.method == "GET":
        frappe.local.flags.commit = True
    return frappe._dict(id=job_id)


def enqueue_doc(
    doctype: str,
    name: str | None = None,
    method: str | None = None,
    queue: str = "default",
    timeout: int = 300,
    now: bool = False,
    **kwargs: Any,
) -> Any:
    """Runs a document's method in the background."""
    return enqueue(
        "frappe.utils.background_jobs.run_doc_method", doctype=doctype, name=name, doc_method=method, queue=queue,
        timeout=timeout, now=now, **kwargs,
    )  # fmt: skip


def run_doc_method(doctype: str, name: str, doc_method: str, **kwargs: Any) -> None:
    """Runs a document's method."""
    getattr(frappe.get_doc(doctype, name), doc_method)(**kwargs)


def is_job_enqueued(job_id: str) -> bool:
    """Whether a job of this id waits or runs."""
    return bool(
        frappe.db.sql(
            "select 1 from `__jobs` where `job_id` = %s and `status` in ('queued', 'running') limit 1",
            (job_id,),
        )
    )


def get_jobs(site: str | None = None, queue: str | None = None, key: str = "method") -> dict[str, list[str]]:
    """Methods that wait, by site."""
    rows = frappe.db.sql("select `method` from `__jobs` where `status` = 'queued'", pluck=True)
    return {frappe.local.site: rows}


def claim(queues: list[str]) -> Any:
    """The next job, claimed for a time; None when nothing waits. A job tried too often is set aside."""
    worker = f"{socket.gethostname()}:{os.getpid()}"
    moment = time.time()
    waiting = frappe.db.sql(
        "select `id` from `__jobs` where `queue` in %s and (`status` = 'queued' or (`status` = 'running'"
        " and `claimed_until` < %s)) limit 1",
        (tuple(queues), moment),
    )
    if not waiting:
        return None
    frappe.db.begin()
    rows = frappe.db.sql(
        "select `id`, `job_id`, `method`, `payload`, `tries` from `__jobs` where `queue` in %s and (`status` = 'queued'"
        " or (`status` = 'running' and `claimed_until` < %s)) order by `front` desc, `id` limit 1",
        (tuple(queues), moment),
        as_dict=True,
    )
    if rows:
        frappe.db.sql(
            "update `__jobs` set `status` = %s, `claimed_until` = %s, `worker` = %s, `tries` = `tries` + 1 where `id` = %s",
            (
                "failed" if rows[0].tries >= MAX_TRIES else "running",
                moment + LEASE_SECONDS,
                worker,
                rows[0].id,
            ),
        )
    frappe.db.commit()
    return rows[0] if rows and rows[0].tries < MAX_TRIES else None


def execute_claimed(job: Any) -> bool:
    """Runs a claimed job as its user, in a transaction of its own; whether it succeeded."""
    details = pickle.loads(job.payload)  # noqa: S301 - written by `enqueue` alone
    frappe.local.job = frappe._dict(method=job.method, kwargs=details["kwargs"], job_id=job.job_id)
    try:
        frappe.set_user(details["user"])
        frappe.local.lang = _language()
        frappe.call(job.method, **details["kwargs"])
        frappe.db.commit()
        _run_callback(details.get("on_success"))
        succeeded = True
    except Exception as error:
        frappe.db.rollback()
        frappe.log_error(title=f"{job.method} failed", message=frappe.get_traceback())
        frappe.db.commit()
        _run_callback(details.get("on_failure"), error)
        succeeded = False
    finally:
        frappe.local.job = None
    frappe.db.sql("delete from `__jobs` where `id` = %s" if succeeded else
                  "update `__jobs` set `status` = 'failed' where `id` = %s", (job.id,))  # fmt: skip
    frappe.db.commit()
    return succeeded


def _language() -> str:
    from frappe.translate import get_user_lang

    return get_user_lang(frappe.session.user)


def _run_callback(callback: Any, *args: Any) -> None:
    if callback:
        frappe.call(callback, *args)
        frappe.db.commit()


def extend_lease(job_id: int) -> None:
    """Keeps a claim while the job runs."""
    frappe.db.sql(
        "update `__jobs` set `claimed_until` = %s where `id` = %s", (time.time() + LEASE_SECONDS, job_id)
    )
    frappe.db.commit()


def work(site: str, sites_path: str, queues: list[str] | None = None, burst: bool = False) -> None:
    """A worker: takes jobs until it is told to stop. With `burst` it ends when nothing waits."""
    stop = _stop_on_signal()
    while not stop:
        frappe.init(site, sites_path=sites_path, force=True)
        frappe.connect()
        try:
            ensure_table()
            job = claim(queues or list(QUEUES))
            if job:
                with _heartbeat(site, sites_path, job.id):
                    execute_claimed(job)
            elif burst:
                return
        except Exception:
            frappe.logger("worker").exception("worker")
            job = None
        finally:
            frappe.destroy()
        if not job:
            time.sleep(0.15)


def _stop_on_signal() -> list[int]:
    import signal

    received: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda signum, frame: received.append(signum))
    return received


class _heartbeat:
    """Keeps the claim of a long job alive from a thread of its own."""

    def __init__(self, site: str, sites_path: str, job_id: int) -> None:
        import threading

        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, args=(site, sites_path, job_id), daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: Any) -> None:
        self._ended.set()

    def _beat(self, site: str, sites_path: str, job_id: int) -> None:
        while not self._ended.wait(LEASE_SECONDS / 3):
            frappe.init(site, sites_path=sites_path, force=True)
            frappe.connect()
            try:
                extend_lease(job_id)
            finally:
                frappe.destroy()


def failed_jobs() -> list[dict]:
    """Jobs that were given up."""
    return frappe.db.sql(
        "select `id`, `method`, `tries` from `__jobs` where `status` = 'failed'", as_dict=True
    )
