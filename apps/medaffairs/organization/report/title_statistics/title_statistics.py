"""F35: how many practitioners of each title level every department has."""

import frappe
from frappe import _

LEVELS = ("Senior", "Associate Senior", "Intermediate", "Junior", "Assistant")
NONE = "No Title"


def execute(filters: dict | None = None) -> tuple[list, list, str | None, dict | None, list]:
    """One row per department with a column per title level; those who have left are not counted."""
    filters = frappe._dict(filters or {})
    rows = _rows(_people(filters))
    return _columns(), rows, None, _chart(rows), _summary(rows)


def _people(filters: dict) -> list:
    conditions: dict = {"employment_status": ("!=", "Left")}
    for field in ("department", "profession"):
        if filters.get(field):
            conditions[field] = filters[field]
    return frappe.get_list(
        "Practitioner", filters=conditions, fields=["department", "title_level"], limit_page_length=0
    )


def _rows(people: list) -> list[dict]:
    names = dict(frappe.get_all("Clinical Department", fields=["name", "department_name"], as_list=True))
    counted: dict[str, dict] = {}
    for person in people:
        row = counted.setdefault(
            person.department,
            {
                "department": person.department,
                "department_name": names.get(person.department) or person.department,
                **{frappe.scrub(level): 0 for level in (*LEVELS, NONE)},
                "total": 0,
            },
        )
        row[frappe.scrub(person.title_level or NONE)] += 1
        row["total"] += 1
    for row in counted.values():
        row["senior_share"] = round(100 * (row["senior"] + row["associate_senior"]) / row["total"], 1)
    return [counted[code] for code in sorted(counted)]


def _columns() -> list[dict]:
    columns = [
        {
            "fieldname": "department",
            "label": _("Department"),
            "fieldtype": "Link",
            "options": "Clinical Department",
            "width": 110,
        },
        {"fieldname": "department_name", "label": _("Department Name"), "fieldtype": "Data", "width": 160},
    ]
    columns += [
        {"fieldname": frappe.scrub(level), "label": _(level), "fieldtype": "Int", "width": 100}
        for level in (*LEVELS, NONE)
    ]
    columns += [
        {"fieldname": "total", "label": _("Total"), "fieldtype": "Int", "width": 90},
        {"fieldname": "senior_share", "label": _("Senior Share (%)"), "fieldtype": "Percent", "width": 120},
    ]
    return columns


def _chart(rows: list[dict]) -> dict | None:
    if not rows:
        return None
    top = sorted(rows, key=lambda row: -row["total"])[:20]
    return {
        "data": {
            "labels": [row["department_name"] for row in top],
            "datasets": [
                {"name": _(level), "values": [row[frappe.scrub(level)] for row in top]} for level in LEVELS
            ],
        },
        "type": "bar",
        "barOptions": {"stacked": 1},
    }


def _summary(rows: list[dict]) -> list[dict]:
    def total(key: str) -> int:
        return sum(row[key] for row in rows)

    return [
        {"label": _("Practitioners"), "value": total("total"), "datatype": "Int"},
        {"label": _("Senior"), "value": total("senior"), "datatype": "Int"},
        {"label": _("Associate Senior"), "value": total("associate_senior"), "datatype": "Int"},
        {"label": _("Departments"), "value": len(rows), "datatype": "Int"},
    ]
