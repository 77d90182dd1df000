"""What installing and migrating does beside the DocTypes: roles, lists, workflows, defaults.

Everything here may run again and again; a second run changes nothing.
"""

import frappe
from frappe.utils import cint

from medaffairs.organization.rules import pinyin
from medaffairs.setup.adverse_event import sync_adverse_events
from medaffairs.setup.demerit import sync_demerit
from medaffairs.setup.dictionaries import sync_dictionaries, sync_time_limits
from medaffairs.setup.dispute import sync_dispute
from medaffairs.setup.form_templates import sync_forms
from medaffairs.setup.messaging import sync_messaging
from medaffairs.setup.privileges import sync_privileges
from medaffairs.setup.roles import sync_role_profiles, sync_roles
from medaffairs.setup.workflows import sync_workflows

SETTING_DEFAULTS = {
    "hospital_name": "示范医院",
    "level_scheme": "LEVEL_SCHEME-HOSPITAL",
    "default_valid_months": 24,
    "expiry_notice_days": 60,
    "emergency_grant_hours": 24,
    "fail_mode": "Deny",
    "emergency_fail_mode": "Allow and Report",
    "hl7_application": "MEDAFFAIRS",
    "hl7_version": "2.5.1",
    "hl7_code_system": "ICD9CM3",
    "audit_retention_days": 2190,
    "audit_fail_closed": 1,
    "audit_export_rows": 200_000,
    "demerit_cycle_months": 12,
    "demerit_cycle_start": "2020-01-01",
}


def after_install() -> None:
    """Make a new site ready: language and time zone of a Chinese hospital, then what every migration does."""
    _choose_language()
    after_migrate()


def after_migrate() -> None:
    """Bring roles, dictionaries, settings, kinds of privilege and workflows up to date."""
    sync_roles()
    sync_dictionaries()
    sync_time_limits()
    fill_settings()
    sync_privileges()
    sync_messaging()
    sync_demerit()
    sync_dispute()
    sync_adverse_events()
    sync_forms()
    sync_role_profiles()
    sync_workflows()
    fill_search_keys()


def fill_search_keys() -> None:
    """Give departments of an older version the pinyin by which they are found."""
    older = frappe.get_all(
        "Clinical Department",
        filters={"pinyin": ("is", "not set")},
        fields=["name", "department_name"],
        limit_page_length=0,
    )
    for row in older:
        key = pinyin(row.department_name)
        frappe.db.set_value("Clinical Department", row.name, "pinyin", key, update_modified=False)


def fill_settings() -> None:
    """Give every setting without a value its default."""
    settings = frappe.get_doc("Medical Affairs Settings")
    first = not settings.hospital_name
    missing = {
        key: value
        for key, value in SETTING_DEFAULTS.items()
        if settings.get(key) in (None, "") or (first and not settings.get(key))
    }
    if missing:
        settings.update(missing)
        settings.save(ignore_permissions=True)


def _choose_language() -> None:
    system = frappe.get_doc("System Settings")
    if cint(system.setup_complete):
        return
    system.language = "zh"
    system.time_zone = "Asia/Shanghai"
    system.country = system.country or "China"
    system.flags.ignore_mandatory = True
    system.save(ignore_permissions=True)
    frappe.db.set_default("lang", "zh")
