"""How a report comes in: checked as a whole, filled from clinical facts, written once however often it is sent.

One door for all reports, so that a hidden reporter leaves the same traces as anybody else: none. Whoever reports with protected
identity or anonymously is written down as Guest, from the report to its files, its rows and the opinions on it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

import frappe
from frappe.utils import cint, cstr, get_datetime, getdate, now_datetime

from medaffairs.adverse_event import clocks, files, rules
from medaffairs.adverse_event.rules import Fault, amiss
from medaffairs.approval import engine
from medaffairs.forms import answers as forms
from medaffairs.forms import rules as form_rules
from medaffairs.forms import templates
from medaffairs.permissions import EVERYBODY

DOCTYPE, HOLDER = "Adverse Event Report", "Event Reporter"
NOBODY = "Guest"
REPORTERS = frozenset(EVERYBODY) | {"Medical Affairs Manager"}
STAFF_PARTS = ("Concerned", "Discoverer", "Involved in the Response")
# What a reporter says: its label and how long it may be.
TEXTS = {
    "description": ("What Happened", rules.LONGEST_TEXT),
    "measures": ("Measures Taken", rules.LONGEST_TEXT),
    "suggestion": ("Suggestion", 2_000),
    "place_detail": ("Exact Place", rules.LONGEST_LINE),
    "visit_no": ("Medical Record Number", rules.LONGEST_LINE),
    "subtype": ("Subtype", rules.LONGEST_LINE),
}
LINKS = {
    "category": ("Category", "Adverse Event Category"),
    "department": ("Department", "Clinical Department"),
    "place": ("Place", "Dictionary Item"),
    "grade": ("Grade", "Adverse Event Grade"),
    "harm_level": ("Harm Level", "Harm Level"),
}


class Checked(NamedTuple):
    """A report that may be written, or what is wrong with it."""

    values: dict[str, Any]
    staff: list[dict[str, str]]
    uploads: list[files.Upload]
    faults: list[Fault]
    answers: Mapping[str, Any] | None = None


def may_report(user: str) -> bool:
    """Whether a user works in this hospital: everybody who does may report."""
    return user == "Administrator" or bool(REPORTERS & set(frappe.get_roles(user)))


def check(
    values: Mapping[str, Any],
    identity: str,
    attached: Iterable[Mapping[str, Any]] = (),
    answers: Mapping[str, Any] | None = None,
) -> Checked:
    """Checks a report as a whole: every fault at once, each with its field.

    :param answers: of the category's form; None when it is filled in later
    """
    found: list[Fault] = []
    kept: dict[str, Any] = {"near_miss": cint(values.get("near_miss"))}
    if identity not in rules.IDENTITIES:
        found.append(amiss("identity", "Reporter's Identity", "{0} is not possible", identity))
    found += rules.text_faults(values, TEXTS)
    kept |= {field: cstr(values.get(field)).strip() or None for field in TEXTS}
    if not kept["description"]:
        found.append(amiss("description", "What Happened", "is missing"))
    found += _check_links(values, kept)
    kept["occurred_at"] = _moment(values.get("occurred_at"), found)
    staff = _check_staff(values.get("staff") or [], found)
    found += _fill_category(kept, answers)
    found += _fill_patient(kept)
    uploads, wrong = files.checked(attached, identity)
    found += wrong
    if answers is not None:
        found += _check_form(kept.get("form_code"), answers, identity)
    return Checked(kept, staff, uploads, found, answers)


def refuse(faults: Iterable[Fault]) -> None:
    """Throws what is wrong, a line for each field.

    :raises frappe.ValidationError: when something is
    """
    lines = [say(row) for row in faults]
    if lines:
        frappe.throw("\n".join(lines), title=frappe._("The report is not complete"))


def say(row: Fault) -> str:
    """A fault in the reader's language: the field's label, then what is wrong with it."""
    values = [
        frappe.format(value, "Datetime") if isinstance(value, datetime) else cstr(value)
        for value in row.values
    ]
    said = frappe._(row.sentence).format(*values)
    return frappe._("{0}: {1}").format(frappe._(row.label, context=DOCTYPE), said)


def submit(
    values: Mapping[str, Any],
    identity: str,
    key: str,
    attached: Iterable[Mapping[str, Any]] = (),
    answers: Mapping[str, Any] | None = None,
) -> Any:
    """Writes the report of a person who is signed in; a second call with the same key returns the first's.

    :param key: made by whoever sends, once for every report
    :raises frappe.ValidationError: for a report that is not complete; nothing is written then
    :raises frappe.PermissionError: for somebody who does not work here
    """
    user = frappe.session.user
    if not may_report(user):
        frappe.throw(frappe._("Only people who work in this hospital report events"), frappe.PermissionError)
    if identity == rules.ANONYMOUS:
        frappe.throw(frappe._("Anonymous reports have a door of their own"), frappe.PermissionError)
    if not 16 <= len(key) <= rules.LONGEST_LINE:
        frappe.throw(frappe._("The report was sent without its key; please reload the page"))
    kept_key = hashlib.sha256(f"{user}|{key}".encode()).hexdigest()
    if known := _known({"request_key": kept_key}):
        return known
    checked = check(values, identity, attached, answers)
    refuse(checked.faults)
    checked.values["request_key"] = kept_key
    if identity == rules.OPEN:
        checked.values["reporter_name"] = name_of(user)
        return _written(checked, identity)
    with nobody():
        doc = _written(checked, identity)
        frappe.get_doc(doctype=HOLDER, report=doc.name, reporter=user, reporter_name=name_of(user)).insert(
            ignore_permissions=True
        )
    return doc


def submit_anonymously(
    values: Mapping[str, Any],
    code: str,
    attached: Iterable[Mapping[str, Any]] = (),
    answers: Mapping[str, Any] | None = None,
) -> Any:
    """Writes a report of which nobody knows whose it is; a second call with the same code returns the first's.

    :param code: the tracking code that the reporter's own screen has made; only what it was made into is kept
    :raises frappe.ValidationError: for a report that is not complete, or a code that is none
    """
    tracking_key = rules.key_of(code)
    if not tracking_key:
        frappe.throw(frappe._("The report was sent without its key; please reload the page"))
    if known := _known({"tracking_key": tracking_key}):
        return known
    checked = check(values, rules.ANONYMOUS, attached, answers)
    refuse(checked.faults)
    checked.values["tracking_key"] = tracking_key
    with nobody():
        return _written(checked, rules.ANONYMOUS)


@contextmanager
def nobody() -> Iterator[None]:
    """What is written inside belongs to nobody."""
    with engine.acting_as(NOBODY):
        yield


def name_of(user: str) -> str:
    """What a user is called."""
    return cstr(
        frappe.db.get_value("Practitioner", {"user": user}, "practitioner_name")
        or frappe.db.get_value("User", user, "full_name")
        or user
    )


def reporter_of(doc: Any) -> str:
    """The user who has reported an event; empty when nobody can know it. For what the system does, not for anybody's eyes."""
    if doc.identity == rules.ANONYMOUS:
        return ""
    if doc.identity == rules.PROTECTED:
        return cstr(frappe.db.get_value(HOLDER, {"report": doc.name}, "reporter"))
    return cstr(doc.owner)


