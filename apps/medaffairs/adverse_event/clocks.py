"""What a report's grade makes of the hospital's time limits: was it in time, when is its analysis due.

The clocks of its steps run by themselves (`organization/deadlines.py`).
"""

from __future__ import annotations

from typing import Any

import frappe
from frappe.utils import cint, flt, get_datetime

from medaffairs.organization import clock

DOCTYPE = "Adverse Event Report"


def judge(doc: Any) -> None:
    """Whether a report came in time for its grade (`Report I` to `Report IV` in the table of limits), and when its root-cause analysis is due."""
    limits, is_working = clock.limits(DOCTYPE), clock.working_days()
    written = limits.get(f"Report {doc.grade}")
    reported = get_datetime(doc.reported_at)
    doc.report_due_at = clock.due_at(get_datetime(doc.occurred_at), written, is_working)
    doc.late_report = int(bool(doc.report_due_at) and reported > doc.report_due_at)
    due = clock.due_at(reported, _analysis_limit(), is_working) if cint(doc.rca_required) else None
    doc.rca_due_on = due.date() if due else None


def _analysis_limit() -> clock.Limit | None:
    row = frappe.db.get_value(
        "Handling Time Limit",
        {"document_type": DOCTYPE, "condition_field": "rca_required", "disabled": 0},
        ["limit_value", "unit"], as_dict=True,
    )  # fmt: skip
    return clock.Limit(flt(row.limit_value), row.unit) if row else None
