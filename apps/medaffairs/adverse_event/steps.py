"""An event on its way: head of department → managing department → analysis → office → archive, or straight to the managing department.

Frappe's workflow holds states and roles; who may take a step on *this* event, what it needs and what follows is here. What a hidden
reporter does is done by nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import frappe
from frappe.utils import cint, getdate, now_datetime

from medaffairs.adverse_event import clocks, notices, people, reporting, rules
from medaffairs.approval import engine, guard, handling
from medaffairs.approval.handling import Step

DOCTYPE = reporting.DOCTYPE
SYSTEM = "Administrator"
STEPS = {
    "Forward": Step((rules.REPORTED,)),
    "Accept": Step((rules.REPORTED, rules.MANAGING)),
    "Hand In": Step((rules.ANALYSIS,)),
    "Archive": Step((rules.REPORTED, rules.MANAGING, rules.FINAL), words=True),
    "Resubmit": Step((rules.RETURNED,), words=True),
    "Return": Step((rules.REPORTED, rules.MANAGING, rules.ANALYSIS), words=True),
    "Send Back": Step((rules.FINAL,), words=True),
    "Transfer": Step(rules.HANDLED, words=True),
    "Decline": Step((rules.REPORTED, rules.MANAGING), words=True),
    "Withdraw": Step((rules.REPORTED, rules.RETURNED)),
    "Reopen": Step((rules.ARCHIVED,), words=True),
}
REPORTERS_OWN = ("Resubmit", "Withdraw")
# A grave event is not closed without its analysis.
SHORT_WAY_GRADES = ("III", "IV")
LONGEST_WORDS = 2_000


def possible(doc: Any, user: str) -> list[str]:
    """The steps that a user may take now."""
    return handling.possible(doc, STEPS, _may, user)


def take(name: str, action: str, words: str = "", department: str = "", seen: str = "") -> Any:
    """Takes a step.

    :param words: the opinion, the reason, or with *Archive* what was changed
    :param department: with *Transfer*: the new managing department
    :param seen: the state that whoever asks has before him; empty: whatever it is
    :raises frappe.PermissionError: when it is not this user's to take
    :raises frappe.ValidationError: when it is not possible now, lacks its words, or the event is in another state meanwhile
    """
    doc = opened(name)
    _check_seen(doc, seen)
    words = handling.checked(doc, STEPS, _may, action, words)
    check_length(words)
    if action in REPORTERS_OWN:
        return by_reporter(doc, action, words)
    _needs(doc, action)
    _note(doc, action, words, department)
    return _moved(doc, action, words, _principal(doc, frappe.session.user))


def by_reporter(doc: Any, action: str, words: str) -> Any:
    """A step of the reporter, whoever he is: of a hidden one nobody's name is kept."""
    _note(doc, action, words, "")
    if doc.identity == rules.OPEN:
        return _moved(doc, action, words, SYSTEM)
    with reporting.nobody():
        return _moved(doc, action, words, SYSTEM)


def opened(name: str) -> Any:
    """An event, for whoever is going to change it: nobody else does meanwhile."""
    return frappe.get_doc(DOCTYPE, name, for_update=True)


def changed(name: str, seen: str, allowed: Callable[[Any, str], bool], change: Callable[[Any], None]) -> Any:
    """Changes an event between two steps: its handlers' work on it.

    :param seen: when whoever asks last saw it change (`modified`); empty: whatever it was
    :param allowed: whether a user may do it to this event
    :raises frappe.PermissionError: when it is not this user's to change
    :raises frappe.TimestampMismatchError: when somebody else has changed it meanwhile
    """
    doc = opened(name)
    if not allowed(doc, frappe.session.user):
        frappe.throw(frappe._("This step is not yours to decide"), frappe.PermissionError)
    if seen and str(doc.modified) != seen:
        frappe.throw(
            frappe._(
                "Somebody else has changed the event meanwhile; your words are kept. Please load it again."
            ),
            frappe.TimestampMismatchError,
        )
    change(doc)
    doc.flags.ignore_permissions = True
    with guard.stepping(doc):
        doc.save()
    return doc


def check_length(words: str) -> None:
    """Words of a step are a paragraph, not a book.

    :raises frappe.ValidationError: when they are longer
    """
    if len(words) > LONGEST_WORDS:
        row = rules.amiss(
            "words", "Opinion", "has {0} characters; at most {1} are possible", len(words), LONGEST_WORDS
        )
        frappe.throw(reporting.say(row))


