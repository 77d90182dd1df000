"""Practitioners as reports ask for them: by department with all below it, by name, pinyin, initials or number."""

from __future__ import annotations

import frappe

from medaffairs import reporting

NAME_FIELDS = ("practitioner_name", "pinyin", "pinyin_initials", "staff_no")


def people_of(department: str, name: str, **conditions: str) -> list[str] | None:
    """Names of the practitioners that fit; None when nothing is asked, so that everybody fits.

    Who of them the reader may see is decided where their records are read.

    :param conditions: further fields of Practitioner and their values; empty values ask nothing
    """
    filters: dict = {field: value for field, value in conditions.items() if value}
    if department:
        filters["department"] = ("in", reporting.departments_within(department) or [department])
    text = name.strip().lower()
    either = [[field, "like", f"%{text}%"] for field in NAME_FIELDS] if text else None
    if not filters and not either:
        return None
    return frappe.get_all("Practitioner", filters=filters, or_filters=either, pluck="name") or [""]
