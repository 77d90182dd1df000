"""Categories, grades, harm levels and contributing factors that a hospital starts with: inserted when they are missing.

What the hospital has changed stays: a record that is there is never overwritten, and one that it deleted comes back only when
nothing refers to the kind at all.
"""

import json
from pathlib import Path

import frappe

LISTS = (
    ("Adverse Event Grade", "grades", "grade_code"),
    ("Harm Level", "harm_levels", "harm_code"),
    ("Adverse Event Category", "categories", "category_code"),
    ("Contributing Factor", "contributing_factors", "factor_name"),
    ("Quality Report Template", "quality_reports", "template_name"),
)
# Lists that a hospital has shortened stay short, except for the categories, which the nation names.
SHORTENED = ("Contributing Factor", "Quality Report Template")


# What hundreds of thousands of events are looked up by: one's own and those in a state, the latest first; and all that the
# overview counts, so that it need not read the stories.
INDEXES = {
    "event_owner": ["owner", "reported_at"],
    "event_state": ["workflow_state", "reported_at"],
    "event_department": ["department", "reported_at"],
    "event_counts": [
        "occurred_at",
        "workflow_state",
        "category",
        "department",
        "grade",
        "near_miss",
        "late_report",
    ],
}


def sync_adverse_events() -> int:
    """Insert what the site lacks and find the managing departments; returns how many records are new."""
    new = 0
    for name, fields in INDEXES.items():
        frappe.db.add_index("Adverse Event Report", fields, name)
    for doctype, file, key in LISTS:
        present = set(frappe.get_all(doctype, pluck="name", limit_page_length=0))
        if present and doctype in SHORTENED:
            continue
        for row in _read(file):
            if row[key] not in present:
                frappe.get_doc({"doctype": doctype, **row}).insert(ignore_permissions=True)
                new += 1
    find_managing_departments()
    return new


def find_managing_departments() -> int:
    """Give categories without a managing department the one that has its usual name; how many got one."""
    found = 0
    rows = frappe.get_all(
        "Adverse Event Category",
        filters={"managing_department": ("is", "not set"), "managing_name": ("is", "set")},
        fields=["name", "managing_name"],
    )
    for row in rows:
        department = frappe.db.get_value(
            "Clinical Department", {"department_name": row.managing_name, "disabled": 0}
        )
        if department:
            frappe.db.set_value("Adverse Event Category", row.name, "managing_department", department)
            found += 1
    if found:
        frappe.clear_document_cache("Adverse Event Category")
    return found


def _read(name: str) -> list[dict]:
    path = Path(frappe.get_app_path("medaffairs", "fixtures", "adverse_event", f"{name}.json"))
    return json.loads(path.read_text(encoding="utf-8"))
