"""Background jobs in a queue that survives: a job accepted is a job run.

The queue is a table of the site's own database, so that a job waits exactly when the transaction that asked for it
is lasting. `frappe.utils.worker` takes the jobs out.

A job runs at least once. What it writes and the note that it is done become lasting together, so that it runs once
unless its worker dies after the job itself has committed something or acted on the outside.
"""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable
from typing import Any

import frappe

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
    """Runs a function in the background, as the user who asks, once the transaction is lasting.

    :param timeout: seconds after which it is stopped; by default what its queue allows
    :param now: run it at once, in this transaction
    :param deduplicate: do nothing while a job of this `job_id` waits or runs
    :raises ValueError: for a queue that no worker looks into
    """
    if now or not is_async or frappe.flags.in_install or frappe.local.flags.in_migrate:
        return frappe.call(method, **kwargs)
    if queue not in QUEUES:
        raise ValueError(f"Queue should be one of {', '.join(QUEUES)}, not {queue}")
    if deduplicate and job_id and is_job_enqueued(job_id):
        return None
    path = method if isinstance(method, str) else f"{method.__module__}.{method.__qualname__}"
    job_id = job_id or job_name or frappe.generate_hash(length=12)
    payload = pickle.dumps({"user": frappe.session.user, "kwargs": kwargs, "timeout": timeout or TIMEOUTS[queue],
                            "on_success": on_success, "on_failure": on_failure})  # fmt: skip
    frappe.db.sql(
        "insert into `__jobs` (`job_id`, `queue`, `method`, `payload`, `status`, `created`, `front`)"
        " values (%s, %s, %s, %s, 'queued', %s, %s)",
        (job_id, queue, path, payload, time.time(), int(at_front)),
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


def failed_jobs() -> list[dict]:
    """Jobs that failed or were given up; each has an Error Log with the reason."""
    return frappe.db.sql(
        "select `id`, `job_id`, `method`, `tries` from `__jobs` where `status` = 'failed'", as_dict=True
    )
