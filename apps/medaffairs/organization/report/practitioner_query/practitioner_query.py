"""F28: practitioners by name, pinyin, department, title, surgery level and privilege state, in any combination."""

import frappe
from frappe import _
from frappe.query_builder.functions import Count

MAX_ROWS = 5_000


def execute(filters: dict | None = None) -> tuple[list, list, str | None, dict | None, list]:
    """Rows of practitioners whom the reader may see, with how many privileges each has in force."""
    filters = frappe._dict(filters or {})
    people = _people(filters)
    names = [row.name for row in people]
    active, top = _grants(names)
    rows = [
        {
            **row,
            "privileges": active.get(row.name, 0),
            "surgery_level": top.get(row.name),
        }
        for row in people
    ]
    rows = [row for row in rows if _wanted(row, filters)]
    return _columns(), rows, _message(people), _chart(rows), _summary(rows)


def _people(filters: dict) -> list:
    conditions = {
        field: filters[field]
        for field in ("department", "profession", "title_level", "employment_status")
        if filters.get(field)
    }
    text = str(filters.get("name_or_pinyin") or "").strip().lower()
    either = (
        [
            [field, "like", f"%{text}%"]
            for field in ("practitioner_name", "pinyin", "pinyin_initials", "staff_no")
        ]
        if text
        else None
    )
    return frappe.get_list(
        "Practitioner",
        filters=conditions,
        or_filters=either,
        fields=[
            "name",
            "practitioner_name",
            "department",
            "profession",
            "title",
            "title_level",
            "title_date",
            "employment_status",
            "licence_valid_to",
        ],
        order_by="department asc, name asc",
        limit_page_length=MAX_ROWS,
    )


def _grants(names: list[str]) -> tuple[dict, dict]:
    """For each practitioner the number of active grants and the highest surgery level among them."""
    if not names or not frappe.db.table_exists("Privilege Grant"):
        return {}, {}
    grant = frappe.qb.DocType("Privilege Grant")
    rows = (
        frappe.qb.from_(grant)
        .select(grant.practitioner, grant.level, Count(grant.name))
        .where(grant.status == "Active")
        .groupby(grant.practitioner, grant.level)
    ).run()
    wanted, active, top = set(names), {}, {}
    for practitioner, level, count in rows:
        if practitioner not in wanted:
            continue
        active[practitioner] = active.get(practitioner, 0) + count
        if level:
            top[practitioner] = max(top.get(practitioner) or "", str(level))
    return active, top


def _wanted(row: dict, filters: dict) -> bool:
    if filters.get("surgery_level") and row["surgery_level"] != str(filters["surgery_level"]):
        return False
    state = filters.get("privilege_state")
    if state == "With Privileges":
        return row["privileges"] > 0
    if state == "Without Privileges":
        return row["privileges"] == 0
    return True


def _columns() -> list[dict]:
    return [
        {
            "fieldname": "name",
            "label": _("Staff No"),
            "fieldtype": "Link",
            "options": "Practitioner",
            "width": 100,
        },
        {"fieldname": "practitioner_name", "label": _("Name"), "fieldtype": "Data", "width": 110},
        {
            "fieldname": "department",
            "label": _("Department"),
            "fieldtype": "Link",
            "options": "Clinical Department",
            "width": 150,
        },
        {"fieldname": "profession", "label": _("Profession"), "fieldtype": "Data", "width": 90},
        {
            "fieldname": "title",
            "label": _("Professional Title"),
            "fieldtype": "Link",
            "options": "Dictionary Item",
            "width": 130,
        },
        {"fieldname": "title_level", "label": _("Title Level"), "fieldtype": "Data", "width": 100},
        {"fieldname": "title_date", "label": _("Title Since"), "fieldtype": "Date", "width": 110},
        {
            "fieldname": "surgery_level",
            "label": _("Highest Surgery Level"),
            "fieldtype": "Data",
            "width": 120,
        },
        {"fieldname": "privileges", "label": _("Privileges in Force"), "fieldtype": "Int", "width": 110},
        {
            "fieldname": "employment_status",
            "label": _("Employment Status"),
            "fieldtype": "Data",
            "width": 100,
        },
        {"fieldname": "licence_valid_to", "label": _("Licence Valid To"), "fieldtype": "Date", "width": 120},
    ]


def _message(people: list) -> str | None:
    if len(people) < MAX_ROWS:
        return None
    return _("Only the first {0} practitioners are shown; narrow the filters.").format(MAX_ROWS)


def _chart(rows: list[dict]) -> dict | None:
    if not rows:
        return None
    levels = ["Senior", "Associate Senior", "Intermediate", "Junior", "Assistant"]
    counts = [sum(1 for row in rows if row["title_level"] == level) for level in levels]
    return {
        "data": {
            "labels": [_(level) for level in levels],
            "datasets": [{"name": _("Practitioners"), "values": counts}],
        },
        "type": "bar",
    }


def _summary(rows: list[dict]) -> list[dict]:
    with_privileges = sum(1 for row in rows if row["privileges"])
    return [
        {"label": _("Practitioners"), "value": len(rows), "datatype": "Int"},
        {"label": _("With Privileges"), "value": with_privileges, "datatype": "Int"},
        {
            "label": _("Privileges in Force"),
            "value": sum(row["privileges"] for row in rows),
            "datatype": "Int",
        },
    ]
