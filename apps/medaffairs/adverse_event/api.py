"""What the face asks of adverse events: the page of a report, what was reported, steps, analysis, joint handling."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import frappe
from frappe.utils import cint, cstr, getdate, now_datetime

from medaffairs.adverse_event import anonymous, course, notices, people, reporting, rules, steps
from medaffairs.audit.recorder import audited
from medaffairs.forms.api import described
from medaffairs.improvement import steps as improvement
from medaffairs.organization import deadlines

DOCTYPE = reporting.DOCTYPE
HIDDEN = ("request_key", "tracking_key", "escalated_at", "announced_at")
LONGEST_PAGE = 100


@frappe.whitelist()
def page() -> dict[str, Any]:
    """All that the page of a report needs, asked for at once and by everybody alike: it does not tell what is going to be reported."""
    if not reporting.may_report(frappe.session.user):
        frappe.throw(frappe._("Only people who work in this hospital report events"), frappe.PermissionError)
    own = frappe.db.get_value(
        "Practitioner",
        {"user": frappe.session.user},
        ["name", "practitioner_name", "department"],
        as_dict=True,
    )
    return {
        "categories": _categories(),
        "grades": frappe.get_all("Adverse Event Grade", fields=["name", "grade_name", "definition", "oral_limit", "colour", "fast_track"], order_by="sort_order"),
        "harm_levels": frappe.get_all("Harm Level", fields=["name", "definition", "grade"], order_by="harm_code"),
        "places": _items("EVENT_PLACE"),
        "departments": frappe.get_all(
            "Clinical Department", filters={"disabled": 0, "is_group": 0}, fields=["name", "department_name", "pinyin_initials"], order_by="name", limit_page_length=0
        ),
        "own": own or {}, "ticket": anonymous.ticket_of(getdate()), "now": cstr(now_datetime()),
    }  # fmt: skip


@frappe.whitelist()
def form(category: str) -> dict[str, Any]:
    """The form that is filled in for a category; empty when there is none."""
    found = reporting.form_of(frappe.get_cached_value("Adverse Event Category", category, "form_code"))
    return described(found) if found else {}


@frappe.whitelist(methods=["POST"])
def stay(visit_no: str) -> dict[str, Any]:
    """Whose stay a medical record number is, as far as somebody needs it who compares it with a wristband; empty when there is none."""
    if not reporting.may_report(frappe.session.user):
        frappe.throw(frappe._("Only people who work in this hospital report events"), frappe.PermissionError)
    with audited("Read", "Hospital Stay", visit_no[: rules.LONGEST_LINE]) as note:
        row = reporting.stay_of(visit_no.strip())
        note.row_count = int(bool(row))
        if not row:
            return {}
        person = (
            frappe.db.get_value(
                "Patient Index", row.patient, ["patient_name", "gender", "birth_date"], as_dict=True
            )
            or frappe._dict()
        )
        name = cstr(person.patient_name)
        return {
            "patient_name": name[:1] + "*" * max(len(name) - 1, 0), "gender": person.gender, "bed": row.bed,
            "age": rules.age_at(_date(person.birth_date), getdate()), "department": row.department,
            "admitted_at": cstr(row.admitted_at or ""), "discharged_at": cstr(row.discharged_at or ""),
        }  # fmt: skip


@frappe.whitelist(methods=["POST"])
def check(
    values: dict[str, Any], identity: str = rules.OPEN, answers: dict[str, Any] | None = None
) -> list[dict[str, str]]:
    """What is wrong with a report that is not sent yet: `field` and `text` each."""
    found = reporting.check(values, identity, (), answers).faults
    return [{"field": row.field, "text": reporting.say(row)} for row in found]


@frappe.whitelist(methods=["POST"])
def submit(
    values: dict[str, Any],
    key: str,
    identity: str = rules.OPEN,
    files: list[dict[str, Any]] | None = None,
    answers: dict[str, Any] | None = None,
) -> dict[str, str]:
    """Takes in a report: its number. Sent again with the same key it is the same report.

    :param files: `file_name` and `content` (base64) each
    :raises frappe.ValidationError: for a report that is not complete; each line names a field
    """
    # The log says that somebody has reported with protected identity, and not what.
    shown = "" if identity == rules.PROTECTED else cstr(values.get("category"))
    with audited("Create", DOCTYPE, shown) as note:
        doc = reporting.submit(values, identity, key, files or [], answers)
        note.row_count = 1
    return {"name": doc.name, "workflow_state": doc.workflow_state}


@frappe.whitelist()
def mine(start: int = 0, count: int = 20) -> list[dict[str, Any]]:
    """What the asking user has reported, the latest first."""
    return course.mine(frappe.session.user, max(cint(start), 0), min(max(cint(count), 1), LONGEST_PAGE))


@frappe.whitelist()
def progress(name: str) -> dict[str, Any]:
    """How far an event is, for its reporter."""
    doc = frappe.get_doc(DOCTYPE, name)
    if reporting.reporter_of(doc) == frappe.session.user:
        with _own("Read", "progress") as note:
            note.row_count = 1
    else:
        doc.check_permission("read")
    return {
        **course.of(doc),
        "possible": [
            step for step in steps.possible(doc, frappe.session.user) if step in steps.REPORTERS_OWN
        ],
    }


@frappe.whitelist()
def event(name: str) -> dict[str, Any]:
    """An event as its handlers see it: the report, what was done, what can be done, what is due."""
    doc = _readable(name)
    user = frappe.session.user
    values = {
        key: value for key, value in doc.as_dict(convert_dates_to_str=True).items() if key not in HIDDEN
    }
    return {
        "doc": values, "history": course.history(doc), "possible": steps.possible(doc, user),
        "handles": people.handles(doc, user), "questions": [row.name for row in steps.open_questions(doc, user)],
        "actions": steps.actions_of(doc), "clocks": deadlines.clocks_of(DOCTYPE, name),
        "alike": notices.lookalikes(doc) if people.handles(doc, user) else [],
        "may_reveal": doc.identity == rules.PROTECTED and may_reveal(doc, user),
        "may_open_actions": bool(frappe.has_permission("Improvement Action", "create")),
        "titles": _titles(doc),
    }  # fmt: skip


@frappe.whitelist(methods=["POST"])
def reveal(name: str) -> str:
    """The name behind a report with protected identity, for the roles that may know it; who asked is on record.

    :raises frappe.PermissionError: for everybody else
    """
    doc = _readable(name)
    with audited("Read", reporting.HOLDER, name) as note:
        if doc.identity != rules.PROTECTED or not may_reveal(doc, frappe.session.user):
            frappe.throw(frappe._("The reporter's identity is protected"), frappe.PermissionError)
        note.row_count = 1
        return cstr(frappe.db.get_value(reporting.HOLDER, {"report": name}, "reporter_name"))


def may_reveal(doc: Any, user: str) -> bool:
    """Whether a user may know who has reported an event with protected identity: as he may read the one record of it."""
    holder = frappe.db.get_value(reporting.HOLDER, {"report": doc.name})
    return bool(holder) and frappe.get_doc(reporting.HOLDER, holder).has_permission("read", user=user)


@frappe.whitelist()
def possible_steps(name: str) -> list[str]:
    """The steps that the asking user may take on an event."""
    return steps.possible(_readable(name), frappe.session.user)


@frappe.whitelist(methods=["POST"])
def take(name: str, action: str, words: str = "", department: str = "", seen: str = "") -> dict[str, str]:
    """Takes a step: the new state.

    :param seen: the state on the asking user's screen
    """
    if action not in steps.REPORTERS_OWN:
        _readable(name)
        doc = steps.take(name, action, words, department, seen)
    else:
        with _own("Update", action):
            doc = steps.take(name, action, words, department, seen)
    return {"name": doc.name, "workflow_state": doc.workflow_state}


@frappe.whitelist(methods=["POST"])
def classify(name: str, values: dict[str, Any], seen: str = "") -> str:
    """Corrects category, grade, harm or place: when the event was changed (`modified`)."""
    _readable(name)
    return str(steps.classify(name, values, seen).modified)


@frappe.whitelist(methods=["POST"])
def save_analysis(name: str, values: dict[str, Any], seen: str = "") -> str:
    """Keeps fishbone, 5-why chains and conclusion: when the event was changed (`modified`)."""
    _readable(name)
    return str(steps.save_analysis(name, values, seen).modified)


@frappe.whitelist(methods=["POST"])
def ask_jointly(name: str, department: str, question: str) -> None:
    """Asks another department to handle an event together."""
    _readable(name)
    steps.ask_jointly(name, department, question)


@frappe.whitelist(methods=["POST"])
def reply_jointly(name: str, reply: str) -> None:
    """Replies for the asking user's department."""
    _readable(name)
    steps.reply_jointly(name, reply)


