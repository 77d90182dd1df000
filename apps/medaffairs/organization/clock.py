"""When something is due: the national calendar with the hospital's own days, and the table of time limits.

Future years are not announced in advance: for a year that the calendar does not know, Monday to Friday are
working days until the hospital enters its overrides.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import NamedTuple

import chinese_calendar
import frappe
from frappe.utils import cint, flt, getdate

from medaffairs.organization import rules


class Limit(NamedTuple):
    """How long a step may take, as the hospital's table says."""

    value: float
    unit: str


def working_days() -> Callable[[date], bool]:
    """A function that tells working days from days off; the overrides are read once."""
    overrides = {
        getdate(row.name): bool(cint(row.is_working_day))
        for row in frappe.get_all("Working Day Override", fields=["name", "is_working_day"])
    }

    def is_working(day: date) -> bool:
        if day in overrides:
            return overrides[day]
        try:
            return bool(chinese_calendar.is_workday(day))
        except NotImplementedError:
            return day.weekday() < 5

    return is_working


def limits(document_type: str) -> dict[str, Limit]:
    """The time limits of a DocType by its state; of several for one state the shortest counts."""
    found: dict[str, Limit] = {}
    rows = frappe.get_all(
        "Handling Time Limit",
        filters={"document_type": document_type, "disabled": 0},
        fields=["state", "limit_value", "unit"],
        order_by="limit_value desc",
    )
    for row in rows:
        found[row.state or ""] = Limit(flt(row.limit_value), row.unit)
    return found


def due_at(since: datetime, limit: Limit | None, is_working: Callable[[date], bool]) -> datetime | None:
    """When a step that began at a moment is due, or None when nothing limits it."""
    return rules.due_at(since, limit.value, limit.unit, is_working) if limit else None
