"""F28, privileges: who may do what, by name, department, title, kind, item, surgery level and state, on any day.

Without a day the state shown on the grants answers; with a day the ledger does, so that the answer is the one
that a check at the end of that day would have been given (today: at this moment).
"""

from __future__ import annotations

from datetime import date, datetime, time

import frappe
from frappe import _
from frappe.utils import getdate, now_datetime

from medaffairs import reporting
from medaffairs.privileging import rules
from medaffairs.privileging.index import current_index
from medaffairs.privileging.people import people_of

STATES = ("In Force", "Suspended", "Revoked", "Expired", "Not Yet Valid")
STATE_OF_STATUS = {"Active": "In Force"}
STATE_OF_REASON = {
    rules.GRANTED: "In Force",
    rules.SUSPENDED: "Suspended",
    rules.REVOKED: "Revoked",
    rules.EXPIRED: "Expired",
    rules.NOT_YET_VALID: "Not Yet Valid",
}
OPERATORS = ("Exactly", "At Least", "Highest")
MOST_GRANTS = 100_000
SURGERY = "SURGERY"
COLOURS = (reporting.GREEN, reporting.AMBER, reporting.RED, reporting.GREY, reporting.BLUE)


def execute(filters: dict | None = None) -> reporting.Result:
    """One row per privilege that fits, at most 5,000."""
    filters = frappe._dict(filters or {})
    operator = reporting.text(filters, "level_operator", OPERATORS) or "Exactly"
    state = reporting.text(filters, "state", STATES)
    grants = _with_states(_grants(filters, operator), _moment(reporting.day(filters, "on_date")))
    if state:
        grants = [grant for grant in grants if grant.state == state]
    if operator == "Highest":
        grants = _highest(grants, reporting.text(filters, "level"))
    rows = _rows(grants[: reporting.MOST_ROWS])
    message = reporting.nothing(rows, _("No privilege fits. Please choose fewer filters or another day."))
    message = message or reporting.shortened(len(grants) > reporting.MOST_ROWS)
    return _columns(), rows, message, _chart(grants), _summary(grants)


def _moment(day: date | None) -> datetime | None:
    if day is None:
        return None
    return now_datetime() if day == getdate() else datetime.combine(day, time(23, 59, 59))


def _grants(filters: dict, operator: str) -> list:
    grant = frappe.qb.DocType("Privilege Grant")
    query = (
        frappe.qb.from_(grant)
        .select(grant.name, grant.practitioner, grant.practitioner_name, grant.kind, grant.code, grant.item_name,
                grant.level, grant.grant_type, grant.status, grant.valid_from, grant.valid_to)
        .orderby(grant.practitioner)
        .orderby(grant.kind)
        .orderby(grant.code)
        .limit(MOST_GRANTS)
    )  # fmt: skip
    for key in ("kind", "grant_type"):
        value = reporting.text(filters, key)
        if value:
            query = query.where(grant[key] == value)
    level, item = reporting.text(filters, "level"), reporting.text(filters, "item")
    if level and operator == "Exactly":
        query = query.where(grant.level == level)
    elif level and operator == "At Least":
        query = query.where(grant.level >= level)
    if item:
        query = query.where((grant.code == item) | grant.item_name.like(f"%{item}%"))
    within = people_of(
        reporting.text(filters, "department"),
        reporting.text(filters, "name_or_pinyin"),
        title_level=reporting.text(filters, "title_level"),
    )
    if within is not None:
        query = query.where(grant.practitioner.isin(within))
    return reporting.seen(query, "Privilege Grant").run(as_dict=True)


def _with_states(grants: list, moment: datetime | None) -> list:
    """The grants with their state; on a day, one that another grant for the same item stands in for is left out."""
    if moment is None:
        for grant in grants:
            grant.state = STATE_OF_STATUS.get(grant.status, grant.status)
        return grants
    index, found = current_index(), []
    for grant in grants:
        decision = rules.decide(index, grant.practitioner, grant.kind, grant.code, moment)
        if decision.grant == grant.name:
            grant.state = STATE_OF_REASON.get(decision.reason, "Expired")
            found.append(grant)
    return found


