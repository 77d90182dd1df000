"""Background jobs: in a table of the site's database, or on Redis where `redis_queue` names a server.

Frappe's public names are here; the two queues are `_jobs_table.py` and `_jobs_redis.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import frappe
from frappe.utils import _jobs_redis, _jobs_table, _redis, cint

QUEUES = ("short", "default", "long")
#: Seconds a job of a queue may take when nothing else is said.
TIMEOUTS = {"short": 300, "default": 300, "long": 1500}


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

    In the table a job always waits for the end of the transaction; on Redis only with `enqueue_after_commit`.

    :param timeout: seconds after which it is stopped; by default what its queue allows
    :param now: run it at once, in this transaction
    :param deduplicate: do nothing while a job of this `job_id` waits or runs
    :param on_success: called with (job, connection, result)
    :param on_failure: called with (job, connection, type, value, traceback) of the error
    :returns: the job, its `id` is unique on the bench; None when nothing waits yet
    :raises frappe.ValidationError: for a queue that no worker looks into
    """
    if deduplicate and not job_id:
        frappe.throw(frappe._("`job_id` is needed to keep a job from being queued twice"))
    if deduplicate and is_job_enqueued(job_id):
        return None
    if now or not is_async or frappe.flags.in_install or frappe.local.flags.in_migrate:
        return frappe.call(method, **kwargs)
    validate_queue(queue)
    path = method if isinstance(method, str) else f"{method.__module__}.{method.__qualname__}"
    job = {
        "job_id": job_id or frappe.generate_hash(length=20), "queue": queue, "method": path, "event": event,
        "job_name": job_name or path, "user": frappe.session.user, "kwargs": kwargs, "at_front": bool(at_front),
        "timeout": cint(timeout) or get_queues_timeout()[queue], "on_success": on_success, "on_failure": on_failure,
    }  # fmt: skip
    if not on_redis():
        put = _jobs_table.put(job)
        return put.update(id=create_job_id(job["job_id"]))
    if enqueue_after_commit:
        frappe.db.after_commit.add(lambda: _jobs_redis.put(job, create_job_id(job["job_id"])))
        return None
    return _jobs_redis.put(job, create_job_id(job["job_id"]))


def on_redis() -> bool:
    """Whether jobs of the site wait on Redis."""
    return bool(_redis.url_of("redis_queue"))


def create_job_id(job_id: str | None = None) -> str:
    """The id of a job among those of all sites."""
    return f"{frappe.local.site}::{job_id or frappe.generate_hash(length=20)}"


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


# -- queues


def get_queues_timeout() -> dict[str, int]:
    """Seconds that jobs may take, by queue: Frappe's three and those that the configuration adds under `workers`."""
    added = frappe.local.conf.get("workers") or {}
    return TIMEOUTS | {name: cint((entry or {}).get("timeout")) or 300 for name, entry in added.items()}


def get_queue_list(queue_list: str | list[str] | None = None, build_queue_name: bool = False) -> list[str]:
    """Names of queues, all of them by default.

    :raises frappe.ValidationError: for one that there is not
    """
    known = list(get_queues_timeout())
    chosen = [queue_list] if isinstance(queue_list, str) else queue_list or known
    for name in chosen:
        validate_queue(name, known)
    return [generate_qname(name) for name in chosen] if build_queue_name else list(chosen)


def validate_queue(queue: str, default_queue_list: list[str] | None = None) -> None:
    """Refuses a queue that no worker looks into.

    :raises frappe.ValidationError: for such a one
    """
    known = default_queue_list or list(get_queues_timeout())
    if queue not in known:
        frappe.throw(frappe._("{0} is not a queue; there are {1}").format(queue, ", ".join(known)))


def generate_qname(qtype: str) -> str:
    """The name of a queue on the server."""
    return _jobs_redis.qualified(qtype)


def get_queue(qtype: str, is_async: bool = True) -> Any:
    """A queue of RQ."""
    return _jobs_redis.queue(qtype, is_async)


