"""What the printed report of an event (不良事件报告表) shows. A reporter who hides is hidden on paper too."""

from __future__ import annotations

from typing import Any

import frappe
from frappe import _
from frappe.utils import cstr

from medaffairs.adverse_event import course, reporting, rules, steps
from medaffairs.forms import answers, templates
from medaffairs.privileging.printing import chinese_date, hospital_name

DOCTYPE = reporting.DOCTYPE
LINES = (
    "category", "subtype", "grade", "harm_level", "occurred_at", "reported_at", "department", "place", "managing_department",
    "visit_no", "patient_name", "gender", "age", "bed", "diagnosis",
)  # fmt: skip
TEXTS = ("description", "measures", "suggestion", "supplement", "analysis", "change_made")


def event_print(doc: Any) -> dict[str, Any]:
    """The report with its handling.

    :raises frappe.PermissionError: when the reader may not print it
    """
    doc.check_permission("print")
    facts = [{"label": _label(doc, field), "value": _shown(doc, field)} for field in LINES]
    facts.append({"label": _("Reported By"), "value": _reporter(doc)})
    kinds = dict(
        frappe.get_all(
            "Dictionary Item",
            filters={"dictionary": "CAUSE_KIND"},
            fields=["name", "item_name"],
            as_list=True,
        )
    )
    title, given = _form(doc)
    return {
        "hospital": hospital_name(), "facts": list(zip(facts[::2], facts[1::2], strict=True)),
        "texts": [{"label": _label(doc, field), "value": cstr(doc.get(field))} for field in TEXTS if doc.get(field)],
        "form_title": title, "answers": given,
        "cause_label": _("Cause", context="Adverse Event Cause"),
        "causes": [{"kind": kinds.get(row.kind, ""), "cause": row.cause, "root": row.is_root} for row in doc.causes],
        "chains": _chains(doc), "actions": _actions(doc),
        "history": [
            {"at": row["at"][:16], "by": row["by"], "action": _(row["action"], context=DOCTYPE), "words": row["words"]}
            for row in course.history(doc)
        ],
        "date": chinese_date(doc.archived_at or doc.reported_at),
    }  # fmt: skip


def _label(doc: Any, field: str) -> str:
    return _(doc.meta.get_label(field), context=DOCTYPE)


def _reporter(doc: Any) -> str:
    return cstr(doc.reporter_name) if doc.identity == rules.OPEN else _(doc.identity, context=DOCTYPE)


def _shown(doc: Any, field: str) -> str:
    value = doc.get(field)
    if not value:
        return ""
    links = {
        "category": ("Adverse Event Category", "category_name"), "grade": ("Adverse Event Grade", "grade_name"),
        "department": ("Clinical Department", "department_name"), "managing_department": ("Clinical Department", "department_name"),
        "place": ("Dictionary Item", "item_name"),
    }  # fmt: skip
    if field in links:
        doctype, title = links[field]
        return cstr(frappe.db.get_value(doctype, value, title))
    if field in ("occurred_at", "reported_at"):
        return cstr(frappe.format(value, "Datetime"))
    return _(cstr(value)) if field == "gender" else cstr(value)


def _form(doc: Any) -> tuple[str, list[dict[str, str]]]:
    if not doc.form_response:
        return "", []
    form = templates.load(frappe.db.get_value("Form Response", doc.form_response, "template"))
    given = answers.read(doc.form_response)
    rows = [
        {"label": question.label, "value": _answer(given[question.code])}
        for question in form.asked
        if given.get(question.code) not in (None, "", [])
    ]
    return form.title, rows


def _answer(value: Any) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        return "；".join(
            " ".join(map(cstr, row.values())) if isinstance(row, dict) else cstr(row) for row in value
        )
    return cstr(value)


def _chains(doc: Any) -> list[list[str]]:
    chains: dict[int, list[str]] = {}
    for row in sorted(doc.whys, key=lambda row: (row.chain, row.level)):
        chains.setdefault(row.chain, []).append(f"{row.question} {row.answer or ''}".strip())
    return list(chains.values())


def _actions(doc: Any) -> list[dict[str, str]]:
    return [
        {
            "problem": row.problem, "due": cstr(row.due_date), "state": _(row.workflow_state, context="Improvement Action"),
            "department": cstr(frappe.db.get_value("Clinical Department", row.department, "department_name")),
        }
        for row in steps.actions_of(doc)
    ]  # fmt: skip
