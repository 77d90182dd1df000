"""Privileges that end within some days, who holds them, and whether he has applied again."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import frappe
from frappe import _
from frappe.utils import cint, cstr, getdate, now_datetime

from medaffairs import reporting
from medaffairs.approval.rules import STEP_FIELDS
from medaffairs.privileging.people import people_of

DEFAULT_DAYS, MOST_DAYS = 60, 1_100
IN_PROGRESS = ("Draft", "Returned", *STEP_FIELDS)
COLOURS = (reporting.BLUE, reporting.TEAL, reporting.AMBER, reporting.VIOLET, reporting.GREY)


def execute(filters: dict | None = None) -> reporting.Result:
    """One row per privilege in force that ends soon, the nearest end first."""
    filters = frappe._dict(filters or {})
    default = (
        cint(frappe.db.get_single_value("Medical Affairs Settings", "expiry_notice_days")) or DEFAULT_DAYS
    )
    days = reporting.number(filters, "days", default, 1, MOST_DAYS)
    moment = now_datetime()
    grants, complete = _grants(filters, moment, days)
    rows = _rows(grants, moment.date())
    message = reporting.nothing(
        rows, _("No privilege ends within {0} days. Please choose more days or fewer filters.").format(days)
    )
    return (
        _columns(),
        rows,
        message or reporting.shortened(not complete),
        _chart(rows, days),
        _summary(rows, days),
    )


def _grants(filters: dict, moment: datetime, days: int) -> tuple[list, bool]:
    """The grants that end soon, and whether these are all of them."""
    grant = frappe.qb.DocType("Privilege Grant")
    query = (
        frappe.qb.from_(grant)
        .select(grant.name, grant.practitioner, grant.practitioner_name, grant.kind, grant.code, grant.item_name,
                grant.level, grant.grant_type, grant.valid_to)
        .where(grant.status.isin(["Active", "Suspended"]))
        .where((grant.valid_to > cstr(moment)) & (grant.valid_to <= cstr(moment + timedelta(days=days))))
        .orderby(grant.valid_to)
        .orderby(grant.name)
        .limit(reporting.MOST_ROWS + 1)
    )  # fmt: skip
    for key in ("kind", "level"):
        value = reporting.text(filters, key)
        if value:
            query = query.where(grant[key] == value)
    within = people_of(reporting.text(filters, "department"), reporting.text(filters, "name_or_pinyin"))
    if within is not None:
        query = query.where(grant.practitioner.isin(within))
    found = reporting.seen(query, "Privilege Grant").run(as_dict=True)
    return found[: reporting.MOST_ROWS], len(found) <= reporting.MOST_ROWS


def _rows(grants: list, today: date) -> list[dict]:
    departments = reporting.names_of("Practitioner", "department")
    names, kinds, applied = reporting.department_names(), reporting.kind_names(), _applied(grants)
    rows = []
    for grant in grants:
        department = departments.get(grant.practitioner)
        rows.append(
            {
                "practitioner": grant.practitioner,
                "practitioner_name": grant.practitioner_name,
                "department_name": names.get(department, department),
                "kind_name": kinds.get(grant.kind, grant.kind),
                "item_name": grant.item_name or grant.code,
                "level": reporting.level_name(grant.level) if grant.level else "",
                "valid_to": grant.valid_to,
                "days_left": (getdate(grant.valid_to) - today).days,
                "application": applied.get((grant.practitioner, grant.code)),
                "grant": grant.name,
                "grant_type": _(grant.grant_type or "Regular"),
            }
        )
    return rows


def _applied(grants: list) -> dict[tuple[str, str], str]:
    """The application in progress for a person and item, if he has handed one in or begun it."""
    if not grants or not reporting.may_read("Privilege Application"):
        return {}
    sheet, item = frappe.qb.DocType("Privilege Application"), frappe.qb.DocType("Privilege Application Item")
    query = (
        frappe.qb.from_(sheet)
        .join(item)
        .on(item.parent == sheet.name)
        .select(sheet.practitioner, item.code, sheet.name)
        .where(sheet.workflow_state.isin(list(IN_PROGRESS)))
    )
    return {
        (person, code): name for person, code, name in reporting.seen(query, "Privilege Application").run()
    }


def _columns() -> list[dict]:
    return [
        reporting.link("practitioner", _("Staff No"), "Practitioner", 90),
        reporting.column("practitioner_name", _("Practitioner"), width=100),
        reporting.column("department_name", _("Department"), width=140),
        reporting.column("kind_name", _("Kind of Privilege"), width=130),
        reporting.column("item_name", _("Item"), width=220),
        reporting.column("level", _("Surgery Level"), width=90),
        reporting.column("valid_to", _("Valid To"), "Datetime", 150),
        reporting.column("days_left", _("Days Left"), "Int", 80),
        reporting.link("application", _("Renewal Application"), "Privilege Application", 140),
        reporting.link("grant", _("Grant"), "Privilege Grant", 120),
        reporting.column("grant_type", _("Grant Type"), width=90),
    ]


def _chart(rows: list[dict], days: int) -> dict | None:
    """Ends by month, or by week when the span is short."""
    width = 7 if days <= 92 else 30
    kinds = list(dict.fromkeys(row["kind_name"] for row in rows))
    spans = range((days + width - 1) // width) if rows else range(0)
    counts = {kind: [0] * len(spans) for kind in kinds}
    for row in rows:
        counts[row["kind_name"]][min(row["days_left"] // width, len(spans) - 1)] += 1
    words = _("Days {0} to {1}")
    return reporting.chart(
        "bar",
        _("Privileges that end within {0} days").format(days),
        [words.format(span * width, min((span + 1) * width - 1, days)) for span in spans],
        counts,
        COLOURS,
        stacked=True,
    )


def _summary(rows: list[dict], days: int) -> list[dict]:
    def within(limit: int) -> int:
        return sum(row["days_left"] <= limit for row in rows)

    return [
        reporting.figure(_("Privileges"), len(rows)),
        reporting.figure(_("Practitioners"), len({row["practitioner"] for row in rows})),
        reporting.figure(_("Within 7 Days"), within(7), "Red" if within(7) else "Green"),
        reporting.figure(_("Within 30 Days"), within(30), "Orange" if within(30) else ""),
        reporting.figure(_("Renewal Applied For"), sum(bool(row["application"]) for row in rows)),
    ]
