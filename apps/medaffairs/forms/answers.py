"""Answers to forms on the site: beginning, saving in parts, completing, reading.

A response belongs to a record (an event, an inspection, a drill); whoever may read or write that record may read or write
the response (`medaffairs/permissions.py`). The functions here check no rights: `forms/api.py` does, or the module that owns
the record. The record's controller may define `before_form_answers(response)` to refuse and `after_form_answers(response)`
to follow.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import frappe
from frappe.utils import cint, cstr, flt, get_datetime, getdate, now_datetime

from medaffairs.forms import cells, rules, scoring, templates
from medaffairs.forms.cells import Cell
from medaffairs.forms.rules import Fault, Reading, Template

DOCTYPE = "Form Response"
NOBODY = "Guest"


def open(code: str, reference_doctype: str, reference_name: str, anonymous: bool = False) -> str:
    """Begins the answers of a form on a record, or finds those that were begun: the response's name.

    :param anonymous: nothing in the database tells who answers
    :raises frappe.DoesNotExistError: when no version of the form is in force
    """
    filters = {"form_code": code, "reference_doctype": reference_doctype, "reference_name": reference_name}
    begun = frappe.db.get_value(DOCTYPE, filters, order_by="creation desc")
    if begun:
        return begun
    form = templates.in_force(code)
    doc = frappe.get_doc({
        "doctype": DOCTYPE, "template": form.name, "anonymous": cint(anonymous),
        "respondent": None if anonymous else frappe.session.user, **filters,
    })  # fmt: skip
    doc.flags.ignore_version = True
    doc.insert(ignore_permissions=True)
    _forget_person(doc)
    return doc.name


def save(response: str, answers: dict[str, Any], complete: bool = False) -> list[Fault]:
    """Keeps answers: those given replace those there, None takes one away, others stay.

    What is not understood is not kept and comes back as a fault; the rest is kept. With `complete` the response is completed
    when nothing is wrong or missing. A response that is completed already changes as a whole or not at all.
    """
    doc = frappe.get_doc(DOCTYPE, response, for_update=True)
    _tell_reference(doc, "before_form_answers")
    form = templates.load(doc.template)
    given = {
        **rules.scope(_values(form, doc)),
        **{code: answers[code] for code in answers if form.question(code)},
    }
    was_complete = doc.status == rules.COMPLETED
    reading = rules.read(form, given, now_datetime(), complete or was_complete)
    faults = [*_unknown(form, answers), *reading.faults, *_not_there(reading, _addresses(form, doc), doc)]
    if faults and was_complete:
        return faults
    _keep(doc, form, reading, {(fault.code, fault.row, fault.column) for fault in faults})
    if complete and not faults:
        doc.status = rules.COMPLETED
        doc.completed_at = doc.completed_at or _moment(doc)
    _store(doc)
    if doc.status == rules.COMPLETED:
        _tell_reference(doc, "after_form_answers")
    return faults


def read(response: str) -> dict[str, Any]:
    """The answers of a response, typed: {question code: value}; rows of tables are dictionaries of column codes."""
    doc = frappe.get_doc(DOCTYPE, response)
    return _values(templates.load(doc.template), doc)


def _values(form: Template, doc: Any) -> dict[str, Any]:
    stored = [
        Cell(row.question_code, cint(row.row_no), cstr(row.column_code), cstr(row.value))
        for row in doc.answers
    ]
    return cells.unpack(form, stored)


def _keep(doc: Any, form: Template, reading: Reading, wrong: set[tuple]) -> None:
    values = _without(form, reading.values, wrong)
    total = scoring.total(form, values)
    doc.set("answers", [])
    for cell in cells.pack(form, values):
        doc.append("answers", {
            "question_code": cell.code, "row_no": cell.row, "column_code": cell.column, "value": cell.value,
            "score": float(cell.score),
        })  # fmt: skip
    doc.update({
        "score": float(total.score), "max_score": float(total.full),
        "progress": rules.progress(reading._replace(values=values)),
    })  # fmt: skip


def _without(form: Template, values: dict[str, Any], wrong: set[tuple]) -> dict[str, Any]:
    """The answers without those that cannot be kept (a file that is not there, a person whom nobody knows)."""
    kept = {}
    for code, value in values.items():
        if (code, 0, "") in wrong and form.question(code).kind != rules.TABLE:
            continue
        if isinstance(value, list) and value and isinstance(value[0], dict):
            value = [
                {column: cell for column, cell in row.items() if (code, number, column) not in wrong}
                for number, row in enumerate(value, 1)
            ]
        kept[code] = value
    return kept


def _store(doc: Any) -> None:
    # Of what is still being written nobody needs the history; of an anonymous response there is none.
    before = doc.get_doc_before_save() or frappe.db.get_value(DOCTYPE, doc.name, "status", as_dict=True)
    without_history = bool(doc.anonymous or before.status == rules.DRAFT)
    doc.flags.by_answers = True
    doc.save(ignore_permissions=True, ignore_version=without_history)
    _forget_person(doc)


def _moment(doc: Any) -> Any:
    return get_datetime(getdate()) if doc.anonymous else now_datetime()


def _unknown(form: Template, answers: dict[str, Any]) -> list[Fault]:
    return [
        Fault(cstr(code)[:60], "", cstr(code)[:60], "The form has no such question")
        for code in answers
        if form.question(code) is None
    ]


# -- what answers point to


def _not_there(reading: Reading, known: set[str], doc: Any) -> list[Fault]:
    """Answers that name a file, a person or a department that is not there or not the answerer's to name."""
    found = []
    form = templates.load(doc.template)
    for question in reading.asked:
        value = reading.values.get(question.code)
        if value is None:
            continue
        if question.kind != rules.TABLE:
            message = _target_fault(question.kind, value, known, doc)
            if message:
                found.append(
                    Fault(question.code, question.section, question.label, message, (_shown(value),))
                )
            continue
        for number, row in enumerate(value, 1):
            for column in form.columns[question.code]:
                message = column.code in row and _target_fault(column.kind, row[column.code], known, doc)
                if message:
                    label = f"{question.label}/{column.label}"
                    found.append(
                        Fault(
                            question.code,
                            question.section,
                            label,
                            message,
                            (_shown(row[column.code]),),
                            number,
                            column.code,
                        )
                    )
    return found