def _check_seen(doc: Any, seen: str) -> None:
    if seen and seen != doc.workflow_state:
        frappe.throw(
            frappe._("The event is in the state {0} meanwhile; please load it again").format(
                frappe._(doc.workflow_state, context=DOCTYPE)
            ),
            frappe.TimestampMismatchError,
        )


def _may(doc: Any, user: str, action: str) -> bool:
    if action in REPORTERS_OWN:
        return user == reporting.reporter_of(doc)
    if action == "Reopen":
        return "Medical Affairs Manager" in frappe.get_roles(user)
    if action in ("Archive", "Accept", "Decline") and doc.workflow_state == rules.REPORTED:
        return doc.route == rules.DIRECT and people.handles(doc, user)
    if action == "Forward" and doc.route != rules.STEPWISE:
        return False
    if action == "Archive" and doc.workflow_state != rules.FINAL and not _short_way(doc):
        return False
    if action == "Transfer" and doc.workflow_state == rules.REPORTED and doc.route == rules.STEPWISE:
        return people.is_office(user)
    return people.handles(doc, user)


def _short_way(doc: Any) -> bool:
    return cint(doc.near_miss) or (doc.grade in SHORT_WAY_GRADES)


def _principal(doc: Any, user: str) -> str:
    """In whose place a step is taken: one's own, or of whoever has handed his part over."""
    if people.is_office(user) or user in people.handlers(doc):
        return user
    return next((other for other in engine.delegators(user, DOCTYPE) if other in people.handlers(doc)), user)


def _needs(doc: Any, action: str) -> None:
    if action == "Hand In":
        reporting.refuse(
            rules.analysis_faults(
                bool(cint(doc.rca_required)),
                [row.as_dict() for row in doc.causes],
                doc.analysis or "",
                bool(actions_of(doc)),
            )
        )
    if action == "Archive" and doc.workflow_state == rules.FINAL:
        open_ones = [
            row.name for row in actions_of(doc) if row.workflow_state not in ("Improved", "Called Off")
        ]
        if open_ones:
            frappe.throw(frappe._("Improvement actions are still open: {0}").format("、".join(open_ones)))


def _note(doc: Any, action: str, words: str, department: str) -> None:
    now = now_datetime()
    if action == "Accept":
        doc.accepted_at = now
    elif action == "Return":
        doc.return_reason = words
    elif action == "Resubmit":
        doc.supplement = "\n".join(filter(None, (doc.supplement, words)))
    elif action == "Transfer":
        if not frappe.db.exists("Clinical Department", department):
            frappe.throw(reporting.say(rules.amiss("department", "Managing Department", "is missing")))
        doc.managing_department = department
    elif action == "Hand In":
        doc.analysed_at = now
    elif action == "Archive":
        doc.change_made, doc.archived_at = words, now
    elif action in ("Decline", "Withdraw"):
        doc.closing_reason = words
    elif action == "Reopen":
        doc.archived_at = None


def _moved(doc: Any, action: str, words: str, principal: str) -> Any:
    moved = engine.move(doc, action, words, principal)
    notices.step_taken(moved, action, words)
    return moved


def actions_of(doc: Any) -> list[Any]:
    """The improvement actions of an event."""
    return frappe.get_all(
        "Improvement Action",
        filters={"source_doctype": DOCTYPE, "source_name": doc.name},
        fields=["name", "problem", "department", "due_date", "workflow_state", "closed_at"],
        order_by="name",
    )


def classify(name: str, values: dict[str, Any], seen: str = "") -> Any:
    """Corrects category, grade or harm of an event; route, department and clocks follow. By its handlers.

    :raises frappe.ValidationError: for a category, grade or harm level that there is none of
    """

    def change(doc: Any) -> None:
        for field, (label, doctype) in reporting.LINKS.items():
            if field in values and field != "department":
                if values[field] and not frappe.db.exists(doctype, values[field]):
                    reporting.refuse([rules.amiss(field, label, "there is no {0}", values[field])])
                doc.set(field, values[field] or doc.get(field))
        category = frappe.get_cached_doc("Adverse Event Category", doc.category)
        if doc.has_value_changed("category"):
            doc.managing_department, doc.route = category.managing_department, category.route
        doc.subject = rules.subject_of(category.category_name, doc.description)
        doc.rca_required = cint(frappe.get_cached_value("Adverse Event Grade", doc.grade, "fast_track"))
        clocks.judge(doc)

    before = frappe.db.get_value(DOCTYPE, name, "grade")
    doc = changed(name, seen, _at_work, change)
    if doc.grade != before and cint(doc.rca_required):
        notices.tell_handlers(doc, f"grade|{doc.grade}")
    return doc