@frappe.whitelist(methods=["POST"])
def open_action(
    name: str,
    problem: str,
    department: str,
    due_date: str,
    standard: str = "",
    cause: str = "",
    responsible: str = "",
) -> str:
    """Opens an improvement action for an event: its number."""
    doc = _readable(name)
    if not people.handles(doc, frappe.session.user):
        frappe.throw(frappe._("This step is not yours to decide"), frappe.PermissionError)
    return improvement.open_action(
        problem, department, due_date, source=(DOCTYPE, name), standard=standard, cause=cause, responsible=responsible,
        description=doc.subject,
    ).name  # fmt: skip


@frappe.whitelist(methods=["POST"])
def note_external(name: str, day: str, number: str = "") -> None:
    """Notes when an event was reported to the authorities."""
    _readable(name)
    steps.note_external(name, day, number)


@contextmanager
def _own(action: str, what: str) -> Iterator[Any]:
    """The log says that somebody was at a report of his own, and not at which: it may be one that hides him."""
    with audited(action, DOCTYPE, "") as note:
        note.filters = frappe.as_json({"own": what}, indent=None)
        yield note


def _readable(name: str) -> Any:
    doc = frappe.get_doc(DOCTYPE, name)
    doc.check_permission("read")
    return doc


def _categories() -> list[dict[str, Any]]:
    rows = frappe.get_all(
        "Adverse Event Category", filters={"disabled": 0},
        fields=["name", "category_name", "icon", "route", "managing_department", "patient_needed", "external_reporting", "form_code"],
        order_by="sort_order, name", limit_page_length=0,
    )  # fmt: skip
    subtypes: dict[str, list[str]] = {}
    for row in frappe.get_all(
        "Adverse Event Subtype", fields=["parent", "subtype"], order_by="parent, idx", limit_page_length=0
    ):
        subtypes.setdefault(row.parent, []).append(row.subtype)
    return [{**row, "subtypes": subtypes.get(row.name, [])} for row in rows]


