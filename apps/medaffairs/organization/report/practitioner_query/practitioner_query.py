"""F28: practitioners by name, pinyin, department, title, surgery level and privilege state, in any combination."""

import frappe
from frappe import _
from frappe.query_builder.functions import Count

from medaffairs import reporting
from medaffairs.privileging.people import NAME_FIELDS

TITLE_LEVELS = ("Senior", "Associate Senior", "Intermediate", "Junior", "Assistant", "")
SURGERY = "SURGERY"


def execute(filters: dict | None = None) -> reporting.Result:
    """Rows of practitioners whom the reader may see, with how many privileges each has in force."""
    filters = frappe._dict(filters or {})
    people = _people(filters)
    active, top = _grants() if people else ({}, {})
    departments, titles = reporting.department_names(), reporting.names_of("Dictionary Item", "item_name")
    rows = [
        {
            **row,
            "department_name": departments.get(row.department, row.department),
            "title_name": titles.get(row.title),
            "title_level_name": _(row.title_level or "No Title"),
            "profession_name": _(row.profession or ""),
            "employment_status_name": _(row.employment_status or ""),
            "privileges": active.get(row.name, 0),
            "surgery_level": top.get(row.name),
            "drill": reporting.drill("Privilege Grant", ("practitioner", "=", row.name)),
        }
        for row in people
    ]
    rows = [row for row in rows if _wanted(row, filters)]
    message = reporting.nothing(rows, _("No practitioner fits. Please choose fewer filters."))
    message = message or reporting.shortened(len(people) >= reporting.MOST_ROWS)
    return _columns(), rows, message, _chart(rows), _summary(rows)


def _people(filters: dict) -> list:
    conditions: dict = {}
    for field in ("profession", "title_level", "employment_status"):
        value = reporting.text(filters, field)
        if value:
            conditions[field] = value
    department = reporting.text(filters, "department")
    if department:
        conditions["department"] = ("in", reporting.departments_within(department) or [department])
    name = reporting.text(filters, "name_or_pinyin").lower()
    return frappe.get_list(
        "Practitioner",
        filters=conditions,
        or_filters=[[field, "like", f"%{name}%"] for field in NAME_FIELDS] if name else None,
        fields=["name", "practitioner_name", "department", "profession", "title", "title_level", "title_date",
                "employment_status", "licence_valid_to"],
        order_by="department asc, name asc",
        limit_page_length=reporting.MOST_ROWS,
    )  # fmt: skip


def _grants() -> tuple[dict[str, int], dict[str, str]]:
    """For each practitioner the number of privileges in force and the highest surgery level among them."""
    if not reporting.may_read("Privilege Grant"):
        return {}, {}
    grant = frappe.qb.DocType("Privilege Grant")
    query = (
        frappe.qb.from_(grant)
        .select(grant.practitioner, grant.kind, grant.level, Count("*"))
        .where(grant.status == "Active")
        .groupby(grant.practitioner, grant.kind, grant.level)
    )
    active: dict[str, int] = {}
    top: dict[str, str] = {}
    for practitioner, kind, level, count in reporting.seen(query, "Privilege Grant").run():
        active[practitioner] = active.get(practitioner, 0) + count
        if level and kind == SURGERY:
            top[practitioner] = max(top.get(practitioner, ""), level)
    return active, top


def _wanted(row: dict, filters: dict) -> bool:
    level, state = reporting.text(filters, "surgery_level"), reporting.text(filters, "privilege_state")
    if level and row["surgery_level"] != level:
        return False
    if state == "With Privileges":
        return row["privileges"] > 0
    if state == "Without Privileges":
        return row["privileges"] == 0
    return True


def _columns() -> list[dict]:
    return [
        reporting.link("name", _("Staff No"), "Practitioner", 100),
        reporting.column("practitioner_name", _("Name")),
        reporting.column("department_name", _("Department"), width=150),
        reporting.column("profession_name", _("Profession"), width=90),
        reporting.column("title_name", _("Professional Title"), width=120),
        reporting.column("title_level_name", _("Title Level"), width=100),
        reporting.column("title_date", _("Title Date"), "Date"),
        reporting.column("surgery_level", _("Highest Surgery Level"), width=120),
        reporting.column("privileges", _("Privileges in Force"), "Int"),
        reporting.column("employment_status_name", _("Employment Status"), width=100),
        reporting.column("licence_valid_to", _("Licence Valid To"), "Date", 120),
    ]


def _chart(rows: list[dict]) -> dict | None:
    if not rows:
        return None
    return reporting.chart(
        "bar",
        _("Practitioners by title level"),
        [_(level or "No Title") for level in TITLE_LEVELS],
        {
            _("Practitioners"): [
                sum((row["title_level"] or "") == level for row in rows) for level in TITLE_LEVELS
            ]
        },
        (reporting.BLUE,),
    )


def _summary(rows: list[dict]) -> list[dict]:
    return [
        reporting.figure(_("Practitioners"), len(rows)),
        reporting.figure(_("With Privileges"), sum(1 for row in rows if row["privileges"])),
        reporting.figure(_("Privileges in Force"), sum(row["privileges"] for row in rows)),
    ]