def save_analysis(name: str, values: dict[str, Any], seen: str = "") -> Any:
    """Keeps an analysis: fishbone, 5-why chains, conclusion.

    :raises frappe.ValidationError: for a chain that leaves out a level, or a cause without its kind
    """

    def change(doc: Any) -> None:
        causes, whys = values.get("causes") or [], values.get("whys") or []
        found = rules.text_faults(values, {"analysis": ("Conclusion of the Analysis", rules.LONGEST_TEXT)})
        found += rules.why_faults(whys)
        kinds = set(frappe.get_all("Dictionary Item", filters={"dictionary": "CAUSE_KIND"}, pluck="name"))
        for number, row in enumerate(causes, 1):
            if row.get("kind") not in kinds or not str(row.get("cause") or "").strip():
                found.append(rules.amiss("causes", "Causes", "row {0} needs its kind and its words", number))
        reporting.refuse(found)
        doc.set("causes", [])
        doc.set("whys", [])
        for row in causes:
            doc.append(
                "causes", {key: row.get(key) or None for key in ("kind", "factor", "cause", "is_root")}
            )
        for row in whys:
            doc.append(
                "whys", {key: row.get(key) or None for key in ("chain", "level", "question", "answer")}
            )
        doc.analysis = values.get("analysis") or ""

    return changed(
        name,
        seen,
        lambda doc, user: doc.workflow_state == rules.ANALYSIS and people.handles(doc, user),
        change,
    )


def ask_jointly(name: str, department: str, question: str) -> Any:
    """Asks another department to handle an event together; its head and managers are told.

    :raises frappe.ValidationError: for a department that there is none of, or that was asked already
    """
    check_length(question)

    def change(doc: Any) -> None:
        if not frappe.db.exists("Clinical Department", department):
            reporting.refuse([rules.amiss("department", "Department", "is missing")])
        if not question.strip():
            reporting.refuse([rules.amiss("question", "Question", "is missing")])
        if any(row.department == department and not row.replied_at for row in doc.joint):
            frappe.throw(frappe._("This department has been asked already"))
        doc.append(
            "joint",
            {
                "department": department,
                "question": question.strip(),
                "asked_by": frappe.session.user,
                "asked_at": now_datetime(),
            },
        )

    doc = changed(name, "", _at_work, change)
    notices.joint_asked(doc, department, question)
    return doc


def reply_jointly(name: str, reply: str) -> Any:
    """Replies for a department that was asked to handle an event together.

    :raises frappe.ValidationError: without words, or when nothing was asked of the user's department
    """
    check_length(reply)
    if not reply.strip():
        reporting.refuse([rules.amiss("reply", "Reply", "is missing")])
    asked: list[Any] = []

    def change(doc: Any) -> None:
        row = next(
            row
            for row in doc.joint
            if not row.replied_at and people.speaks_for(row.department, frappe.session.user)
        )
        row.update({"reply": reply.strip(), "replied_by": frappe.session.user, "replied_at": now_datetime()})
        asked.append(row)

    doc = changed(name, "", lambda doc, user: bool(open_questions(doc, user)), change)
    notices.joint_replied(doc, asked[0].department)
    return doc


def open_questions(doc: Any, user: str) -> list[Any]:
    """What was asked of the departments for which a user speaks."""
    if doc.workflow_state not in rules.HANDLED:
        return []
    return [row for row in doc.joint if not row.replied_at and people.speaks_for(row.department, user)]


def note_external(name: str, day: str, number: str) -> Any:
    """Notes when an event was reported to the authorities, and under which number.

    :raises frappe.ValidationError: for a day that is to come
    """

    def change(doc: Any) -> None:
        if getdate(day) > getdate():
            reporting.refuse([rules.amiss("day", "Reported to Authorities On", "must not lie in the future")])
        doc.external_reported_on, doc.external_number = getdate(day), number.strip()[: rules.LONGEST_LINE]

    return changed(name, "", lambda doc, user: people.is_office(user) or people.handles(doc, user), change)


def _at_work(doc: Any, user: str) -> bool:
    return doc.workflow_state in rules.HANDLED and people.handles(doc, user)