def _items(dictionary: str) -> list[dict[str, str]]:
    return frappe.get_all(
        "Dictionary Item", filters={"dictionary": dictionary, "disabled": 0}, fields=["name", "item_name"], order_by="sort_order", limit_page_length=0
    )  # fmt: skip


def _titles(doc: Any) -> dict[str, str]:
    """What the names in an event are called."""
    departments = {
        doc.department,
        doc.managing_department,
        *(row.department for row in (*doc.joint, *doc.staff)),
    }
    departments |= {row.department for row in steps.actions_of(doc)}
    found = dict(
        frappe.get_all("Clinical Department", filters={"name": ("in", [name for name in departments if name])}, fields=["name", "department_name"], as_list=True)
    )  # fmt: skip
    found[doc.category] = frappe.get_cached_value("Adverse Event Category", doc.category, "category_name")
    if doc.grade:
        found[f"grade:{doc.grade}"] = frappe.get_cached_value("Adverse Event Grade", doc.grade, "grade_name")
    if doc.harm_level:
        found[f"harm:{doc.harm_level}"] = frappe.get_cached_value("Harm Level", doc.harm_level, "definition")
    if doc.place:
        found[doc.place] = frappe.db.get_value("Dictionary Item", doc.place, "item_name")
    return found


def _date(value: Any) -> date | None:
    return getdate(value) if value else None