def _target_fault(kind: str, value: Any, known: set[str], doc: Any) -> str:
    if kind == rules.STAFF and not frappe.db.exists("Practitioner", value):
        return "{0} is not a person of this hospital"
    if kind == rules.DEPARTMENT and not frappe.db.exists("Clinical Department", value):
        return "{0} is not a department of this hospital"
    if kind == rules.FILE and not all(address in known or _adopt(address, doc) for address in value):
        return "{0} is not a file of yours"
    return ""


def _adopt(address: str, doc: Any) -> bool:
    """Whether a file may stand in an answer: one of this response, or the user's own that belongs to nothing yet."""
    rows = frappe.get_all(
        "File", {"file_url": address}, ["name", "owner", "attached_to_doctype", "attached_to_name"]
    )
    if any((row.attached_to_doctype, row.attached_to_name) == (DOCTYPE, doc.name) for row in rows):
        return True
    mine = [row for row in rows if row.owner == frappe.session.user and not row.attached_to_name]
    if not mine:
        return False
    values = {"attached_to_doctype": DOCTYPE, "attached_to_name": doc.name}
    frappe.db.set_value("File", mine[0].name, values, update_modified=False)
    return True


def _addresses(form: Template, doc: Any) -> set[str]:
    codes = {
        (owner, column.code)
        for owner, row in form.columns.items()
        for column in row
        if column.kind == rules.FILE
    }
    codes |= {(question.code, "") for question in form.asked if question.kind == rules.FILE}
    return {
        address
        for row in doc.answers
        if (row.question_code, cstr(row.column_code)) in codes
        for address in cstr(row.value).split("\n")
    }


def _shown(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else cstr(value)


# -- anonymity


def _forget_person(doc: Any) -> None:
    """Takes from an anonymous response and its files whatever tells who wrote it, and when within the day."""
    if not doc.anonymous:
        return
    today = get_datetime(getdate())
    nobody = {"owner": NOBODY, "modified_by": NOBODY, "creation": today, "modified": today}
    frappe.db.set_value(DOCTYPE, doc.name, nobody, update_modified=False)
    frappe.db.set_value(
        "Form Answer", {"parenttype": DOCTYPE, "parent": doc.name}, nobody, update_modified=False
    )
    attached = {"attached_to_doctype": DOCTYPE, "attached_to_name": doc.name}
    frappe.db.set_value("File", attached, nobody, update_modified=False)
    frappe.db.delete("Comment", {"reference_doctype": DOCTYPE, "reference_name": doc.name})
    doc.reload()


def forget_sender(doc: Any, method: str | None = None) -> None:
    """A file that is put on an anonymous response tells nobody who sent it."""
    if doc.attached_to_doctype == DOCTYPE and doc.attached_to_name:
        response = frappe.get_doc(DOCTYPE, doc.attached_to_name)
        _forget_person(response)


def _tell_reference(doc: Any, event: str) -> None:
    if doc.reference_doctype and frappe.db.exists(doc.reference_doctype, doc.reference_name):
        frappe.get_doc(doc.reference_doctype, doc.reference_name).run_method(event, doc.name)


def score(response: str) -> tuple[Decimal, Decimal]:
    """Points and full marks of a response."""
    row = frappe.db.get_value(DOCTYPE, response, ["score", "max_score"], as_dict=True)
    return Decimal(f"{flt(row.score):g}"), Decimal(f"{flt(row.max_score):g}")
