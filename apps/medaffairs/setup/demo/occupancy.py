"""Bed-days of the demo hospital's departments in the last two years, so that rates have something to divide by."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from random import Random

import frappe

from medaffairs.setup.demo.bulk import insert

MONTHS = 25
# How full the beds are from January to December: less at the Spring Festival, more in autumn and winter.
SEASON = (0.93, 0.80, 0.92, 0.93, 0.90, 0.92, 0.91, 0.90, 0.93, 0.92, 0.96, 0.97)


def make_occupancy(random: Random, today: date, at: str) -> int:
    """Write the bed-days of every department with beds in the months that are over; how many there are."""
    departments = frappe.get_all("Clinical Department", {"beds": (">", 0), "is_group": 0}, ["name", "beds"])
    rows = [
        _row(random, department, *divmod(today.year * 12 + today.month - 1 - back, 12))
        for department in departments
        for back in range(1, MONTHS + 1)
    ]
    return insert("Bed Occupancy", rows, at)


def _row(random: Random, department: dict, year: int, month: int) -> dict:
    days = department.beds * monthrange(year, month + 1)[1]
    full = SEASON[month] * random.uniform(0.94, 1.05)
    name = f"{year:04d}-{month + 1:02d}"
    return {
        "name": f"{department.name}-{name}", "department": department.name, "month": name,
        "bed_days": round(days * min(full, 1.02)),
    }  # fmt: skip
