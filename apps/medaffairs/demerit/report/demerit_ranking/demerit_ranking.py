"""F62: who and which departments have most points, in which they broke which rules. Nobody without points is listed."""

from __future__ import annotations

from datetime import date

import frappe
from frappe import _
from frappe.utils import cstr, flt

from medaffairs import reporting
from medaffairs.demerit import rules

GROUPS = ("Department", "Person", "Category", "Item", "Responsible Department", "Month")
FIELDS = {
    "Department": "department", "Person": "practitioner", "Item": "item", "Responsible Department": "responsible_department",
}  # fmt: skip


def execute(filters: dict | None = None) -> reporting.Result:
    """One row per group with its points, records and people; confirmed records alone count."""
    filters = frappe._dict(filters or {})
    group = reporting.text(filters, "group_by", GROUPS) or "Department"
    start, end = reporting.period(filters)
    records = _records(filters, start, end)
    rows = _rows(group, records, start, end)
    message = reporting.nothing(rows, _("Nobody has points between {0} and {1}.").format(start, end))
    return _columns(group), rows, message, _chart(group, rows), _summary(records)


def _records(filters: dict, start: date, end: date) -> list:
    conditions: list = [
        ["occurred_on", "between", [start, end]],
        ["workflow_state", "=", rules.CONFIRMED],
        ["docstatus", "=", 1],
    ]
    department = reporting.text(filters, "department")
    if department:
        conditions.append(["department", "in", reporting.departments_within(department) or [department]])
    responsible = reporting.text(filters, "responsible_department")
    if responsible:
        conditions.append(["responsible_department", "=", responsible])
    return frappe.get_list(
        "Demerit Record",
        filters=conditions,
        fields=["name", "practitioner", "practitioner_name", "department", "responsible_department", "item", "points", "occurred_on"],
        limit_page_length=0,
    )  # fmt: skip


def _key(record: dict, group: str, categories: dict[str, str]) -> str:
    if group == "Month":
        return cstr(record.occurred_on)[:7]
    if group == "Category":
        return categories.get(record.item, "")
    return cstr(record.get(FIELDS[group]))


def _rows(group: str, records: list, start: date, end: date) -> list[dict]:
    categories = reporting.names_of("Negative List Item", "category") if group == "Category" else {}
    counted: dict[str, list] = {}
    for record in records:
        counted.setdefault(_key(record, group, categories), []).append(record)
    names = _names(group, records)
    listed = rules.ranked(
        (key, sum(flt(row.points) for row in rows), len(rows)) for key, rows in counted.items()
    )
    return [
        {
            "place": place,
            "group": names.get(key) or key or _("Not filled in"),
            "points": round(points, 1),
            "records": count,
            "people": len({row.practitioner for row in counted[key]}),
            "drill": _drill(group, key, start, end),
        }
        | ({"practitioner": key, "department": counted[key][0].department} if group == "Person" else {})
        for place, key, points, count in listed
    ]


def _names(group: str, records: list) -> dict[str, str]:
    if group in ("Department", "Responsible Department"):
        return reporting.department_names()
    if group == "Person":
        return {row.practitioner: row.practitioner_name for row in records}
    return reporting.names_of("Negative List Item", "behaviour") if group == "Item" else {}


def _drill(group: str, key: str, start: date, end: date) -> dict | None:
    if group not in FIELDS or not key:
        return None
    return reporting.drill(
        "Demerit Record", ("occurred_on", ">=", start), ("occurred_on", "<=", end),
        ("workflow_state", "=", rules.CONFIRMED), (FIELDS[group], "=", key),
    )  # fmt: skip


def _columns(group: str) -> list[dict]:
    columns = [reporting.column("place", _("Rank"), "Int", 70)]
    if group == "Person":
        columns.append(reporting.link("practitioner", _("Staff No"), "Practitioner", 100))
    columns.append(reporting.column("group", _(group), width=220))
    if group == "Person":
        columns.append(reporting.link("department", _("Department"), "Clinical Department", 120))
    columns += [
        reporting.column("points", _("Points"), "Float", 90),
        reporting.column("records", _("Records"), "Int", 90),
    ]
    if group != "Person":
        columns.append(reporting.column("people", _("Persons"), "Int", 90))
    return columns


def _chart(group: str, rows: list[dict]) -> dict | None:
    shown = sorted(rows, key=lambda row: row["group"]) if group == "Month" else rows[:20]
    return reporting.chart(
        "bar", _("Points by {0}").format(_(group)), [row["group"] for row in shown],
        {_("Points"): [row["points"] for row in shown]}, (reporting.RED,),
    )  # fmt: skip


def _summary(records: list) -> list[dict]:
    return [
        reporting.figure(_("Points"), round(sum(flt(row.points) for row in records), 1), datatype="Float"),
        reporting.figure(_("Records"), len(records)),
        reporting.figure(_("Persons"), len({row.practitioner for row in records})),
        reporting.figure(_("Departments"), len({row.department for row in records})),
    ]
