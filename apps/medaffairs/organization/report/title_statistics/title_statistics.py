"""F35: practitioners by title level, counted over departments, titles, professions, degrees or years in title."""

from collections.abc import Callable

import frappe
from frappe import _
from frappe.utils import getdate

from medaffairs import reporting

LEVELS = ("Senior", "Associate Senior", "Intermediate", "Junior", "Assistant")
NONE = "No Title"
GROUPS = (
    "Department",
    "Professional Title",
    "Profession",
    "Highest Degree",
    "Department Type",
    "Years In Title",
)
SPANS = ((2, "Up to 2 years"), (5, "3 to 5 years"), (10, "6 to 10 years"), (99, "More than 10 years"))
COLOURS = (reporting.RED, reporting.AMBER, reporting.BLUE, reporting.TEAL, reporting.VIOLET, reporting.GREY)
SHOWN_IN_CHART = 20
FIELDS = {
    "Department": "department",
    "Professional Title": "title",
    "Profession": "profession",
    "Highest Degree": "highest_degree",
}


def execute(filters: dict | None = None) -> reporting.Result:
    """One row per group with a column per title level; those who have left are not counted."""
    filters = frappe._dict(filters or {})
    group = reporting.text(filters, "group_by", GROUPS) or "Department"
    rows = _rows(group, _people(filters))
    message = reporting.nothing(rows, _("No practitioner fits. Please choose fewer filters."))
    return _columns(group), rows, message, _chart(group, rows), _summary(rows)


def _people(filters: dict) -> list:
    conditions: dict = {"employment_status": ("!=", "Left")}
    for field in ("profession", "highest_degree", "title_level"):
        value = reporting.text(filters, field)
        if value:
            conditions[field] = value
    department = reporting.text(filters, "department")
    if department:
        conditions["department"] = ("in", reporting.departments_within(department) or [department])
    return frappe.get_list(
        "Practitioner",
        filters=conditions,
        fields=["name", "department", "title", "title_level", "title_date", "profession", "highest_degree"],
        limit_page_length=0,
    )


def _grouping(group: str) -> Callable[[dict], str]:
    """What a practitioner is counted under."""
    if group == "Department Type":
        types = reporting.names_of("Clinical Department", "department_type")
        return lambda person: types.get(person.department) or ""
    if group == "Years In Title":
        today = getdate()
        return lambda person: _span(person.title_date, today)
    return lambda person: person.get(FIELDS[group]) or ""


def _span(since, today) -> str:
    if not since:
        return ""
    years = (today - getdate(since)).days / 365.25
    return next(words for limit, words in SPANS if years <= limit or limit == SPANS[-1][0])


def _names(group: str) -> Callable[[str], str]:
    if group == "Department":
        known = reporting.department_names()
    elif group == "Professional Title":
        known = reporting.names_of("Dictionary Item", "item_name")
    else:
        return lambda key: _(key) if key else _("Not filled in")
    return lambda key: known.get(key, key) if key else _("Not filled in")


def _rows(group: str, people: list) -> list[dict]:
    key_of, name_of = _grouping(group), _names(group)
    counted: dict[str, dict] = {}
    for person in people:
        key = key_of(person)
        row = counted.setdefault(
            key,
            {
                "group": name_of(key),
                **{frappe.scrub(level): 0 for level in (*LEVELS, NONE)},
                "total": 0,
                "graduates": 0,
                "drill": _drill(group, key),
            },
        )
        if group == "Department":
            row.update(department=key, department_name=row["group"])
        row[frappe.scrub(person.title_level or NONE)] += 1
        row["total"] += 1
        row["graduates"] += person.highest_degree in ("Doctor", "Master")
    for row in counted.values():
        row["senior_share"] = reporting.share(row["senior"] + row["associate_senior"], row["total"])
        row["graduate_share"] = reporting.share(row["graduates"], row["total"])
    return [counted[key] for key in sorted(counted, key=lambda key: _order(group, key))]


def _order(group: str, key: str) -> tuple:
    """Spans in their order, what is not filled in last."""
    position = next((index for index, (_limit, words) in enumerate(SPANS) if words == key), 0)
    return not key, position if group == "Years In Title" else 0, key


def _drill(group: str, key: str) -> dict | None:
    if not key or group not in FIELDS:
        return None
    return reporting.drill("Practitioner", (FIELDS[group], "=", key), ("employment_status", "!=", "Left"))


def _columns(group: str) -> list[dict]:
    if group == "Department":
        columns = [
            reporting.link("department", _("Department"), "Clinical Department"),
            reporting.column("department_name", _("Department Name"), width=160),
        ]
    else:
        columns = [reporting.column("group", _(group), width=180)]
    columns += [reporting.column(frappe.scrub(level), _(level), "Int", 100) for level in (*LEVELS, NONE)]
    return [
        *columns,
        reporting.column("total", _("Total"), "Int", 90),
        reporting.column("senior_share", _("Senior Share (%)"), "Percent", 120),
        reporting.column("graduates", _("Master or Doctor"), "Int", 110),
        reporting.column("graduate_share", _("Master or Doctor (%)"), "Percent", 120),
    ]


def _chart(group: str, rows: list[dict]) -> dict | None:
    top = sorted(rows, key=lambda row: -row["total"])[:SHOWN_IN_CHART] if group == "Department" else rows
    return reporting.chart(
        "bar",
        _("Title levels by {0}").format(_(group)),
        [row["group"] for row in top],
        {_(level): [row[frappe.scrub(level)] for row in top] for level in (*LEVELS, NONE)},
        COLOURS,
        stacked=True,
    )


def _summary(rows: list[dict]) -> list[dict]:
    def total(key: str) -> int:
        return sum(row[key] for row in rows)

    people = total("total")
    senior = total("senior") + total("associate_senior")
    return [
        reporting.figure(_("Practitioners"), people),
        reporting.figure(_("Senior"), total("senior")),
        reporting.figure(_("Associate Senior"), total("associate_senior")),
        reporting.figure(_("Senior Share (%)"), reporting.share(senior, people) or 0, datatype="Percent"),
        reporting.figure(_("Master or Doctor"), total("graduates")),
        reporting.figure(_("No Title"), total("no_title"), "Orange" if total("no_title") else ""),
    ]