def _known(key: Mapping[str, str]) -> Any:
    name = frappe.db.get_value(DOCTYPE, key)
    return frappe.get_doc(DOCTYPE, name) if name else None


def _written(checked: Checked, identity: str) -> Any:
    doc = frappe.get_doc({"doctype": DOCTYPE, **checked.values, "identity": identity, "staff": checked.staff})
    doc.reported_at = now_datetime()
    clocks.judge(doc)
    doc.flags.reporting = True
    # A report has no history before it is handled, and a hidden one none that begins with its reporter.
    doc.flags.ignore_version = True
    # Whoever brings a report in by this door has shown that he works here.
    doc.insert(ignore_permissions=True)
    files.attach(doc, checked.uploads)
    _keep_answers(doc, checked.answers)
    frappe.enqueue(
        "medaffairs.adverse_event.notices.announce", queue="short", enqueue_after_commit=True, name=doc.name
    )
    return doc


def form_of(code: str | None) -> Any:
    """The form that is filled in for a category; None when no version of it is in force."""
    known = code and frappe.db.exists(templates.DOCTYPE, {"form_code": code, "status": form_rules.IN_FORCE})
    return templates.in_force(code) if known else None


def _check_form(code: str | None, given: Mapping[str, Any], identity: str) -> list[Fault]:
    form = form_of(code)
    if not form:
        return []
    return _blamed(form_rules.read(form, dict(given), now_datetime(), True).faults, identity)


def _blamed(faults: Iterable[Any], identity: str) -> list[Fault]:
    """What of a form's faults keeps a report back. Without a name nobody looks up people: what that leaves out is not missed."""
    return [_of_form(row) for row in faults if not (row.missing and identity == rules.ANONYMOUS)]


def _of_form(row: Any) -> Fault:
    return amiss(f"form.{row.code}", row.label, row.message, *row.arguments)


def _keep_answers(doc: Any, given: Mapping[str, Any] | None) -> None:
    """Keeps the answers of the category's form with the report; who hides there hides here."""
    if given is None or not form_of(doc.form_code):
        return
    response = forms.open(doc.form_code, DOCTYPE, doc.name, anonymous=doc.identity != rules.OPEN)
    refuse(_blamed(forms.save(response, dict(given), complete=True), doc.identity))
    doc.db_set("form_response", response, update_modified=False)


def _check_links(values: Mapping[str, Any], kept: dict[str, Any]) -> list[Fault]:
    found = []
    for field, (label, doctype) in LINKS.items():
        name = cstr(values.get(field)).strip()
        kept[field] = name or None
        if name and not frappe.db.exists(doctype, name[: rules.LONGEST_LINE]):
            found.append(amiss(field, label, "there is no {0}", name[:40]))
            kept[field] = None
        elif not name and field in ("category", "department"):
            found.append(amiss(field, label, "is missing"))
    return found


