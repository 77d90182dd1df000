"""Bringing a site into line with the code of its apps. It can be interrupted and run again; twice changes nothing."""

from __future__ import annotations

import frappe
from frappe.model import sync
from frappe.modules import patch_handler


def migrate(skip_failing: bool = False) -> dict[str, int]:
    """Patches, records, fixtures and hooks of every installed app; counts of what was done."""
    from frappe.database.schema import mend_tables
    from frappe.database.system_tables import create_system_tables
    from frappe.installer import _add_modules, _forget_everything
    from frappe.utils.scheduler import sync_jobs

    frappe.flags.in_migrate = True
    create_system_tables()
    _forget_everything()
    done = {"patches": 0, "files": 0}
    for app in frappe.get_installed_apps():
        for hook in frappe.get_hooks("before_migrate", default=[], app_name=app):
            frappe.get_attr(hook)()
        frappe.db.commit()
    done["patches"] += patch_handler.run_all(patch_handler.PRE)
    for app in frappe.get_installed_apps():
        _add_modules(app)
        done["files"] += sync.sync_for(app)
    mend_tables()
    done["patches"] += patch_handler.run_all(patch_handler.POST)
    for app in frappe.get_installed_apps():
        sync.sync_fixtures(app)
    sync_jobs()
    for app in frappe.get_installed_apps():
        for hook in frappe.get_hooks("after_migrate", default=[], app_name=app):
            frappe.get_attr(hook)()
        frappe.db.commit()
    _forget_everything()
    frappe.db.commit()
    frappe.flags.in_migrate = False
    return done
