"""What events are counted from: one query per figure, of the rows that the reader may see, and of the beds beside them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

import frappe
from frappe.query_builder import DocType
from frappe.query_builder.functions import Count, Sum
from frappe.utils import cint, cstr, getdate
from pypika.functions import Substring

from medaffairs import reporting
from medaffairs.adverse_event import rules, statistics

DOCTYPE = "Adverse Event Report"
# What was withdrawn or not accepted as an event counts nowhere.
NOT_COUNTED = (rules.WITHDRAWN, rules.DECLINED)
CHOICES = ("category", "grade", "harm_level", "place")
# Parts of a moment as texts: the moment itself is stored as one on every database.
MOMENTS = {"month": (1, 7), "day": (1, 10), "hour": (12, 2)}


class Scope:
    """The events of a question: a period (by the time of the event), and what was chosen beside it."""

    def __init__(self, filters: Mapping[str, Any]) -> None:
        """Reads the filters of a report.

        :raises frappe.ValidationError: for one that is not understood
        """
        self.first, self.last = reporting.period(filters)
        self.department = reporting.text(filters, "department")
        self.chosen = {name: reporting.text(filters, name) for name in CHOICES}
        self.near_misses = reporting.text(filters, "near_misses", ("All", "Without", "Only")) or "All"

    @property
    def days(self) -> int:
        """Days of the period, both ends included."""
        return (self.last - self.first).days + 1

    @property
    def departments(self) -> list[str]:
        """The chosen department with all below it; empty for the whole hospital."""
        if not self.department:
            return []
        return reporting.departments_within(self.department) or [self.department]

    def narrowed(self, query: Any, event: Any) -> Any:
        """The query, limited to these events and to those that the reader may see."""
        query = query.where(event.occurred_at >= datetime.combine(self.first, time.min))
        query = query.where(event.occurred_at < datetime.combine(self.last, time.min) + timedelta(days=1))
        query = query.where(event.workflow_state.notin(NOT_COUNTED))
        if self.department:
            query = query.where(event.department.isin(self.departments))
        for name, value in self.chosen.items():
            if value:
                query = query.where(event[name] == value)
        if self.near_misses != "All":
            query = query.where(event.near_miss == int(self.near_misses == "Only"))
        return reporting.seen(query, DOCTYPE)

    def conditions(self) -> list[tuple[str, str, Any]]:
        """The same as filters of a list."""
        found: list[tuple[str, str, Any]] = [
            ("occurred_at", ">=", self.first),
            ("occurred_at", "<", self.last + timedelta(days=1)),
            ("workflow_state", "not in", ",".join(NOT_COUNTED)),
        ]
        found += [(name, "=", value) for name, value in self.chosen.items() if value]
        if self.department:
            found.append(("department", "in", ",".join(self.departments)))
        return found


def counted(scope: Scope, *parts: str) -> dict[tuple[str, ...], int]:
    """How many events there are of each combination of parts: fields, or `month`, `day`, `hour` of the event."""
    event = DocType(DOCTYPE)
    terms = [
        Substring(event.occurred_at, *MOMENTS[part]) if part in MOMENTS else event[part] for part in parts
    ]
    columns = [term.as_(f"part_{place}") for place, term in enumerate(terms)]
    query = frappe.qb.from_(event).select(*columns, Count(event.name).as_("total"))
    if terms:
        query = query.groupby(*terms)
    rows = scope.narrowed(query, event).run()
    return {tuple(cstr(value) for value in row[:-1]): cint(row[-1]) for row in rows}


def total(scope: Scope) -> int:
    """How many events there are."""
    return sum(counted(scope).values())


def rows(scope: Scope, fields: list[str]) -> list[Any]:
    """The events themselves, some fields of each."""
    event = DocType(DOCTYPE)
    query = frappe.qb.from_(event).select(*(event[field] for field in fields))
    return scope.narrowed(query, event).run(as_dict=True)


# -- beds


def beds(scope: Scope) -> int:
    """Open beds of the chosen department, or of the hospital."""
    department = DocType("Clinical Department")
    query = frappe.qb.from_(department).select(Sum(department.beds)).where(department.disabled == 0)
    if scope.department:
        query = query.where(department.name.isin(scope.departments))
    return cint(query.run()[0][0])


def bed_days(scope: Scope) -> dict[date, int]:
    """Patients in bed at the end of each day of the period: hospital statistics, whoever reads them."""
    before = _moves("admitted_at", scope, None)
    left = _moves("discharged_at", scope, None)
    standing = sum(before.values()) - sum(left.values())
    return statistics.nights(
        standing, _moves("admitted_at", scope, scope.first), _moves("discharged_at", scope, scope.first), scope.first, scope.last
    )  # fmt: skip


def bed_days_by_month(scope: Scope) -> dict[str, int]:
    """Bed-days of the months of a period: from the hospital's own statistics where a whole month has any, else from stays."""
    counted_days = statistics.by_month(bed_days(scope))
    occupancy = DocType("Bed Occupancy")
    query = (
        frappe.qb.from_(occupancy).select(occupancy.month, Sum(occupancy.bed_days)).groupby(occupancy.month)
    )
    query = query.where(occupancy.month.isin(list(counted_days)))
    if scope.department:
        query = query.where(occupancy.department.isin(scope.departments))
    whole = set(statistics.whole_months(scope.first, scope.last))
    return counted_days | {month: cint(days) for month, days in query.run() if month in whole}


def _moves(field: str, scope: Scope, since: date | None) -> dict[date, int]:
    """Admissions or discharges by day, since the first day of the period, or all before it under one date."""
    stay = DocType("Hospital Stay")
    begin = datetime.combine(scope.first, time.min)
    end = datetime.combine(scope.last, time.min) + timedelta(days=1)
    if since is None:
        query = frappe.qb.from_(stay).select(Count(stay.name)).where(stay[field] < begin)
    else:
        day = Substring(stay[field], 1, 10)
        query = frappe.qb.from_(stay).select(day, Count(stay.name)).groupby(day)
        query = query.where(stay[field] >= begin).where(stay[field] < end)
    if scope.department:
        query = query.where(stay.department.isin(scope.departments))
    found = query.run()
    if since is None:
        return {date.min: cint(found[0][0])}
    return {getdate(key): cint(count) for key, count in found}


# -- what a report shows


def card(label: str, value: float | None) -> dict[str, Any]:
    """A card of a rate or a share; a dash where there is nothing to divide by."""
    if value is None:
        return reporting.figure(label, "—", datatype="Data")
    return reporting.figure(label, value, datatype="Float")


# -- names


def names_of(part: str) -> dict[str, str]:
    """What the values of a part are called; values that are their own names are not in it."""
    if part == "category":
        return reporting.names_of("Adverse Event Category", "category_name")
    if part in ("department", "managing_department"):
        return reporting.department_names()
    if part == "grade":
        return reporting.names_of("Adverse Event Grade", "grade_name")
    if part == "place":
        return reporting.names_of("Dictionary Item", "item_name")
    if part == "hour":
        return {f"{hour:02d}": f"{hour:02d}:00–{hour:02d}:59" for hour in range(24)}
    return {}
