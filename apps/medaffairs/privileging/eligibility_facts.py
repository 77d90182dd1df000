"""The facts behind the conditions, from the hospital's records."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date
from typing import Any

import frappe
from frappe.utils import cint, flt, getdate, now_datetime

from medaffairs.privileging import rules
from medaffairs.privileging.eligibility import LEVEL_PREFIX, Exam, Facts, KindNeeds, Operation, Verdict
from medaffairs.privileging.eligibility import judge as judge_item
from medaffairs.privileging.index import current_index

NAMED_BY = {
    "Exam Score": (("Dictionary Item", "item_name"),),
    "Qualification": (("Dictionary Item", "item_name"),),
    "Procedure Volume": (("Procedure", "procedure_name"),),
    "Held Privilege": (("Drug Privilege", "privilege_name"), ("Procedure", "procedure_name")),
}


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


def facts_of(practitioner: str, kind: str, needed: set[str]) -> Facts:
    """What is known of a practitioner, as far as some types of rules need it."""
    doc = frappe.get_cached_doc("Practitioner", practitioner)
    index, moment = current_index(), now_datetime()
    held = {
        code
        for kind_of, code, _ in index.grants_of(practitioner)
        if rules.decide(index, practitioner, kind_of, code, moment).allowed
    }
    return Facts(
        title_level=doc.title_level or "",
        title_date=_day(doc.title_date),
        work_start_date=_day(doc.work_start_date),
        licence_category=doc.licence_category or "",
        licence_valid_to=_day(doc.licence_valid_to),
        exams=_exams(practitioner),
        operations=_operations(practitioner) if "Procedure Volume" in needed else (),
        qualifications={row.qualification: _day(row.valid_to) for row in doc.qualifications},
        held=frozenset(held),
        revoked=_revoked(practitioner, kind),
    )


def _day(value: Any) -> date | None:
    return getdate(value) if value else None


def _exams(practitioner: str) -> dict[str, list[Exam]]:
    found: dict[str, list[Exam]] = defaultdict(list)
    for row in frappe.get_all(
        "Exam Result",
        filters={"practitioner": practitioner},
        fields=["exam", "score", "pass_score", "exam_date", "valid_to"],
    ):
        attempt = Exam(flt(row.score), flt(row.pass_score), _day(row.exam_date), _day(row.valid_to))
        found[row.exam].append(attempt)
    return found


def _operations(practitioner: str) -> list[Operation]:
    fields = ["procedure", "level", "started_at", "scheduled_at"]
    done = {"status": "Finished"}
    own = frappe.get_all("Operation Record", filters={**done, "surgeon": practitioner}, fields=fields)
    helped = frappe.get_all(
        "Operation Record",
        filters={**done, "assistants": ("like", f"%{practitioner}%")},
        fields=[*fields, "assistants"],
    )
    helped = [row for row in helped if practitioner in re.split(r"[^0-9A-Za-z_.-]+", row.assistants or "")]
    return [
        Operation(row.procedure or "", row.level or "", _day(row.started_at or row.scheduled_at), role)
        for role, rows in (("Surgeon", own), ("Assistant", helped))
        for row in rows
    ]


def _revoked(practitioner: str, kind: str) -> dict[str, date]:
    rows = frappe.get_all(
        "Privilege Event",
        filters={"practitioner": practitioner, "kind": kind, "event_type": rules.EVENT_REVOKE},
        fields=["code", "effective_from"],
        order_by="effective_from",
    )
    return {row.code: getdate(row.effective_from) for row in rows}


def rules_of(kind: str) -> list[dict[str, Any]]:
    """The conditions that are in force for a kind, with the names of what they ask for."""
    rows = frappe.get_all(
        "Eligibility Rule",
        filters={"kind": kind, "enabled": 1},
        fields=["*"],
        order_by="creation, name",
        limit_page_length=0,
    )
    for row in rows:
        row.item_name = _name_of(
            row.rule_type, row.item or (row.code if row.rule_type == "Procedure Volume" else "")
        )
    return rows


def _name_of(rule_type: str, item: str) -> str | None:
    if item.startswith(LEVEL_PREFIX):
        return say("operations of level {0} or above", item.removeprefix(LEVEL_PREFIX))
    for doctype, field in NAMED_BY.get(rule_type, ()):
        name = frappe.db.get_value(doctype, item, field) if item else None
        if name:
            return name
    return None


def needs_of(kind: str) -> KindNeeds:
    """What a kind asks for beside its rules."""
    fields = ["requires_exam", "exam", "months_after_revoke"]
    requires, exam, months = frappe.db.get_value("Privilege Kind", kind, fields)
    name = frappe.db.get_value("Dictionary Item", exam, "item_name") if requires and exam else ""
    return KindNeeds(exam if name else "", name or "", cint(months))


def judge(practitioner: str, kind: str, codes: list[str]) -> dict[str, Verdict]:
    """Every condition of each item for a practitioner."""
    item_type = frappe.get_cached_value("Privilege Kind", kind, "item_doctype")
    conditions, needs, today = rules_of(kind), needs_of(kind), getdate()
    facts = facts_of(practitioner, kind, {row.rule_type for row in conditions})
    levels = _levels_of(item_type, codes)
    least = _least_titles(kind) if item_type == "Drug Privilege" else {}
    return {
        code: judge_item(code, levels[code], [*least.get(code, ()), *conditions], facts, today, say, needs)
        for code in codes
    }


def _levels_of(item_type: str, codes: list[str]) -> dict[str, str | None]:
    field = "hospital_level" if item_type == "Procedure" else "grade"
    found = dict(
        frappe.get_all(
            item_type, filters={"name": ("in", codes or [""])}, fields=["name", field], as_list=True, limit_page_length=0
        )
    )  # fmt: skip
    for code in codes:
        if code not in found:
            frappe.throw(frappe._("{0} is not in the catalogue").format(code))
    return found


def _least_titles(kind: str) -> dict[str, list[dict[str, Any]]]:
    """The lowest title that a drug privilege names itself, unless a rule of its own says otherwise."""
    own = set(
        frappe.get_all(
            "Eligibility Rule", filters={"kind": kind, "enabled": 1, "rule_type": "Title Level"}, pluck="code"
        )
    )
    rows = frappe.get_all(
        "Drug Privilege",
        filters={"kind": kind, "minimum_title_level": ("is", "set")},
        fields=["name", "minimum_title_level"],
    )
    return {
        row.name: [
            {
                "rule_type": "Title Level",
                "title_level": row.minimum_title_level,
                "mandatory": 1,
                "code": row.name,
            }
        ]
        for row in rows
        if row.name not in own
    }


def exam_behind(practitioner: str, kind: str) -> str | None:
    """The exam result on which an application rests: the best passed one of the kind's exam that counts today."""
    exam = needs_of(kind).exam
    if not exam:
        return None
    rows = frappe.get_all(
        "Exam Result",
        filters={"practitioner": practitioner, "exam": exam, "passed": 1},
        fields=["name", "valid_to"],
        order_by="score desc",
    )
    today = getdate()
    return next((row.name for row in rows if not row.valid_to or getdate(row.valid_to) >= today), None)
