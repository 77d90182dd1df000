"""F42: how many events of which kind: by category, department, grade, managing department, place or month."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import frappe
from frappe import _
from frappe.query_builder.functions import Count, Date, Sum
from frappe.utils import cint, cstr
from pypika import Case

from medaffairs import reporting
from medaffairs.adverse_event import rules

DOCTYPE = "Adverse Event Report"
GROUPS = ("Category", "Department", "Grade", "Managing Department", "Place", "Month")
FIELDS = {
    "Category": "category", "Department": "department", "Grade": "grade", "Managing Department": "managing_department", "Place": "place",
}  # fmt: skip
GRADES = ("I", "II", "III", "IV")
COUNTED = ("events", "near_misses", "late", "archived", *GRADES)


def execute(filters: dict | None = None) -> reporting.Result:
    """One row per group; events that were withdrawn or not accepted count nowhere."""
    filters = frappe._dict(filters or {})
    group = reporting.text(filters, "group_by", GROUPS) or "Category"
    start, end = reporting.period(filters)
    rows = _rows(group, _counted(group, filters, start, end), start, end)
    message = reporting.nothing(rows, _("No events between {0} and {1}.").format(start, end))
    return _columns(group), rows, message, _chart(group, rows), _summary(rows)


def _counted(group: str, filters: dict, start: date, end: date) -> list[dict]:
    """Counts by the database: at most one row for every group, or for every day when months are asked for."""
    event = frappe.qb.DocType(DOCTYPE)
    key = Date(event.occurred_at) if group == "Month" else event[FIELDS[group]]
    query = (
        frappe.qb.from_(event)
        .select(key.as_("key"), Count("*").as_("events"), Sum(event.near_miss).as_("near_misses"), Sum(event.late_report).as_("late"))
        .select(_share(event.workflow_state == rules.ARCHIVED).as_("archived"))
        .select(*(_share(event.grade == grade).as_(grade) for grade in GRADES))
        .where((event.occurred_at >= cstr(start)) & (event.occurred_at < cstr(end + timedelta(days=1))))
        .where(event.workflow_state.notin((rules.WITHDRAWN, rules.DECLINED)))
        .groupby(key)
    )  # fmt: skip
    if department := reporting.text(filters, "department"):
        query = query.where(event.department.isin(reporting.departments_within(department) or [department]))
    if category := reporting.text(filters, "category"):
        query = query.where(event.category == category)
    return reporting.seen(query, DOCTYPE).run(as_dict=True)


def _share(condition: Any) -> Any:
    return Sum(Case().when(condition, 1).else_(0))


def _rows(group: str, counted: list[dict], start: date, end: date) -> list[dict]:
    merged: dict[str, dict[str, int]] = {}
    for row in counted:
        key = cstr(row["key"])[:7] if group == "Month" else cstr(row["key"])
        sums = merged.setdefault(key, dict.fromkeys(COUNTED, 0))
        for name in COUNTED:
            sums[name] += cint(row[name])
    names = _names(group)
    order = (
        sorted(merged) if group == "Month" else sorted(merged, key=lambda key: (-merged[key]["events"], key))
    )
    return [
        {
            "group": names.get(key) or key or _("Not filled in"),
            **merged[key],
            "drill": _drill(group, key, start, end),
        }
        for key in order
    ]


def _names(group: str) -> dict[str, str]:
    if group in ("Department", "Managing Department"):
        return reporting.department_names()
    doctype, title = {
        "Category": ("Adverse Event Category", "category_name"), "Grade": ("Adverse Event Grade", "grade_name"),
        "Place": ("Dictionary Item", "item_name"),
    }.get(group, ("", ""))  # fmt: skip
    return reporting.names_of(doctype, title) if doctype else {}


def _drill(group: str, key: str, start: date, end: date) -> dict | None:
    if group not in FIELDS or not key:
        return None
    return reporting.drill(
        DOCTYPE,
        ("occurred_at", ">=", start),
        ("occurred_at", "<=", f"{end} 23:59:59"),
        (FIELDS[group], "=", key),
    )


def _columns(group: str) -> list[dict]:
    return [
        reporting.column("group", _(group), width=220),
        reporting.column("events", _("Events"), "Int", 90),
        reporting.column("near_misses", _("Near Misses"), "Int", 90),
        *(reporting.column(grade, _("Grade {0}").format(grade), "Int", 80) for grade in GRADES),
        reporting.column("late", _("Reported Late"), "Int", 90),
        reporting.column("archived", _("Archived"), "Int", 90),
    ]


def _chart(group: str, rows: list[dict]) -> dict | None:
    shown = rows[-24:] if group == "Month" else rows[:19]
    return reporting.chart(
        "bar", _("Events by {0}").format(_(group)), [row["group"] for row in shown],
        {_("Events"): [row["events"] for row in shown]},
    )  # fmt: skip


def _summary(rows: list[dict]) -> list[dict]:
    def total(*names: str) -> int:
        return sum(row[name] for row in rows for name in names)

    return [
        reporting.figure(_("Events"), total("events")),
        reporting.figure(_("Near Misses"), total("near_misses")),
        reporting.figure(_("Grades I and II"), total("I", "II"), "Red"),
        reporting.figure(_("Archived"), total("archived"), "Green"),
    ]
