"""Workers take jobs out of the queue and run them.

A worker claims a job under its own name. When it dies, its claim is worth nothing and another worker runs the job:
on the same machine at once, because a process can be seen to be gone; from another machine when its lease ends.
"""

from __future__ import annotations

import functools
import os
import pickle
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import frappe
from frappe.utils.background_jobs import QUEUES, TIMEOUTS

LEASE_SECONDS = 60
#: How many workers may die over a job before it is given up. Workers are also killed for reasons that are not the job's
#: (a restart, the memory of others): with fewer, thousands of random kills have set aside jobs that were innocent.
MAX_TRIES = 10
#: How often a job is tried again at once when another transaction was in its way.
MAX_COLLISIONS = 5
IDLE_SECONDS = 0.15


class JobTimeoutException(Exception):
    """A job took longer than it may."""


# -- who holds a job


@functools.cache
def name_of_process(pid: int) -> str:
    """The name under which a process of this machine claims something; no later process has it again."""
    return f"{socket.gethostname()}:{pid}:{_started(pid) or 0}"


def _started(pid: int) -> str | None:
    """When a process was started, in the system's ticks; numbers of processes are used again, this is not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return None


def is_abandoned(worker: str, claimed_until: float) -> bool:
    """Whether nobody works on a claimed job any more."""
    host, pid, started = worker.rsplit(":", 2)
    if host != socket.gethostname() or not os.path.isdir("/proc/self"):
        return claimed_until < time.time()
    return _started(int(pid)) != started


# -- taking a job


def claim(queues: list[str]) -> Any:
    """The next job of the first queue that has one, claimed; None when nothing waits."""
    held = frappe.db.sql(
        "select `id`, `method`, `worker`, `claimed_until`, `tries` from `__jobs` where `status` = 'running'",
        as_dict=True,
    )
    abandoned = [job for job in held if is_abandoned(job.worker, job.claimed_until)]
    waiting = frappe.db.sql(
        "select 1 from `__jobs` where `status` = 'queued' and `queue` in %s limit 1", (tuple(queues),)
    )
    if not (abandoned or waiting):
        return None
    frappe.db.begin()
    for job in abandoned:
        _give_back(job)
    chosen = _choose(queues)
    frappe.db.commit()
    return chosen


def _choose(queues: list[str]) -> Any:
    for queue in queues:
        rows = frappe.db.sql(
            "select `id`, `job_id`, `method`, `payload` from `__jobs` where `status` = 'queued' and `queue` = %s"
            " order by `front` desc, `id` limit 1 for update skip locked",
            (queue,),
            as_dict=True,
        )
        if rows:
            frappe.db.sql(
                "update `__jobs` set `status` = 'running', `claimed_until` = %s, `worker` = %s, `tries` = `tries` + 1"
                " where `id` = %s",
                (time.time() + LEASE_SECONDS, name_of_process(os.getpid()), rows[0].id),
            )
            return rows[0]
    return None


def _give_back(job: Any) -> None:
    """Lets another worker have the job of a dead one; a job that has killed several is set aside and reported."""
    given_up = job.tries >= MAX_TRIES
    frappe.db.sql(
        "update `__jobs` set `status` = %s where `id` = %s and `status` = 'running' and `worker` = %s",
        ("failed" if given_up else "queued", job.id, job.worker),
    )
    if given_up:
        frappe.log_error(
            title=f"{job.method} given up", message=f"{job.tries} workers ended while they ran this job."
        )


# -- running a job


def execute_claimed(job: Any) -> bool:
    """Runs a claimed job as its user; whether it succeeded."""
    details = pickle.loads(job.payload)  # noqa: S301 - written by `enqueue` alone
    frappe.local.job = frappe._dict(method=job.method, kwargs=details["kwargs"], job_id=job.job_id)
    known = frappe._dict(id=job.job_id, method=job.method, kwargs=details["kwargs"])
    try:
        result = _run(job, details)
    except Exception as error:
        frappe.db.rollback()
        frappe.set_user("Administrator")
        frappe.log_error(title=f"{job.method} failed", message=frappe.get_traceback())
        frappe.db.sql("update `__jobs` set `status` = 'failed' where `id` = %s", (job.id,))
        frappe.db.commit()
        _call_back(details.get("on_failure"), known, None, type(error), error, error.__traceback__)
        return False
    finally:
        frappe.local.job = None
    _call_back(details.get("on_success"), known, None, result)
    return True


def _run(job: Any, details: dict[str, Any]) -> Any:
    def run() -> Any:
        with _time_limit(details.get("timeout") or TIMEOUTS["default"]):
            result = run_with_hooks(job.method, details["kwargs"])
        frappe.db.sql("delete from `__jobs` where `id` = %s", (job.id,))
        frappe.db.commit()
        return result

    return run_patiently(run, details["user"])


def run_patiently(run: Callable[[], Any], user: str) -> Any:
    """Runs something as a user, again when another transaction was in its way."""
    from frappe.translate import get_user_lang

    for attempt in range(1, MAX_COLLISIONS + 1):
        try:
            frappe.set_user(user)
            frappe.local.lang = get_user_lang(frappe.session.user)
            return run()
        except (frappe.RetryBackgroundJobError, frappe.QueryTimeoutError, frappe.QueryDeadlockError):
            frappe.db.rollback()
            if attempt == MAX_COLLISIONS:
                raise
            time.sleep(attempt)
    return None


def run_with_hooks(method: str, kwargs: dict[str, Any]) -> Any:
    """Runs a job between the apps' `before_job` and `after_job`; what fails has no `after_job`."""
    for hook in frappe.get_hooks("before_job"):
        frappe.call(hook, method=method, kwargs=kwargs, transaction_type="job")
    result = frappe.call(method, **kwargs)
    for hook in frappe.get_hooks("after_job"):
        frappe.call(hook, method=method, kwargs=kwargs, result=result)
    return result


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Stops what takes too long; only the main thread can be stopped like this."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: Any) -> None:
        raise JobTimeoutException(f"Task exceeded maximum timeout value ({seconds} seconds)")

    previous = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