def get_queues(connection: Any = None) -> list[Any]:
    """All queues of RQ."""
    return [get_queue(name) for name in get_queue_list()]


def get_redis_conn(username: str | None = None, password: str | None = None) -> Any:
    """The server of the queue."""
    return _jobs_redis.connection()


def get_workers(queue: Any = None) -> list[Any]:
    """Workers of RQ, those of one queue if told so."""
    from rq import Worker

    return Worker.all(queue=queue) if queue else Worker.all(connection=get_redis_conn())


# -- what waits


def all_jobs() -> list[dict[str, Any]]:
    """Every job of the site that is known, the newest first."""
    return _jobs_redis.listed(get_queue_list()) if on_redis() else _jobs_table.listed()


def is_job_enqueued(job_id: str) -> bool:
    """Whether a job of this id waits or runs."""
    if on_redis():
        return _jobs_redis.status_of(create_job_id(job_id)) in {"queued", "started"}
    return _jobs_table.is_waiting_or_running(job_id)


def get_job_status(job_id: str) -> str | None:
    """The state of a job of this id; None when nothing is known of it."""
    return _jobs_redis.status_of(create_job_id(job_id)) if on_redis() else _jobs_table.status_of(job_id)


def get_job(job_id: str) -> Any:
    """RQ's own job of this id; from the table what is known of it. None when there is none."""
    if on_redis():
        return _jobs_redis.fetch(create_job_id(job_id))
    return next((frappe._dict(job) for job in _jobs_table.listed() if job["job_id"] == job_id), None)


def get_jobs(site: str | None = None, queue: str | None = None, key: str = "method") -> dict[str, list[str]]:
    """What waits or runs, by site: its methods, or another value (`key`) of what was given to `enqueue`."""
    found: dict[str, list[str]] = defaultdict(list)
    for job in reversed(all_jobs()):
        if job["status"] in {"queued", "started"} and queue in (None, job["queue"]):
            found[frappe.local.site].append(job.get(key) or job["kwargs"].get(key) or job["method"])
    return found


def failed_jobs() -> list[dict[str, Any]]:
    """Jobs that failed or were given up; each has an Error Log with the reason."""
    return [frappe._dict(job) for job in reversed(all_jobs()) if job["status"] == "failed"]


# -- running


def execute_job(
    site: str,
    method: str | Callable,
    event: str | None,
    job_name: str | None,
    kwargs: dict[str, Any],
    user: str | None = None,
    is_async: bool = True,
    retry: int = 0,
) -> Any:
    """Runs a job of Redis' queue: connects, acts as its user, makes what it wrote lasting or undoes it.

    :raises Exception: what the job raises, after it is in the Error Log
    """
    from frappe.utils.worker import run_patiently, run_with_hooks

    if is_async:
        frappe.init(site)
        frappe.connect()
        if user:
            frappe.set_user(user)
    path = method if isinstance(method, str) else f"{method.__module__}.{method.__qualname__}"
    frappe.local.job = frappe._dict(site=site, method=path, job_name=job_name, kwargs=kwargs, user=user)

    def run() -> Any:
        result = run_with_hooks(path, kwargs)
        frappe.db.commit()
        return result

    try:
        return run_patiently(run, user or "Administrator")
    except Exception:
        frappe.db.rollback()
        frappe.log_error(title=f"{path} failed", message=frappe.get_traceback())
        frappe.db.commit()
        raise
    finally:
        frappe.local.job = None
        if is_async:
            frappe.destroy()


def start_worker(
    queue: str | None = None,
    quiet: bool = False,
    rq_username: str | None = None,
    rq_password: str | None = None,
    burst: bool = False,
    strategy: Any = None,
) -> None:
    """Runs jobs of the current site's queues until it is told to stop."""
    from frappe.utils import worker

    queues = get_queue_list(queue.split(",") if queue else None)
    if on_redis():
        _jobs_redis.work(queues, burst)
    else:
        worker.work(frappe.local.site, frappe.local.sites_path, queues, burst)