def _highest(grants: list, level: str) -> list:
    """What each person holds in force at his own highest level, of those whose highest level is the given one."""
    held = [grant for grant in grants if grant.level and grant.kind == SURGERY and grant.state == "In Force"]
    top: dict[str, str] = {}
    for grant in held:
        top[grant.practitioner] = max(top.get(grant.practitioner, ""), grant.level)
    return [
        grant
        for grant in held
        if grant.level == top[grant.practitioner] and (not level or grant.level == level)
    ]


def _rows(grants: list) -> list[dict]:
    people = {
        row.name: row
        for row in frappe.get_all(
            "Practitioner", fields=["name", "practitioner_name", "department", "title", "title_level"]
        )
    }
    departments, kinds = reporting.department_names(), reporting.kind_names()
    titles = reporting.names_of("Dictionary Item", "item_name")
    rows = []
    for grant in grants:
        person = people.get(grant.practitioner, frappe._dict())
        rows.append(
            {
                "practitioner": grant.practitioner,
                "practitioner_name": grant.practitioner_name or person.practitioner_name,
                "department_name": departments.get(person.department, person.department),
                "title_name": titles.get(person.title) or _(person.title_level or ""),
                "kind_name": kinds.get(grant.kind, grant.kind),
                "code": grant.code,
                "item_name": grant.item_name or grant.code,
                "level": reporting.level_name(grant.level) if grant.level else "",
                "state": _(grant.state),
                "grant_type": _(grant.grant_type or "Regular"),
                "valid_from": grant.valid_from,
                "valid_to": grant.valid_to,
                "grant": grant.name,
            }
        )
    return rows


def _columns() -> list[dict]:
    return [
        reporting.link("practitioner", _("Staff No"), "Practitioner", 90),
        reporting.column("practitioner_name", _("Practitioner"), width=100),
        reporting.column("department_name", _("Department"), width=140),
        reporting.column("title_name", _("Professional Title"), width=110),
        reporting.column("kind_name", _("Kind of Privilege"), width=130),
        reporting.column("code", _("Code"), width=100),
        reporting.column("item_name", _("Item"), width=220),
        reporting.column("level", _("Surgery Level"), width=90),
        reporting.column("state", _("Privilege State"), width=90),
        reporting.column("grant_type", _("Grant Type"), width=90),
        reporting.column("valid_from", _("Valid From"), "Datetime", 150),
        reporting.column("valid_to", _("Valid To"), "Datetime", 150),
        reporting.link("grant", _("Grant"), "Privilege Grant", 120),
    ]


def _chart(grants: list) -> dict | None:
    """Surgery by level, the other kinds as they are, split by state."""
    kinds = reporting.kind_names()
    counts: dict[tuple[str, str], dict[str, int]] = {}
    for grant in grants:
        bar = counts.setdefault((grant.kind, grant.level or ""), dict.fromkeys(STATES, 0))
        bar[grant.state] += 1
    keys = sorted(counts, key=lambda key: (not key[1], key))
    labels = [reporting.level_name(level) if level else kinds.get(kind, kind) for kind, level in keys]
    return reporting.chart(
        "bar",
        _("Privileges by level and kind"),
        labels,
        {_(state): [counts[key][state] for key in keys] for state in STATES},
        COLOURS,
        stacked=True,
    )


def _summary(grants: list) -> list[dict]:
    def count(state: str) -> int:
        return sum(grant.state == state for grant in grants)

    return [
        reporting.figure(_("Practitioners"), len({grant.practitioner for grant in grants})),
        reporting.figure(_("Privileges"), len(grants)),
        reporting.figure(_("In Force"), count("In Force"), "Green"),
        reporting.figure(_("Suspended"), count("Suspended"), "Orange" if count("Suspended") else ""),
        reporting.figure(_("Revoked"), count("Revoked"), "Red" if count("Revoked") else ""),
        reporting.figure(_("Expired"), count("Expired")),
    ]