def _call_back(callback: Any, *args: Any) -> None:
    """What was to be told of the job's end; its own failure is logged, the job keeps its end."""
    if not callback:
        return
    try:
        (frappe.get_attr(callback) if isinstance(callback, str) else callback)(*args)
        frappe.db.commit()
    except Exception:
        frappe.db.rollback()
        frappe.log_error(title="A job's callback failed")
        frappe.db.commit()


# -- the process


def work(site: str, sites_path: str, queues: list[str] | None = None, burst: bool = False) -> None:
    """A worker: takes jobs until it is told to stop. With `burst` it ends when nothing waits."""
    stop = stop_on_signal()
    while not stop:
        job = None
        with _site(site, sites_path):
            job = claim(queues or list(QUEUES))
            if job:
                with _lease(site, sites_path, job.id):
                    execute_claimed(job)
        if burst and not job:
            return
        if not job:
            time.sleep(IDLE_SECONDS)


@contextmanager
def _site(site: str, sites_path: str) -> Iterator[None]:
    """The site for one look into the queue; a worker outlives what fails in it."""
    frappe.init(site, sites_path=sites_path, force=True)
    frappe.connect()
    try:
        yield
    except Exception:
        frappe.logger("worker").exception("worker")
        time.sleep(1)
    finally:
        frappe.destroy()


def stop_on_signal() -> list[int]:
    """Fills as soon as the process is told to stop; what runs is finished first."""
    received: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda signum, frame: received.append(signum))
    return received


@contextmanager
def _lease(site: str, sites_path: str, job_id: int) -> Iterator[None]:
    """Keeps the claim of a long job alive from a thread of its own."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(LEASE_SECONDS / 3):
            frappe.init(site, sites_path=sites_path, force=True)
            frappe.connect()
            try:
                frappe.db.sql(
                    "update `__jobs` set `claimed_until` = %s where `id` = %s",
                    (time.time() + LEASE_SECONDS, job_id),
                )
                frappe.db.commit()
            except frappe.QueryTimeoutError:
                # The job itself holds the database; the next beat comes soon enough.
                continue
            finally:
                frappe.destroy()

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
