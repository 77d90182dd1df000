"""What the face asks of forms: a form with its answers, saving in parts, completing, filling in what is known, designing."""

from typing import Any

import frappe
from frappe.utils import cint, cstr, flt, now_datetime

from medaffairs.forms import answers, design, prefilling, rules, templates
from medaffairs.forms.rules import Fault, Question, Template
from medaffairs.permissions import FORM_SUBJECTS


@frappe.whitelist()
def blank(code: str) -> dict[str, Any]:
    """The version of a form that is in force, without answers.

    :raises frappe.DoesNotExistError: when none is in force
    """
    return described(templates.in_force(code))


@frappe.whitelist(methods=["POST"])
def begin(code: str, doctype: str, name: str) -> str:
    """Begins a form on a record, or finds what was begun: the response's name.

    :raises frappe.PermissionError: for whoever may not write the record
    """
    if doctype not in FORM_SUBJECTS:
        frappe.throw(frappe._("No forms are filled in for {0}").format(frappe._(doctype)))
    frappe.get_doc(doctype, name).check_permission("write")
    return answers.open(code, doctype, name)


@frappe.whitelist()
def preview(template: str) -> dict[str, Any]:
    """A version of a form, also a draft, with what keeps it from being put in force."""
    doc = frappe.get_doc("Form Template", template)
    doc.check_permission("read")
    found = [_spoken(fault) for fault in templates.faults(doc)] if doc.status == rules.DRAFT else []
    return {**described(templates.compiled(doc)), "status": doc.status, "faults": found}


@frappe.whitelist()
def definition(response: str) -> dict[str, Any]:
    """A response: its form, its answers as JSON holds them, whether the asking user may write it."""
    doc = _permitted(response, "read")
    form = templates.load(doc.template)
    return {
        "name": doc.name, "form": described(form), "answers": rules.scope(answers.read(response)), "status": doc.status,
        "score": flt(doc.score), "max_score": flt(doc.max_score), "progress": flt(doc.progress),
        "reference_doctype": doc.reference_doctype, "reference_name": doc.reference_name, "anonymous": cint(doc.anonymous),
        "writable": bool(doc.has_permission("write")), "modified": cstr(doc.modified), "titles": _titles(form, doc),
    }  # fmt: skip


@frappe.whitelist(methods=["POST"])
def save(
    response: str, given: dict[str, Any], complete: bool = False, modified: str | None = None
) -> dict[str, Any]:
    """Keeps answers; with `complete` the response is completed unless something is wrong or missing.

    :param given: question code → answer; None takes an answer away, questions left out keep theirs
    :param modified: what the response was when it was read; another one means that somebody else wrote meanwhile
    :raises frappe.TimestampMismatchError: when somebody else wrote meanwhile
    """
    doc = _permitted(response, "write")
    if modified and cstr(doc.modified) != modified:
        frappe.throw(frappe._("Somebody else changed this record meanwhile."), frappe.TimestampMismatchError)
    faults = answers.save(response, given, cint(complete) == 1)
    after = frappe.get_doc(answers.DOCTYPE, response)
    return {
        "faults": [_spoken(fault) for fault in faults], "status": after.status, "score": flt(after.score),
        "max_score": flt(after.max_score), "progress": flt(after.progress), "modified": cstr(after.modified),
    }  # fmt: skip


@frappe.whitelist(methods=["POST"])
def complete(
    response: str, given: dict[str, Any] | None = None, modified: str | None = None
) -> dict[str, Any]:
    """Completes a response; what is wrong or missing comes back as faults and it stays a draft."""
    return save(response, given or {}, True, modified)


@frappe.whitelist()
def prefill(response: str) -> dict[str, Any]:
    """What the system knows of questions that name where they are filled in from: {question code: value}."""
    return prefilling.known(_permitted(response, "write"))


@frappe.whitelist(methods=["POST"])
def new_version(template: str) -> str:
    """A draft with the same questions: its name."""
    frappe.get_doc("Form Template", template).check_permission("write")
    return templates.new_version(template)


@frappe.whitelist(methods=["POST"])
def put_in_force(template: str) -> str:
    """Makes a draft the version that is filled in: its state."""
    templates.put_in_force(template)
    return rules.IN_FORCE


@frappe.whitelist(methods=["POST"])
def retire(template: str) -> str:
    """Ends a version: its state."""
    templates.retire(template)
    return rules.RETIRED


@frappe.whitelist()
def versions(code: str) -> list[dict[str, Any]]:
    """The versions of a form, the newest first."""
    return frappe.get_list(
        "Form Template", filters={"form_code": code}, order_by="version desc",
        fields=["name", "version", "status", "title", "in_force_from", "retired_at", "modified"],
    )  # fmt: skip


@frappe.whitelist()
def compare(old: str, new: str) -> list[dict[str, Any]]:
    """What distinguishes two versions of a form, question by question."""
    docs = [frappe.get_doc("Form Template", name) for name in (old, new)]
    for doc in docs:
        doc.check_permission("read")
    return [change._asdict() for change in design.compare(*(templates.compiled(doc) for doc in docs))]


def described(form: Template) -> dict[str, Any]:
    """A form as the face draws it: questions in order, columns within their tables."""
    return {
        "name": form.name, "code": form.code, "version": form.version, "title": form.title,
        "description": form.description,
        "questions": [
            {**_drawn(question), "columns": [_drawn(column) for column in form.columns.get(question.code, ())]}
            for question in form.asked
        ],
    }  # fmt: skip


def _drawn(question: Question) -> dict[str, Any]:
    now = now_datetime()
    dated = question.kind in (rules.DATE, rules.DATETIME)
    bounds = {
        name: cstr(rules.moment(getattr(question, name), now) or "") if dated else getattr(question, name)
        for name in ("minimum", "maximum")
    }
    return {
        "code": question.code, "label": question.label, "kind": question.kind, "section": question.section,
        "options": [
            {"text": option.text, "points": None if option.points is None else float(option.points)}
            for option in question.options
        ],
        "mandatory": question.mandatory, "depends_on": question.depends_on, "unit": question.unit, "help": question.help,
        "full_marks": float(question.full_marks), "weight": float(question.weight), "prefill": question.prefill,
        "indicator": question.indicator, **bounds,
    }  # fmt: skip


def _titles(form: Template, doc: Any) -> dict[str, str]:
    """The names of the people and departments that answers point to."""
    kinds = {(owner, column.code): column.kind for owner, row in form.columns.items() for column in row}
    kinds |= {(question.code, ""): question.kind for question in form.asked}
    found = {}
    for kind, doctype, field in (
        (rules.STAFF, "Practitioner", "practitioner_name"), (rules.DEPARTMENT, "Clinical Department", "department_name"),
    ):  # fmt: skip
        names = {
            row.value for row in doc.answers if kinds.get((row.question_code, cstr(row.column_code))) == kind
        }
        if names:
            rows = frappe.get_all(doctype, {"name": ("in", list(names))}, ["name", field + " as title"])
            found |= {row.name: row.title for row in rows}
    return found


def _spoken(fault: Fault) -> dict[str, Any]:
    return {
        "code": fault.code, "section": fault.section, "label": fault.label, "row": fault.row, "column": fault.column,
        "missing": fault.missing, "message": templates.said(fault), "text": templates.placed(fault),
    }  # fmt: skip


def _permitted(response: str, right: str) -> Any:
    doc = frappe.get_doc(answers.DOCTYPE, response)
    doc.check_permission(right)
    return doc
