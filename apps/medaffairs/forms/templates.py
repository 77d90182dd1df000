"""Versions of forms on the site: which one is in force, how a new one comes about.

A form that people fill in never changes under them: a version that was in force is fixed, a change makes a new one, and
answers stay with the version that they were begun with.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import frappe
from frappe.utils import cint, cstr, flt, now_datetime

from medaffairs.forms import design, rules
from medaffairs.forms.rules import Fault, Question, Template
from medaffairs.organization.rules import RuleError

DOCTYPE = "Form Template"
# Fields of a question's row beside the field of `Question` that it fills.
FIELDS = {
    "code": "question_code", "label": "label", "kind": "question_type", "section": "section", "depends_on": "depends_on",
    "table": "in_table", "unit": "unit", "minimum": "minimum", "maximum": "maximum", "help": "help", "prefill": "prefill",
    "indicator": "indicator",
}  # fmt: skip


def in_force(code: str) -> Template:
    """The version of a form that is filled in today.

    :raises frappe.DoesNotExistError: when no version is in force
    """
    name = frappe.db.get_value(DOCTYPE, {"form_code": code, "status": rules.IN_FORCE})
    if not name:
        frappe.throw(
            frappe._("No version of the form {0} is in force").format(code), frappe.DoesNotExistError
        )
    return load(name)


def load(name: str) -> Template:
    """A version of a form."""
    return compiled(frappe.get_cached_doc(DOCTYPE, name))


def compiled(doc: Any) -> Template:
    """A `Form Template` document as its rules know it.

    :raises frappe.ValidationError: naming the question, when options or points cannot be read
    """
    return rules.template(
        cstr(doc.name), cstr(doc.form_code), cint(doc.version), cstr(doc.title),
        [_question(row) for row in doc.questions], description=cstr(doc.description), purpose=cstr(doc.purpose),
    )  # fmt: skip


def _question(row: Any) -> Question:
    try:
        options = rules.options(cstr(row.options))
    except RuleError as broken:
        refuse(
            [
                Fault(
                    cstr(row.question_code),
                    cstr(row.section),
                    cstr(row.label),
                    broken.message,
                    broken.arguments,
                )
            ]
        )
    texts = {name: cstr(row.get(fieldname)).strip() for name, fieldname in FIELDS.items()}
    return Question(
        options=options,
        mandatory=bool(cint(row.mandatory)),
        full_marks=Decimal(f"{flt(row.max_score):g}"),
        weight=Decimal(f"{flt(row.weight):g}"),
        **texts,
    )


def new_version(name: str) -> str:
    """A draft with the same questions and the next number: its name. A draft that is there already is answered with.

    :raises frappe.PermissionError: for whoever may not make templates
    """
    source = frappe.get_doc(DOCTYPE, name)
    waiting = frappe.db.get_value(DOCTYPE, {"form_code": source.form_code, "status": rules.DRAFT})
    if waiting:
        return waiting
    doc = frappe.copy_doc(source)
    doc.insert()
    return doc.name


def next_version(code: str) -> int:
    """The number of a form's next version."""
    last = frappe.get_all(DOCTYPE, filters={"form_code": code}, fields=["max(version) as last"])
    return cint(last[0].last) + 1


def put_in_force(name: str) -> None:
    """Makes a draft the version that is filled in; the one before is retired.

    :raises frappe.ValidationError: naming the question, when the form is not sound
    """
    doc = frappe.get_doc(DOCTYPE, name, for_update=True)
    doc.check_permission("write")
    if doc.status != rules.DRAFT:
        frappe.throw(frappe._("Only a draft is put in force"))
    refuse(faults(doc))
    for other in frappe.get_all(
        DOCTYPE, {"form_code": doc.form_code, "status": rules.IN_FORCE}, pluck="name"
    ):
        _move(frappe.get_doc(DOCTYPE, other), rules.RETIRED, retired_at=now_datetime())
    _move(doc, rules.IN_FORCE, in_force_from=now_datetime())


def retire(name: str) -> None:
    """Ends a version: nobody begins it any more, answers stay."""
    doc = frappe.get_doc(DOCTYPE, name, for_update=True)
    doc.check_permission("write")
    if doc.status != rules.IN_FORCE:
        frappe.throw(frappe._("Only a version that is in force is retired"))
    _move(doc, rules.RETIRED, retired_at=now_datetime())


def _move(doc: Any, status: str, **values: Any) -> None:
    doc.flags.moving = True
    doc.update({"status": status, **values})
    doc.save()


def faults(doc: Any) -> list[Fault]:
    """What keeps a template from being put in force."""
    return design.template_faults(compiled(doc), now_datetime())


def said(fault: Fault) -> str:
    """A fault in the reader's language."""
    return frappe._(fault.message).format(*fault.arguments)


def placed(fault: Fault) -> str:
    """A fault with the section, the question and the row that it is about."""
    place = " · ".join(part for part in (fault.section, fault.label or fault.code) if part)
    if fault.row:
        place = frappe._("{0}, row {1}").format(place, fault.row)
    return f"{place}: {said(fault)}" if place else said(fault)


def refuse(found: list[Fault]) -> None:
    """Refuses with all faults in one message; nothing happens without any.

    :raises frappe.ValidationError: naming section, question and row
    """
    if found:
        frappe.throw("<br>".join(frappe.utils.escape_html(placed(fault)) for fault in found))
