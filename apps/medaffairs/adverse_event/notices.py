"""Who is told of an event, when: those whose turn it is, at once and again; the reporter of every state and of what was changed."""

from __future__ import annotations

import hashlib
from typing import Any

import frappe
from frappe.utils import cint, now_datetime

from medaffairs.adverse_event import people, reporting, rules
from medaffairs.approval import engine
from medaffairs.messaging import outbox
from medaffairs.organization import deadlines

DOCTYPE = reporting.DOCTYPE
MINE = "/medaffairs/my-events"
TASK, URGENT, PROGRESS, RETURNED, JOINT = (
    "EVENT_REPORTED", "EVENT_URGENT", "EVENT_PROGRESS", "EVENT_RETURNED", "EVENT_JOINT",
)  # fmt: skip
# A report that nobody was told of after so many minutes lost its job with the worker.
FORGOTTEN_MINUTES = 5


def announce(name: str) -> None:
    """Starts the clocks of a new report, tells those whose turn it is and looks for others like it.

    A job, so that who reports need not wait for it; a second run changes nothing.
    """
    doc = frappe.get_doc(DOCTYPE, name)
    if doc.announced_at:
        return
    deadlines.follow(doc)
    alike = lookalikes(doc)
    if alike:
        frappe.db.set_value(DOCTYPE, name, "possible_duplicate", alike[0]["name"], update_modified=False)
    # The job runs for the reporter, who may well be the one whose turn it is.
    tell_handlers(doc, "reported", but="")
    frappe.db.set_value(DOCTYPE, name, "announced_at", now_datetime(), update_modified=False)


def announce_forgotten() -> int:
    """Every five minutes: reports whose job was lost are announced; how many."""
    before = frappe.utils.add_to_date(now_datetime(), minutes=-FORGOTTEN_MINUTES)
    names = frappe.get_all(
        DOCTYPE,
        filters={"workflow_state": rules.REPORTED, "announced_at": ("is", "not set"), "reported_at": ("<", before)},
        pluck="name", limit_page_length=100,
    )  # fmt: skip
    for name in names:
        announce(name)
    return len(names)


def lookalikes(doc: Any) -> list[dict[str, Any]]:
    """Reports of the same days that look like one, the most alike first: `name`, `subject`, `points`, `alike`."""
    window = rules.WINDOW_HOURS
    times = [frappe.utils.add_to_date(doc.occurred_at, hours=hours) for hours in (-window, window)]
    rows = frappe.get_all(
        DOCTYPE,
        filters={"occurred_at": ("between", times), "name": ("!=", doc.name), "workflow_state": ("!=", rules.WITHDRAWN)},
        fields=["name", "subject", "occurred_at", "category", "department", "place", "patient", "workflow_state"],
        limit_page_length=500,
    )  # fmt: skip
    found = rules.duplicates(_likely(doc), (_likely(row) for row in rows))
    subjects = {row.name: row for row in rows}
    return [
        {"name": row.name, "subject": subjects[row.name].subject, "occurred_at": str(row.occurred),
         "workflow_state": subjects[row.name].workflow_state, "points": points, "alike": alike}
        for row, points, alike in found[:5]
    ]  # fmt: skip


def _likely(row: Any) -> rules.Likely:
    return rules.Likely(
        row.name,
        frappe.utils.get_datetime(row.occurred_at),
        row.category,
        row.department,
        row.place or "",
        row.patient or "",
    )


def tell_handlers(doc: Any, key: str, but: str | None = None) -> None:
    """Tells those whose turn it is; of a grave event also the heads and the office, at once and until they have read it.

    :param but: who knows already; None: whoever is signed in
    """
    urgent = (
        bool(cint(frappe.get_cached_value("Adverse Event Grade", doc.grade, "fast_track")))
        if doc.grade
        else False
    )
    users = people.handlers(doc)
    if urgent:
        users = [
            *users,
            *people.heads(doc.department),
            *people.managers(doc.managing_department),
            *engine.users_with(people.OFFICE),
        ]
    _send(
        URGENT if urgent else TASK,
        doc,
        [user for user in users if user != (frappe.session.user if but is None else but)],
        key,
    )


def step_taken(doc: Any, action: str, words: str) -> None:
    """What follows a step: what was asked before is taken back, the next are told, and the reporter."""
    outbox.withdraw(f"event|{doc.name}")
    turn = frappe.db.count("Approval Opinion", {"reference_doctype": DOCTYPE, "reference_name": doc.name})
    if doc.workflow_state in rules.HANDLED:
        tell_handlers(doc, f"{action}|{turn}")
    if action not in ("Resubmit", "Withdraw"):
        tell_reporter(doc, action, words, turn)


def tell_reporter(doc: Any, action: str, words: str, turn: int) -> None:
    """Tells the reporter of the state and, in the end, of what was changed. Of a hidden one no message shows the event's number."""
    user = reporting.reporter_of(doc)
    if not user or user == frappe.session.user:
        return
    shown = words if action in ("Return", "Archive", "Decline") else ""
    private = {"subject": doc.subject, "words": _quoted(shown)}
    if action != "Return":
        private["state"] = frappe._(doc.workflow_state, context=DOCTYPE)
    hidden = doc.identity == rules.PROTECTED
    key = f"event|{doc.name}|{action}|{turn}"
    outbox.send(
        RETURNED if action == "Return" else PROGRESS, [user], {}, private=private,
        reference=None if hidden else (DOCTYPE, doc.name), route=MINE,
        key=f"own|{hashlib.sha256(key.encode()).hexdigest()[:24]}" if hidden else f"own|{key}",
    )  # fmt: skip


def joint_asked(doc: Any, department: str, question: str) -> None:
    """Tells a department that it was asked to handle an event together."""
    users = list(dict.fromkeys([*people.heads(department), *_managing(department)]))
    _send(JOINT, doc, users, f"joint|{department}|{len(doc.joint)}", question=question)


def joint_replied(doc: Any, department: str) -> None:
    """Tells those whose turn it is that a department has replied."""
    tell_handlers(doc, f"replied|{department}|{len(doc.joint)}")


def _quoted(words: str) -> str:
    """Somebody's words as such: they may be the very words of the message's title, which is no secret."""
    return f"「{words}」" if words else ""


def _managing(department: str) -> list[str]:
    return [user for user in people.managers(department) if people.speaks_for(department, user)]


def _send(template: str, doc: Any, users: list[str], key: str, **more: str) -> None:
    grade = frappe.get_cached_value("Adverse Event Grade", doc.grade, "grade_name") if doc.grade else ""
    private = {
        "subject": doc.subject, "grade": grade or "", "state": frappe._(doc.workflow_state, context=DOCTYPE),
        "due": frappe.format(doc.due_at, "Datetime") if doc.due_at else frappe._("no limit"),
    }  # fmt: skip
    outbox.send(
        template, users,
        {"number": doc.name}, private=private | {name: _quoted(text) for name, text in more.items()}, reference=(DOCTYPE, doc.name),
        route=f"/medaffairs/event/{doc.name}", key=f"event|{doc.name}|{key}",
    )  # fmt: skip
