"""What a filled-in form shows on paper: what was asked and answered, in the words of its version."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import frappe
from frappe.utils import cstr, flt

from medaffairs.forms import answers, rules, templates
from medaffairs.forms.rules import Question, Template
from medaffairs.privileging.printing import chinese_date, hospital_name

IMAGES = (".png", ".jpg", ".jpeg", ".gif", ".webp")
TITLES = {
    rules.STAFF: ("Practitioner", "practitioner_name"),
    rules.DEPARTMENT: ("Clinical Department", "department_name"),
}


def response_print(doc: Any) -> dict[str, Any]:
    """A response section by section; questions that were not asked are left out, those without an answer show a dash.

    :raises frappe.PermissionError: when the reader may not print it
    """
    doc.check_permission("print")
    form, values = templates.load(doc.template), answers.read(doc.name)
    shown = rules.visible(form, values)
    return {
        "hospital": hospital_name(),
        "title": form.title,
        "number": f"{doc.reference_name} / {form.name}",
        "sections": [
            {"title": title, "rows": [_row(form, question, values.get(question.code)) for question in part]}
            for title, part in groupby(shown, key=lambda question: question.section)
        ],
        "score": f"{flt(doc.score):g} / {flt(doc.max_score):g}" if flt(doc.max_score) else "",
        "respondent": frappe.db.get_value("User", doc.respondent, "full_name") if doc.respondent else "",
        "date": chinese_date(doc.completed_at) if doc.completed_at else frappe._("Draft"),
    }


def _row(form: Template, question: Question, value: Any) -> dict[str, Any]:
    if question.kind == rules.TABLE and value:
        columns = {column.code: column for column in form.columns[question.code]}
        lines = [
            [
                {"label": columns[code].label, "value": spoken(columns[code], cell)}
                for code, cell in row.items()
            ]
            for row in value
        ]
        return {"label": question.label, "table": lines}
    images = (
        [address for address in value or [] if address.lower().endswith(IMAGES)]
        if question.kind == rules.FILE
        else []
    )
    return {"label": question.label, "value": spoken(question, value), "images": images}


def spoken(question: Question, value: Any) -> str:
    """An answer in the reader's words, a dash where there is none."""
    if value is None:
        return "—"
    if question.kind == rules.YES_NO:
        words = [option.text for option in question.options] or [frappe._("Yes"), frappe._("No")]
        return words[0 if value else 1] if len(words) > 1 else frappe._("Yes") if value else frappe._("No")
    if question.kind in TITLES:
        doctype, field = TITLES[question.kind]
        return cstr(frappe.db.get_value(doctype, value, field) or value)
    if question.kind == rules.MULTI:
        return "、".join(value)
    if question.kind == rules.FILE:
        return "、".join(address.rsplit("/", 1)[-1] for address in value)
    if question.kind in (rules.DATE, rules.DATETIME):
        return cstr(value)[:16]
    return f"{rules.plain(value)}{question.unit and ' ' + question.unit}"