def _moment(value: Any, found: list[Fault]) -> datetime | None:
    try:
        moment = get_datetime(value) if value else None
    except (ValueError, TypeError, OverflowError):
        found.append(amiss("occurred_at", "Occurred At", "{0} is no time", cstr(value)[:40]))
        return None
    found += rules.time_faults(moment, now_datetime())
    return moment


def _check_staff(rows: Iterable[Mapping[str, Any]], found: list[Fault]) -> list[dict[str, str]]:
    staff: list[dict[str, str]] = []
    seen: set[str] = set()
    rows = list(rows)
    if len(rows) > rules.MOST_ROWS:
        found.append(amiss("staff", "Staff", "at most {0} are possible", rules.MOST_ROWS))
        return []
    for number, row in enumerate(rows, 1):
        given = cstr(row.get("practitioner")).strip()
        person = frappe.db.get_value(
            "Practitioner", given[: rules.LONGEST_LINE],
            ["name", "practitioner_name", "department"], as_dict=True,
        ) if given else None  # fmt: skip
        if not person:
            found.append(amiss("staff", "Staff", "row {0}: {1} is not on the staff list", number, given[:40]))
            continue
        part = cstr(row.get("part")) or STAFF_PARTS[0]
        if part not in STAFF_PARTS:
            found.append(amiss("staff", "Staff", "row {0}: {1} is not possible", number, part[:40]))
        elif person.name not in seen:
            seen.add(person.name)
            staff.append({"practitioner": person.name, "practitioner_name": person.practitioner_name,
                          "department": person.department, "part": part})  # fmt: skip
    return staff


def _fill_category(kept: dict[str, Any], answers: Mapping[str, Any] | None) -> list[Fault]:
    """What follows from the category: route, managing department, form, grade."""
    if not kept["category"]:
        return []
    category = frappe.get_cached_doc("Adverse Event Category", kept["category"])
    if category.disabled:
        return [amiss("category", "Category", "{0} is not in use any more", category.category_name)]
    if (
        not kept["subtype"]
        and answers
        and answers.get("subtype") in {row.subtype for row in category.subtypes}
    ):
        kept["subtype"] = answers["subtype"]
    if kept["subtype"] and kept["subtype"] not in {row.subtype for row in category.subtypes}:
        return [amiss("subtype", "Subtype", "there is no {0}", kept["subtype"])]
    special = {row.harm_level: row.grade for row in category.grade_rules}
    usual = dict(frappe.get_all("Harm Level", fields=["name", "grade"], as_list=True))
    by_harm = rules.grade_for(kept["harm_level"] or "", usual, special, bool(kept["near_miss"]))
    kept["grade"] = kept["grade"] or by_harm or None
    if not kept["grade"]:
        return [amiss("grade", "Grade", "is missing")]
    kept |= {
        "route": category.route, "managing_department": category.managing_department,
        "form_code": None if kept["near_miss"] else category.form_code,
        "rca_required": cint(frappe.get_cached_value("Adverse Event Grade", kept["grade"], "fast_track")),
        "subject": rules.subject_of(category.category_name, kept["description"] or ""),
    }  # fmt: skip
    return []


def _fill_patient(kept: dict[str, Any]) -> list[Fault]:
    """What the clinical facts know of the patient; nothing of it is typed."""
    number = kept["visit_no"] or ""
    stay = stay_of(number)
    needed = bool(
        kept["category"]
        and not kept["near_miss"]
        and cint(frappe.get_cached_value("Adverse Event Category", kept["category"], "patient_needed"))
    )
    known = rules.Stay(_time(stay.admitted_at), _time(stay.discharged_at)) if stay else None
    found = rules.stay_faults(number, known, kept["occurred_at"], needed)
    if found or not stay:
        return found
    person = (
        frappe.db.get_value(
            "Patient Index", stay.patient, ["patient_name", "gender", "birth_date"], as_dict=True
        )
        or frappe._dict()
    )
    day = kept["occurred_at"].date() if kept["occurred_at"] else getdate()
    kept |= {
        "hospital_stay": stay.name, "patient": stay.patient, "patient_name": person.patient_name, "gender": person.gender,
        "age": rules.age_at(getdate(person.birth_date) if person.birth_date else None, day),
        "bed": stay.bed, "diagnosis": stay.diagnosis, "attending": stay.attending,
    }  # fmt: skip
    return []


def stay_of(number: str) -> Any:
    """The stay with a medical record number, or None."""
    if not number:
        return None
    fields = [
        "name",
        "patient",
        "department",
        "bed",
        "attending",
        "admitted_at",
        "discharged_at",
        "diagnosis",
    ]
    return frappe.db.get_value(
        "Hospital Stay",
        {"visit_no": number[: rules.LONGEST_LINE], "status": ("!=", "Cancelled")},
        fields,
        as_dict=True,
    )


def _time(value: Any) -> datetime | None:
    return get_datetime(value) if value else None
