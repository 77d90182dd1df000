"""Scheduled jobs: from the apps' `scheduler_events` to records, from records to the queue, each due time once."""

from __future__ import annotations

import time

import frappe
from frappe.utils import cint

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


def get_scheduler_status() -> dict[str, str]:
    """Whether scheduled jobs run, in a word."""
    return {"status": "inactive" if is_scheduler_inactive() else "active"}


@frappe.whitelist(methods=["POST"])
def activate_scheduler() -> None:
    """Lets scheduled jobs run: takes away what the settings and the site's configuration have against it."""
    from frappe._config import update_site_config

    frappe.only_for("Administrator")
    if frappe.local.conf.get("maintenance_mode"):
        frappe.throw(frappe._("Scheduled jobs do not run while the site is in maintenance."))
    if is_scheduler_disabled():
        enable_scheduler()
    if frappe.local.conf.get("pause_scheduler"):
        update_site_config("pause_scheduler", 0, frappe.get_site_path("site_config.json"))


def enqueue_due() -> list[str]:
    """Puts every due job into the queue. The record is locked meanwhile, so that two schedulers do it once."""
    done: list[str] = []
    if is_scheduler_inactive():
        return done
    fields = ["name", "method", "frequency", "cron_format", "last_execution", "creation"]
    for row in frappe.get_all("Scheduled Job Type", filters={"stopped": 0}, fields=fields):
        if not frappe.get_doc({"doctype": "Scheduled Job Type", **row}).is_event_due():
            continue
        frappe.db.begin()
        job = frappe.get_doc("Scheduled Job Type", row.name, for_update=True)
        if not cint(job.stopped) and job.enqueue():
            done.append(job.method)
        frappe.db.commit()
    return done


def enqueue_events(site: str | None = None) -> list[str]:
    """The same under Frappe's name."""
    return enqueue_due()


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
