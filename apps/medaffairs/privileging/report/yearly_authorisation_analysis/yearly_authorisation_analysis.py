"""F35: what was applied for, granted, refused, revoked and suspended in a year, beside the year before.

Grants, revocations and suspensions are counted from the ledger by the day on which they were recorded;
applications by the day on which they were handed in, refused items by the day of the decision. A year that
has not ended is compared with the same days of the year before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

import frappe
from frappe import _
from frappe.utils import cstr, getdate

from medaffairs import reporting
from medaffairs.approval.rules import still_open

GROUPS = ("Month", "Kind", "Department", "Level", "Year")
MEASURES = ("applications", "items", "granted", "refused", "revoked", "suspended")
YEARS_SHOWN = 5
NEWEST_YEAR = 2100
COLOURS = (reporting.GREEN, reporting.AMBER, reporting.RED, reporting.GREY)


class Fact(NamedTuple):
    """One thing that happened: when, to whom, in which kind and level, and what it adds to."""

    day: date
    measure: str
    kind: str
    level: str
    department: str


def execute(filters: dict | None = None) -> reporting.Result:
    """One row per month, kind, department, level or year."""
    filters = frappe._dict(filters or {})
    group = reporting.text(filters, "group_by", GROUPS) or "Month"
    today = getdate()
    year = reporting.number(filters, "year", today.year, 1990, NEWEST_YEAR)
    wanted = _condition(filters)
    facts = [fact for fact in _facts(group, year) if wanted(fact) and fact.day.year <= year]
    rows = _by_year(facts, year) if group == "Year" else _by_group(facts, group, year, today)
    return _columns(group), rows, _message(rows, year, today), _chart(group, rows, year), _summary(rows)


def _condition(filters: dict) -> Callable[[Fact], bool]:
    """Whether a fact is asked for; one that concerns every kind belongs to each."""
    department = reporting.text(filters, "department")
    within = set(reporting.departments_within(department) or [department]) if department else set()
    kind, level = reporting.text(filters, "kind"), reporting.text(filters, "level")
    return lambda fact: (
        (not kind or fact.kind in (kind, ""))
        and (not level or fact.level == level)
        and (not within or fact.department in within)
    )


def _facts(group: str, year: int) -> Iterator[Fact]:
    first = date(year - (YEARS_SHOWN - 1 if group == "Year" else 1), 1, 1)
    last = date(year, 12, 31)
    departments = reporting.names_of("Practitioner", "department")
    yield from _ledger_facts(first, last, departments)
    if reporting.may_read("Privilege Application"):
        yield from _application_facts(first, last)


def _ledger_facts(first: date, last: date, departments: dict[str, str]) -> Iterator[Fact]:
    event, grant = frappe.qb.DocType("Privilege Event"), frappe.qb.DocType("Privilege Grant")
    query = (
        frappe.qb.from_(event)
        .left_join(grant)
        .on(grant.name == event.grant)
        .select(
            event.recorded_at, event.event_type, event.kind, grant.level, event.practitioner, event.suspension
        )
        .where((event.recorded_at >= cstr(first)) & (event.recorded_at < cstr(last + timedelta(days=1))))
        .where(event.event_type.isin(["Grant", "Revoke", "Suspend"]))
    )
    measures = {"Grant": "granted", "Revoke": "revoked", "Suspend": "suspended"}
    known: set[str] = set()
    for recorded, event_type, kind, level, practitioner, suspension in reporting.seen(
        query, "Privilege Event"
    ).run():
        if event_type == "Suspend":
            # A period that was changed is recorded again; it is still one suspension.
            if suspension in known:
                continue
            known.add(suspension)
        yield Fact(
            _day(recorded), measures[event_type], kind or "", level or "", departments.get(practitioner) or ""
        )


def _application_facts(first: date, last: date) -> Iterator[Fact]:
    sheets = frappe.get_list(
        "Privilege Application",
        or_filters=[
            ["submitted_at", "between", [first, last]],
            ["decided_at", "between", [first, last]],
        ],
        fields=["name", "kind", "department", "submitted_at", "decided_at"],
        limit_page_length=0,
    )
    items = _items([sheet.name for sheet in sheets])
    for sheet in sheets:
        own = items.get(sheet.name, [])
        levels = {cstr(item.level) for item in own} or {""}
        if sheet.submitted_at:
            # A sheet with items of two levels is one application; it counts where its highest level counts.
            yield Fact(
                _day(sheet.submitted_at), "applications", sheet.kind, max(levels), sheet.department or ""
            )
            for item in own:
                yield Fact(
                    _day(sheet.submitted_at), "items", sheet.kind, cstr(item.level), sheet.department or ""
                )
        if sheet.decided_at:
            for item in own:
                if not still_open(item):
                    yield Fact(
                        _day(sheet.decided_at),
                        "refused",
                        sheet.kind,
                        cstr(item.level),
                        sheet.department or "",
                    )


def _items(names: list[str]) -> dict[str, list]:
    item = frappe.qb.DocType("Privilege Application Item")
    fields = [item[name] for name in ("parent", "level", "department_decision", "branch_decision", "pharmacy_decision",
                                      "office_decision", "committee_decision")]  # fmt: skip
    found: dict[str, list] = {}
    for start in range(0, len(names), 500):
        rows = (
            frappe.qb.from_(item)
            .select(*fields)
            .where(item.parent.isin(names[start : start + 500]))
            .run(as_dict=True)
        )
        for row in rows:
            found.setdefault(row.parent, []).append(row)
    return found


def _day(moment: Any) -> date:
    return getdate(moment)


def _key(fact: Fact, group: str) -> str:
    if group == "Month":
        return f"{fact.day.month:02d}"
    return {"Kind": fact.kind, "Department": fact.department, "Level": fact.level}[group]


def _empty() -> dict[str, Any]:
    return dict.fromkeys((*MEASURES, "granted_before", "applications_before"), 0)


def _by_group(facts: list[Fact], group: str, year: int, today: date) -> list[dict]:
    counted: dict[str, dict] = {}
    if group == "Month":
        last = today.month if year == today.year else 12
        counted = {f"{month:02d}": _empty() for month in range(1, last + 1)}
    until = _same_day_before(today) if year == today.year else date(year - 1, 12, 31)
    for fact in facts:
        before = fact.day.year != year
        if before and (fact.day > until or fact.measure not in ("granted", "applications")):
            continue
        row = counted.setdefault(_key(fact, group), _empty())
        row[f"{fact.measure}_before" if before else fact.measure] += 1
    names = _names(group, year)
    rows = [
        {"group": names(key), **counted[key], **_comparison(counted[key]), "drill": _drill(group, key, year)}
        for key in sorted(counted)
    ]
    return [
        row for row in rows if group == "Month" or any(row[name] for name in (*MEASURES, "granted_before"))
    ]


def _by_year(facts: list[Fact], year: int) -> list[dict]:
    counted = {number: _empty() for number in range(year - YEARS_SHOWN + 1, year + 1)}
    for fact in facts:
        if fact.day.year in counted:
            counted[fact.day.year][fact.measure] += 1
    rows = []
    for number, row in counted.items():
        before = counted.get(number - 1, _empty())
        row.update(granted_before=before["granted"], applications_before=before["applications"])
        rows.append(
            {"group": str(number), **row, **_comparison(row), "drill": _drill("Year", str(number), number)}
        )
    return rows


def _same_day_before(today: date) -> date:
    try:
        return today.replace(year=today.year - 1)
    except ValueError:
        return date(today.year - 1, 2, 28)


def _comparison(row: dict) -> dict:
    return {
        "change": reporting.change(row["granted"], row["granted_before"]),
        "refused_share": reporting.share(row["refused"], row["items"]),
    }


def _names(group: str, year: int):
    if group == "Month":
        return lambda key: f"{year}-{key}"
    if group == "Level":
        return reporting.level_name
    known = reporting.kind_names() if group == "Kind" else reporting.department_names()
    empty = _("All Kinds") if group == "Kind" else _("Without Department")
    return lambda key: known.get(key, key) or empty


def _drill(group: str, key: str, year: int) -> dict | None:
    """The grants behind a row; a department's are found over its people, which a list cannot do."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    if group == "Month":
        first = date(year, int(key), 1)
        last = (date(year, int(key), 28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    own = {"Kind": ("kind", "=", key), "Level": ("level", "=", key)}.get(group)
    if group == "Department" or (own and not key):
        return None
    bounds = (("creation", ">=", first), ("creation", "<=", f"{last} 23:59:59"))
    return reporting.drill("Privilege Grant", *bounds, *([own] if own else []))


def _columns(group: str) -> list[dict]:
    return [
        reporting.column("group", _(group), width=150),
        reporting.column("applications", _("Applications"), "Int", 100),
        reporting.column("items", _("Items Applied For"), "Int", 110),
        reporting.column("granted", _("Granted"), "Int", 90),
        reporting.column("refused", _("Refused"), "Int", 90),
        reporting.column("refused_share", _("Refused (%)"), "Percent", 100),
        reporting.column("revoked", _("Revoked"), "Int", 90),
        reporting.column("suspended", _("Suspensions"), "Int", 90),
        reporting.column("granted_before", _("Granted the Year Before"), "Int", 120),
        reporting.column("change", _("Change (%)"), "Percent", 100),
        reporting.column("applications_before", _("Applications the Year Before"), "Int", 130),
    ]


def _message(rows: list[dict], year: int, today: date) -> str | None:
    if not any(row[name] for row in rows for name in MEASURES):
        return _("Nothing was recorded in {0}. Please choose another year or fewer filters.").format(year)
    if year == today.year:
        return _("The year before is counted up to the same day.")
    return None


def _chart(group: str, rows: list[dict], year: int) -> dict | None:
    shown = rows if group in ("Month", "Year") else sorted(rows, key=lambda row: -row["granted"])[:20]
    titles = {"Month": _("Authorisation by month, {0}"), "Year": _("Authorisation by year")}
    title = titles.get(group, _("Authorisation in {0}")).format(year)
    measures = {
        _("Granted"): "granted",
        _("Refused"): "refused",
        _("Revoked"): "revoked",
        _("Granted the Year Before"): "granted_before",
    }
    return reporting.chart(
        "bar",
        title,
        [row["group"] for row in shown],
        {name: [row[key] for row in shown] for name, key in measures.items()},
        COLOURS,
    )


def _summary(rows: list[dict]) -> list[dict]:
    def total(key: str) -> int:
        return sum(row[key] for row in rows)

    difference = reporting.change(total("granted"), total("granted_before"))
    return [
        reporting.figure(_("Applications"), total("applications")),
        reporting.figure(_("Granted"), total("granted"), "Green"),
        reporting.figure(_("Refused"), total("refused"), "Orange"),
        reporting.figure(_("Revoked"), total("revoked"), "Red" if total("revoked") else ""),
        reporting.figure(_("Suspensions"), total("suspended")),
        reporting.figure(
            _("Change (%)"),
            "—" if difference is None else difference,
            datatype="Data" if difference is None else "Percent",
        ),
    ]
