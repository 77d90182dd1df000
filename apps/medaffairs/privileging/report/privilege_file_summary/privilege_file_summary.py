"""F37: the technical file of every practitioner in one line, and who of them needs attention.

Privileges by kind and state, the highest surgery level in force, what expires soon, operations of the last
twelve months, acts without a privilege, applications on their way, the practice licence.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import frappe
from frappe import _
from frappe.query_builder.functions import Count
from frappe.utils import cint, cstr, getdate, now_datetime

from medaffairs import reporting
from medaffairs.approval.rules import STEP_FIELDS
from medaffairs.privileging.people import NAME_FIELDS

ATTENTION = (
    "Expiring Privileges",
    "Suspended Privileges",
    "Unauthorised Acts",
    "Licence Ending",
    "No Privilege",
)
FIELD_OF_ATTENTION = {
    "Expiring Privileges": "expiring",
    "Suspended Privileges": "suspended",
    "Unauthorised Acts": "acts",
    "Licence Ending": "licence_ending",
    "No Privilege": "without",
}
KINDS = ("SURGERY", "PRESCRIPTION", "ANTIMICROBIAL", "ANTITUMOUR")
YEAR = timedelta(days=365)
LICENCE_DAYS = 90
COLOURS = (reporting.BLUE,)


def execute(filters: dict | None = None) -> reporting.Result:
    """One row per practitioner whom the reader may see, at most 5,000."""
    filters = frappe._dict(filters or {})
    attention = reporting.text(filters, "attention", ATTENTION)
    people = _people(filters)
    rows = _rows(people, getdate())
    if attention:
        rows = [row for row in rows if row[FIELD_OF_ATTENTION[attention]]]
    message = reporting.nothing(rows, _("No practitioner fits. Please choose fewer filters."))
    message = message or reporting.shortened(len(people) >= reporting.MOST_ROWS)
    return _columns(), rows, message, _chart(rows), _summary(rows)


def _people(filters: dict) -> list:
    conditions: dict = {"employment_status": ("!=", "Left")}
    for field in ("profession", "title_level"):
        value = reporting.text(filters, field)
        if value:
            conditions[field] = value
    department, name = (
        reporting.text(filters, "department"),
        reporting.text(filters, "name_or_pinyin").lower(),
    )
    if department:
        conditions["department"] = ("in", reporting.departments_within(department) or [department])
    return frappe.get_list(
        "Practitioner",
        filters=conditions,
        or_filters=[[field, "like", f"%{name}%"] for field in NAME_FIELDS] if name else None,
        fields=[
            "name",
            "practitioner_name",
            "department",
            "title",
            "title_level",
            "title_date",
            "licence_valid_to",
        ],
        order_by="department asc, name asc",
        limit_page_length=reporting.MOST_ROWS,
    )


def _rows(people: list, today: date) -> list[dict]:
    grants, top, expiring = _grants()
    acts = _counted("Unauthorized Act", "practitioner")
    since = cstr(now_datetime() - YEAR)
    operations = _counted("Operation Record", "surgeon", "scheduled_at", since)
    waiting = _waiting()
    departments, titles = reporting.department_names(), reporting.names_of("Dictionary Item", "item_name")
    rows = []
    for person in people:
        own = grants.get(person.name, {})
        ends = getdate(person.licence_valid_to) if person.licence_valid_to else None
        in_force = sum(own.get(("Active", kind), 0) for kind in KINDS)
        rows.append(
            {
                "practitioner": person.name,
                "practitioner_name": person.practitioner_name,
                "department_name": departments.get(person.department, person.department),
                "title_name": titles.get(person.title) or _(person.title_level or ""),
                "surgery_level": reporting.level_name(top[person.name]) if top.get(person.name) else "",
                "level_key": top.get(person.name, ""),
                **{kind.lower(): own.get(("Active", kind), 0) for kind in KINDS},
                "suspended": sum(number for (status, _kind), number in own.items() if status == "Suspended"),
                "revoked": sum(number for (status, _kind), number in own.items() if status == "Revoked"),
                "expiring": expiring.get(person.name, 0),
                "operations": operations.get(person.name, 0),
                "acts": acts.get(person.name, 0),
                "applications": waiting.get(person.name, 0),
                "licence_valid_to": person.licence_valid_to,
                "licence_ending": bool(ends and ends <= today + timedelta(days=LICENCE_DAYS)),
                "without": not in_force,
                "drill": reporting.drill("Privilege Grant", ("practitioner", "=", person.name)),
            }
        )
    return rows


def _grants() -> tuple[dict[str, dict], dict[str, str], dict[str, int]]:
    """Per practitioner: grants by (status, kind), the highest surgery level in force, grants that end soon."""
    if not reporting.may_read("Privilege Grant"):
        return {}, {}, {}
    grant = frappe.qb.DocType("Privilege Grant")
    query = (
        frappe.qb.from_(grant)
        .select(grant.practitioner, grant.status, grant.kind, grant.level, Count("*"))
        .groupby(grant.practitioner, grant.status, grant.kind, grant.level)
    )
    counted: dict[str, dict[Any, int]] = {}
    top: dict[str, str] = {}
    for practitioner, status, kind, level, count in reporting.seen(query, "Privilege Grant").run():
        own = counted.setdefault(practitioner, {})
        own[status, kind] = own.get((status, kind), 0) + count
        if kind == "SURGERY" and status == "Active" and level:
            top[practitioner] = max(top.get(practitioner, ""), level)
    days = cint(frappe.db.get_single_value("Medical Affairs Settings", "expiry_notice_days")) or 60
    moment = now_datetime()
    soon = (
        frappe.qb.from_(grant)
        .select(grant.practitioner, Count("*"))
        .where(grant.status == "Active")
        .where((grant.valid_to > cstr(moment)) & (grant.valid_to <= cstr(moment + timedelta(days=days))))
        .groupby(grant.practitioner)
    )
    return counted, top, dict(reporting.seen(soon, "Privilege Grant").run())


def _counted(doctype: str, person: str, since_field: str = "", since: str = "") -> dict[str, int]:
    """How many rows of a DocType each person has, of those that the reader may see."""
    if not reporting.may_read(doctype):
        return {}
    table = frappe.qb.DocType(doctype)
    query = frappe.qb.from_(table).select(table[person], Count("*")).groupby(table[person])
    if doctype == "Unauthorized Act":
        query = query.where(table.status != "Dismissed")
    if doctype == "Operation Record":
        query = query.where(table.status == "Finished")
    if since_field:
        query = query.where(table[since_field] >= since)
    return dict(reporting.seen(query, doctype).run())


def _waiting() -> dict[str, int]:
    if not reporting.may_read("Privilege Application"):
        return {}
    sheet = frappe.qb.DocType("Privilege Application")
    query = (
        frappe.qb.from_(sheet)
        .select(sheet.practitioner, Count("*"))
        .where(sheet.workflow_state.isin(list(STEP_FIELDS)))
        .groupby(sheet.practitioner)
    )
    return dict(reporting.seen(query, "Privilege Application").run())


def _columns() -> list[dict]:
    return [
        reporting.link("practitioner", _("Staff No"), "Practitioner", 90),
        reporting.column("practitioner_name", _("Practitioner"), width=100),
        reporting.column("department_name", _("Department"), width=140),
        reporting.column("title_name", _("Professional Title"), width=110),
        reporting.column("surgery_level", _("Highest Surgery Level"), width=110),
        reporting.column("surgery", _("Surgery Privileges"), "Int", 90),
        reporting.column("prescription", _("Prescription Privileges"), "Int", 90),
        reporting.column("antimicrobial", _("Antimicrobial Privileges"), "Int", 100),
        reporting.column("antitumour", _("Antitumour Privileges"), "Int", 100),
        reporting.column("suspended", _("Suspended"), "Int", 80),
        reporting.column("revoked", _("Revoked"), "Int", 80),
        reporting.column("expiring", _("About to Expire"), "Int", 90),
        reporting.column("operations", _("Operations in 12 Months"), "Int", 110),
        reporting.column("acts", _("Unauthorised Acts"), "Int", 90),
        reporting.column("applications", _("Applications in Progress"), "Int", 110),
        reporting.column("licence_valid_to", _("Licence Valid To"), "Date", 110),
    ]


def _chart(rows: list[dict]) -> dict | None:
    if not rows:
        return None
    levels = ["1", "2", "3", "4", ""]
    return reporting.chart(
        "bar",
        _("Practitioners by highest surgery level"),
        [reporting.level_name(level) if level else _("No Surgery Privilege") for level in levels],
        {_("Practitioners"): [sum(row["level_key"] == level for row in rows) for level in levels]},
        COLOURS,
    )


def _summary(rows: list[dict]) -> list[dict]:
    def people(key: str) -> int:
        return sum(bool(row[key]) for row in rows)

    return [
        reporting.figure(_("Practitioners"), len(rows)),
        reporting.figure(_("With Privileges"), len(rows) - people("without")),
        reporting.figure(
            _("With Expiring Privileges"), people("expiring"), "Orange" if people("expiring") else ""
        ),
        reporting.figure(_("With Suspended Privileges"), people("suspended")),
        reporting.figure(_("With Unauthorised Acts"), people("acts"), "Red" if people("acts") else "Green"),
        reporting.figure(_("Licence Ending within 90 Days"), people("licence_ending")),
    ]
