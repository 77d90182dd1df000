"""Scheduled jobs: from the apps' `scheduler_events` to records, from records to the queue, each due time once."""

from __future__ import annotations

import datetime
import time
from typing import Any

import frappe
from frappe.utils import cint, get_datetime, now_datetime

CRON = {
    "All": "*/4 * * * *",
    "Hourly": "0 * * * *", "Hourly Long": "0 * * * *", "Hourly Maintenance": "0 * * * *",
    "Daily": "0 0 * * *", "Daily Long": "0 0 * * *", "Daily Maintenance": "0 0 * * *",
    "Weekly": "0 0 * * 0", "Weekly Long": "0 0 * * 0",
    "Monthly": "0 0 1 * *", "Monthly Long": "0 0 1 * *",
    "Yearly": "0 0 1 1 *", "Annual": "0 0 1 1 *",
}  # fmt: skip


def sync_jobs(hooks: dict | None = None) -> None:
    """Records for every scheduled method of the apps; records of methods that are gone are deleted."""
    wanted: dict[str, tuple[str, str]] = {}
    for event, entry in (hooks or frappe.get_hooks("scheduler_events") or {}).items():
        if event == "cron":
            for pattern, methods in entry.items():
                wanted |= {method: ("Cron", pattern) for method in methods}
        else:
            frequency = event.replace("_", " ").title()
            wanted |= {method: (frequency, "") for method in entry}
    for method, (frequency, cron) in wanted.items():
        _sync_one(method, frequency, cron)
    for row in frappe.get_all("Scheduled Job Type", fields=["name", "method", "server_script"]):
        if row.method not in wanted and not row.server_script:
            frappe.delete_doc("Scheduled Job Type", row.name, ignore_permissions=True, force=True)


def _sync_one(method: str, frequency: str, cron: str) -> None:
    name = ".".join(method.split(".")[-2:])
    known = frappe.db.get_value(
        "Scheduled Job Type", {"method": method}, ["name", "frequency", "cron_format"]
    )
    if known is None:
        frappe.get_doc(
            doctype="Scheduled Job Type", method=method, frequency=frequency, cron_format=cron,
            create_log=int(frequency != "All"),
        ).insert(set_name=name if not frappe.db.exists("Scheduled Job Type", name) else method, ignore_permissions=True)  # fmt: skip
    elif (known[1], known[2] or "") != (frequency, cron):
        frappe.db.set_value("Scheduled Job Type", known[0], {"frequency": frequency, "cron_format": cron})


def is_scheduler_inactive(verbose: bool = False) -> bool:
    """Whether scheduled jobs rest: by the site's configuration, its settings or a running migration."""
    return bool(
        frappe.local.conf.get("pause_scheduler")
        or frappe.local.conf.get("maintenance_mode")
        or not cint(frappe.get_system_settings("enable_scheduler"))
    )


def is_scheduler_disabled(verbose: bool = False) -> bool:
    """Whether the settings switch scheduled jobs off."""
    return not cint(frappe.get_system_settings("enable_scheduler"))


def toggle_scheduler(enable: bool) -> None:
    """Switches scheduled jobs on or off."""
    frappe.db.set_single_value("System Settings", "enable_scheduler", int(enable))


def enable_scheduler() -> None:
    """Switches scheduled jobs on."""
    toggle_scheduler(True)


def disable_scheduler() -> None:
    """Switches scheduled jobs off."""
    toggle_scheduler(False)


def next_time(job: Any) -> datetime.datetime:
    """When a job is due after its last execution, or after it came to be."""
    from croniter import croniter

    pattern = job.cron_format if job.frequency == "Cron" else CRON.get(job.frequency, "0 0 * * *")
    start = get_datetime(job.last_execution or job.creation)
    return croniter(pattern, start).get_next(datetime.datetime)


def enqueue_due() -> list[str]:
    """Puts every due job into the queue. The record is locked meanwhile, so that two schedulers do it once."""
    done: list[str] = []
    if is_scheduler_inactive():
        return done
    moment = now_datetime()
    fields = ["name", "method", "frequency", "cron_format", "last_execution", "creation", "create_log"]
    for job in frappe.get_all("Scheduled Job Type", filters={"stopped": 0}, fields=fields):
        if next_time(job) > moment:
            continue
        frappe.db.begin()
        current = frappe.db.get_value("Scheduled Job Type", job.name, fields, as_dict=True, for_update=True)
        if current and next_time(current) <= moment:
            frappe.db.set_value(
                "Scheduled Job Type", job.name, "last_execution", moment, update_modified=False
            )
            frappe.enqueue(
                "frappe.utils.scheduler.run_scheduled", job_type=job.name, job_id=f"scheduled::{job.name}",
                queue="long" if "Long" in job.frequency or "Maintenance" in job.frequency else "default",
                deduplicate=True,
            )  # fmt: skip
            done.append(job.method)
        frappe.db.commit()
    return done


def run_scheduled(job_type: str) -> None:
    """Runs a scheduled method and logs how it went."""
    job = frappe.get_doc("Scheduled Job Type", job_type)
    log = None
    if cint(job.create_log):
        log = frappe.get_doc(doctype="Scheduled Job Log", scheduled_job_type=job_type, status="Start")
        log.insert(ignore_permissions=True)
        frappe.db.commit()
    try:
        frappe.get_attr(job.method)()
        if log:
            log.db_set("status", "Complete")
    except Exception:
        frappe.db.rollback()
        if log:
            log.db_set({"status": "Failed", "details": frappe.get_traceback()})
            frappe.db.commit()
        raise


def schedule(site: str, sites_path: str, tick: float = 20) -> None:
    """The scheduler: looks for due jobs until it is told to stop."""
    from frappe.utils.worker import stop_on_signal

    stop = stop_on_signal()
    waited = tick
    while not stop:
        if waited >= tick:
            waited = 0
            frappe.init(site, sites_path=sites_path, force=True)
            frappe.connect()
            try:
                enqueue_due()
            except Exception:
                frappe.logger("scheduler").exception("scheduler")
            finally:
                frappe.destroy()
        time.sleep(0.25)
        waited += 0.25
