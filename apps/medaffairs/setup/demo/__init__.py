"""The demo hospital: believable, invented, the same for the same seed and day."""

import time
from collections.abc import Callable
from random import Random

import frappe
from frappe.utils import getdate

from medaffairs.setup.demo import (
    accounts,
    activity,
    approvals,
    catalogue,
    demerit_history,
    demerits,
    disputes,
    events,
    grants,
    occupancy,
    people,
    receipts,
)
from medaffairs.setup.demo.accounts import logins

__all__ = ["logins", "make"]

HOSPITAL = "临江市第一人民医院（演示）"
MADE = "medaffairs_demo_seed"


def make(seed: int = 20260101) -> bool:
    """Build the demo hospital on this site; returns False and changes nothing when it has been built.

    Everything follows from the seed and from today's date, which the month of operations ends on.
    """
    if frappe.db.get_default(MADE):
        return False
    today = getdate()
    at = f"{today} 07:30:00.000000"
    random = Random(seed)  # noqa: S311 - invented people, no secrets
    frappe.flags.mute_emails = True
    # What is written down in words (answers to other systems, comments) is written in the hospital's language.
    language, frappe.local.lang = frappe.local.lang, "zh"
    try:
        _step("settings", _settings)
        _step("departments", lambda: people.make_departments(at))
        staff = _step("practitioners", lambda: people.make_practitioners(random, today, at))
        _step("leaders", lambda: people.appoint_leaders(staff))
        _step("committees", lambda: people.make_committees(staff))
        _step("accounts", lambda: accounts.make_accounts(staff))
        _step("exam results", lambda: people.make_exam_results(random, staff, today, at))
        procedures = _step("procedures", lambda: catalogue.make_procedures(random, at))
        _step("grants", lambda: grants.make_grants(random, staff, procedures, today))
        _step("suspensions", lambda: grants.suspend_some(random, staff, today))
        _step("changes", lambda: grants.change_some(random))
        _step("operations and messages", lambda: activity.make_activity(random, staff, today, at))
        _step("messages to other systems", lambda: receipts.make_outbound(random, today))
        _step("applications", lambda: approvals.make_applications(random))
        _step("delegation", lambda: activity.make_delegation(today))
        _step("demerits of past years", lambda: demerit_history.make_history(random, today))
        _step("demerits", lambda: demerits.make_demerits(random, today))
        _step("improvements", lambda: demerits.make_improvements(random, today))
        _step("bed-days", lambda: occupancy.make_occupancy(Random(seed + 45), today, at))  # noqa: S311 - invented figures
        _step("adverse events", lambda: events.make_events(random, today))
        _step("warnings, complaints and disputes", lambda: disputes.make_cases(Random(seed + 44), today))  # noqa: S311 - invented cases
    finally:
        frappe.flags.mute_emails = False
        frappe.local.lang = language
    frappe.db.set_default(MADE, str(seed))
    frappe.db.commit()
    return True


def _settings() -> None:
    settings = frappe.get_doc("Medical Affairs Settings")
    settings.update({"hospital_name": HOSPITAL, "site_code": "DEMO", "hl7_facility": "DEMO"})
    settings.save(ignore_permissions=True)


def _step(name: str, work: Callable):
    started = time.perf_counter()
    result = work()
    frappe.db.commit()
    size = len(result) if isinstance(result, list) else result
    print(
        f"  demo: {name} {size if isinstance(size, int) else ''} {time.perf_counter() - started:.1f} s",
        flush=True,
    )
    return result
