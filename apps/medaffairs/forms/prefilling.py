"""What is known already and need not be typed: the record's own fields, its patient and stay, who answers, today."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import frappe
from frappe.utils import cstr, now_datetime

from medaffairs.forms import rules, templates
from medaffairs.organization.rules import RuleError

# Where the fields of a record's patient and stay are found: (link field of the record, DocType).
RELATED = {"patient": ("patient", "Patient Index"), "stay": ("stay", "Hospital Stay")}


def known(response: Any) -> dict[str, Any]:
    """The values of the questions that name a source, as JSON holds them; what the source lacks is left out.

    Only fields that every reader of the record may see are read (permission level 0).
    """
    form, found = templates.load(response.template), {}
    for question in form.asked:
        value = _value(question.prefill, response) if question.prefill else None
        if value in (None, ""):
            continue
        try:
            value = rules.parse(question, value, now_datetime())
        except RuleError:
            continue
        if value is not None:
            found[question.code] = rules.plain(value)
    return found


def _value(source: str, response: Any) -> Any:
    if source in ("today", "now"):
        return cstr(now_datetime().replace(microsecond=0)) if source == "now" else now_datetime().date()
    if source in ("practitioner", "department"):
        return None if response.anonymous else _of_person(source)
    place, _, fieldname = source.partition(".")
    if not frappe.db.exists(response.reference_doctype, response.reference_name):
        return None
    record = frappe.get_doc(response.reference_doctype, response.reference_name)
    if place in RELATED:
        link, doctype = RELATED[place]
        name = record.get(link)
        return _open_field(frappe.get_doc(doctype, name), fieldname) if name else None
    return _open_field(record, fieldname) if place == "reference" else None


def _of_person(what: str) -> str | None:
    field = "name" if what == "practitioner" else "department"
    return frappe.db.get_value("Practitioner", {"user": frappe.session.user}, field)


def _open_field(doc: Any, fieldname: str) -> Any:
    field = doc.meta.get_field(fieldname)
    if field is None or field.permlevel or field.fieldtype == "Password":
        return None
    value = doc.get(fieldname)
    return cstr(value) if isinstance(value, datetime | date) else value
