"""The facts behind the conditions, from the hospital's records."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.utils import getdate

from medaffairs.privileging.eligibility import Facts, Verdict
from medaffairs.privileging.eligibility import judge as judge_item


def say(sentence: str, *values: Any) -> str:
    """A sentence in the reader's language with its values."""
    return frappe._(sentence).format(*values)


def item_facts(item_type: str, code: str) -> tuple[str | None, str | None]:
    """Name and level of an item of the catalogue.

    :raises frappe.ValidationError: when it is not in the catalogue
    """
    fields = ["procedure_name", "hospital_level"] if item_type == "Procedure" else ["privilege_name", "grade"]
    found = frappe.db.get_value(item_type, code, fields)
    if not found:
        frappe.throw(frappe._("{0} is not in the catalogue").format(code))
    return found[0], found[1]


def facts_of(practitioner: str) -> Facts:
    """What is known of a practitioner."""
    doc = frappe.get_cached_doc("Practitioner", practitioner)
    exams: dict[str, tuple[float, Any]] = {}
    rows = frappe.get_all(
        "Exam Result",
        filters={"practitioner": practitioner},
        fields=["exam", "score", "valid_to"],
        order_by="exam_date",
    )
    for row in rows:
        exams[row.exam] = (float(row.score or 0), getdate(row.valid_to) if row.valid_to else None)
    operations = frappe.get_all(
        "Operation Record",
        filters={"surgeon": practitioner, "status": "Finished"},
        fields=["procedure", "level"],
    )
    volumes: dict[str, int] = {}
    for row in operations:
        volumes[row.procedure] = volumes.get(row.procedure, 0) + 1
        volumes[f"LEVEL-{row.level}"] = volumes.get(f"LEVEL-{row.level}", 0) + 1
    held = frappe.get_all(
        "Privilege Grant", filters={"practitioner": practitioner, "status": "Active"}, pluck="code"
    )
    return Facts(
        title_level=doc.title_level or "",
        title_date=getdate(doc.title_date) if doc.title_date else None,
        work_start_date=getdate(doc.work_start_date) if doc.work_start_date else None,
        licence_category=doc.licence_category or "",
        exams=exams,
        volumes=volumes,
        qualifications=frozenset(row.qualification for row in doc.qualifications),
        held=frozenset(held),
    )


def rules_of(kind: str) -> list[dict[str, Any]]:
    """The conditions that are in force for a kind."""
    rows = frappe.get_all(
        "Eligibility Rule",
        filters={"kind": kind, "enabled": 1},
        fields=["*"],
        order_by="creation",
    )
    for row in rows:
        if row.item and row.rule_type in ("Exam Score", "Qualification"):
            row.item_name = frappe.get_cached_value("Dictionary Item", row.item, "item_name")
    return rows


def judge(practitioner: str, kind: str, codes: list[str]) -> dict[str, Verdict]:
    """Every condition of each item for a practitioner."""
    item_type = frappe.get_cached_value("Privilege Kind", kind, "item_doctype")
    facts, conditions, today = facts_of(practitioner), rules_of(kind), getdate()
    return {
        code: judge_item(code, item_facts(item_type, code)[1], conditions, facts, today, say)
        for code in codes
    }
