"""The one clock: which limits run for a document, where they stand, who is told before, at and after their end.

A document takes part when its class has `deadline_people(clock)`, which names the users who owe it. Its controller calls
`follow` in `on_update` and `forget` in `on_trash`; everything else is a row of `Handling Time Limit`. What follows from row
and document is derived anew each time, so that a second call changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

import frappe
from frappe.utils import flt, get_datetime, getdate, now_datetime

from medaffairs.organization import clock, deadline_rules
from medaffairs.organization.deadline_rules import FINISHED, PAUSED, Course, Marks, Terms, Trigger

DOCTYPE, LIMIT = "Deadline", "Handling Time Limit"
TEMPLATES = {
    deadline_rules.SOON: "DEADLINE_SOON",
    deadline_rules.DUE: "DEADLINE_DUE",
    deadline_rules.OVERDUE: "DEADLINE_OVERDUE",
    deadline_rules.ESCALATED: "DEADLINE_ESCALATED",
}
#: Roles that everybody in the hospital's departments has for his own department alone.
OF_DEPARTMENT = {"Department Head": "head", "Party Branch Secretary": "party_secretary"}
# So few that the transaction of one run keeps nobody else waiting.
BATCH = 200
LIMIT_FIELDS = (
    "name", "state", "limit_value", "unit", "basis", "starts_with", "ends_with", "end_states", "due_with", "paused_states",
    "paused_with", "condition_field", "condition_value", "remind_before", "escalate_after",
)  # fmt: skip


def takes_part(doc: Any) -> bool:
    """Whether limits run for a document: its class says who owes it."""
    return hasattr(doc, "deadline_people")


def follow(doc: Any) -> None:
    """Starts, pauses, resumes and ends the clocks of a document as its state and its fields say.

    The first end of those that run is written to the document's `due_at`, if it has that field.
    """
    works = clock.working_days()
    now = now_datetime()
    known = {row.clock: row for row in _open_rows(doc)}
    for limit in limits_of(doc.doctype):
        trigger = _trigger(limit)
        found = deadline_rules.course(trigger, _state(doc), doc.as_dict(), _moment)
        row = known.pop(limit.name, None)
        _drive(doc, limit, trigger, found, row, works, now)
    for row in known.values():
        _finish(row, now)
    _note_due(doc)


def forget(doc: Any) -> None:
    """Removes the clocks of a document that is deleted."""
    for name in frappe.get_all(DOCTYPE, filters=_of(doc), pluck="name"):
        frappe.delete_doc(DOCTYPE, name, ignore_permissions=True, force=True)


def limits_of(doctype: str) -> list[Any]:
    """The limits of the hospital's table that may run for documents of a type."""
    return frappe.get_all(
        LIMIT, filters={"document_type": doctype, "disabled": 0}, fields=list(LIMIT_FIELDS), order_by="name"
    )


def clocks_of(doctype: str, name: str) -> list[dict[str, Any]]:
    """The clocks of a document, running ones first, each with where it stands now and by which rule it runs."""
    rows = frappe.get_all(
        DOCTYPE, filters={"reference_doctype": doctype, "reference_name": name},
        fields=["name", "clock", "status", "started_at", "soon_at", "due_from", "due_at", "escalate_at", "finished_at", "late", "paused_at"],
        order_by="due_at asc, name asc",
    )  # fmt: skip
    bases = {
        row.name: row
        for row in frappe.get_all(LIMIT, filters={"document_type": doctype}, fields=["name", "basis", "certainty", "limit_value", "unit"])
    }  # fmt: skip
    now = now_datetime()
    for row in rows:
        row.status = current_status(row, now)
        basis = bases.get(row.clock) or {}
        row.update({key: basis.get(key) for key in ("basis", "certainty", "limit_value", "unit")})
    return sorted(rows, key=lambda row: row.status == FINISHED)


def current_status(row: Any, now: datetime) -> str:
    """Where a clock stands now; its row says where it stood when somebody was told last."""
    if row.status in (PAUSED, FINISHED):
        return row.status
    return deadline_rules.standing(_marks_of(row), now)


def is_late(doc: Any, field: str) -> bool:
    """Whether the clock that a field of a document ends is over now, before the field has its value."""
    ending = [
        limit.name
        for limit in limits_of(doc.doctype)
        if field in (limit.ends_with or "").replace(" ", "").split(",")
    ]
    rows = [row for row in _open_rows(doc) if row.clock in ending and not row.paused_at]
    return any(get_datetime(row.due_at) <= now_datetime() for row in rows)


def owed_by(user: str, most: int = 200) -> list[dict[str, Any]]:
    """What a user owes, the earliest end first: clocks that run for him, each with where it stands now."""
    deadline, person = frappe.qb.DocType(DOCTYPE), frappe.qb.DocType("Deadline Person")
    rows = (
        frappe.qb.from_(deadline)
        .join(person)
        .on(person.parent == deadline.name)
        .select(
            deadline.name, deadline.clock, deadline.status, deadline.reference_doctype, deadline.reference_name,
            deadline.soon_at, deadline.due_from, deadline.due_at, deadline.escalate_at, deadline.started_at,
        )
        .where((person.user == user) & (deadline.status.isin(deadline_rules.RUNNING)))
        .orderby(deadline.due_at)
        .limit(most)
        .run(as_dict=True)
    )  # fmt: skip
    now = now_datetime()
    for row in rows:
        row.status = current_status(row, now)
    return rows


def watch() -> int:
    """Every five minutes: tells what became due soon, due or overdue; how many clocks. Each is told once."""
    names = frappe.get_all(
        DOCTYPE,
        filters=[["status", "in", deadline_rules.RUNNING], ["next_at", "is", "set"], ["next_at", "<=", now_datetime()]],
        pluck="name", order_by="next_at", limit_page_length=BATCH,
    )  # fmt: skip
    return sum(_safely(name, _tell_stages) for name in names)


def refresh(limit: str) -> int:
    """Derives the running clocks of a limit anew after the hospital has changed it; how many."""
    rows = frappe.get_all(
        DOCTYPE, filters={"clock": limit, "status": ("in", deadline_rules.OPEN)},
        fields=["name", "reference_doctype", "reference_name"], limit_page_length=0,
    )  # fmt: skip
    return sum(_safely(row.name, lambda doc: follow(_document(doc))) for row in rows)


def follow_all(doctype: str, filters: dict[str, Any] | None = None) -> int:
    """Starts the clocks of documents from before there were any; how many documents."""
    names = frappe.get_all(doctype, filters=filters, pluck="name", limit_page_length=0)
    for name in names:
        follow(frappe.get_doc(doctype, name))
    return len(names)


def _safely(name: str, work: Callable[[Any], None]) -> bool:
    """Does something with one clock; what fails there keeps no other."""
    frappe.db.savepoint("deadline")
    try:
        work(frappe.get_doc(DOCTYPE, name, for_update=True))
    except Exception:
        frappe.db.rollback(save_point="deadline")
        frappe.log_error(title=f"{DOCTYPE} {name}")
        return False
    return True


def _drive(
    doc: Any,
    limit: Any,
    trigger: Trigger,
    found: Course,
    row: Any,
    works: Callable[[date], bool],
    now: datetime,
) -> None:
    if row is None:
        if found.holds and not found.ended and doc.docstatus < 2:
            _start(doc, limit, trigger, found, works, now)
        return
    if not found.holds or found.ended or doc.docstatus == 2:
        _finish(row, found.ended_at or now)
        return
    pauses = _pauses(row)
    if found.paused and not row.paused_at:
        frappe.db.set_value(DOCTYPE, row.name, {"status": PAUSED, "paused_at": now, "next_at": None})
        return
    if found.paused:
        return
    if row.paused_at:
        pauses.append((get_datetime(row.paused_at), now))
    started = found.since or get_datetime(row.started_at)
    marks = _marks(doc, limit, trigger, started, works, pauses)
    if row.paused_at or marks != _marks_of(row) or started != get_datetime(row.started_at):
        # A clock that was set anew tells again what lies ahead of it.
        told = (
            deadline_rules.last_reached(marks, "", min(now, marks.late))
            if marks.late > now
            else row.told or ""
        )
        _write(row.name, marks, started, told, now, pauses)
    _keep_people(row.name, doc, limit.name)


def _start(
    doc: Any, limit: Any, trigger: Trigger, found: Course, works: Callable[[date], bool], now: datetime
) -> None:
    started = found.since or now
    marks = _marks(doc, limit, trigger, started, works, ())
    told = deadline_rules.last_reached(marks, "", started)
    row = frappe.get_doc(
        doctype=DOCTYPE, clock=limit.name, reference_doctype=doc.doctype, reference_name=doc.name,
        department=doc.get("department"), started_at=started, told=told, pauses="[]",
        people=[{"user": user} for user in _people(doc, limit.name)], **_values(marks, told, now),
    )  # fmt: skip
    if found.paused:
        row.update({"status": PAUSED, "paused_at": now, "next_at": None})
    row.insert(ignore_permissions=True)


def _finish(row: Any, at: datetime) -> None:
    from medaffairs.messaging import outbox

    # A clock that rests was late when it came to rest, or is not late.
    last = get_datetime(row.paused_at) if row.paused_at else at
    late = bool(row.due_at) and last >= get_datetime(row.due_at)
    frappe.db.set_value(
        DOCTYPE, row.name, {"status": FINISHED, "finished_at": at, "late": int(late), "next_at": None, "paused_at": None}
    )  # fmt: skip
    outbox.withdraw(_key(row.name))


def _write(
    name: Any,
    marks: Marks,
    started: datetime,
    told: str,
    now: datetime,
    pauses: list[tuple[datetime, datetime]],
) -> None:
    frappe.db.set_value(
        DOCTYPE, name,
        _values(marks, told, now)
        | {"started_at": started, "told": told, "paused_at": None, "pauses": json.dumps([[str(a), str(b)] for a, b in pauses])},
    )  # fmt: skip


def _values(marks: Marks, told: str, now: datetime) -> dict[str, Any]:
    return {
        "soon_at": marks.soon, "due_from": marks.due, "due_at": marks.late, "escalate_at": marks.escalate,
        "status": deadline_rules.standing(marks, now), "next_at": deadline_rules.next_at(marks, told),
    }  # fmt: skip


def _marks(
    doc: Any, limit: Any, trigger: Trigger, started: datetime, works: Callable[[date], bool],
    pauses: Iterable[tuple[datetime, datetime]],
) -> Marks:  # fmt: skip
    terms = Terms(flt(limit.limit_value), limit.unit, flt(limit.remind_before), flt(limit.escalate_after))
    if trigger.due_with:
        return deadline_rules.marks_until(started, getdate(doc.get(trigger.due_with)), terms, works)
    return deadline_rules.marks(started, terms, works, list(pauses))


def _marks_of(row: Any) -> Marks:
    return Marks(*(get_datetime(row.get(name)) for name in ("soon_at", "due_from", "due_at", "escalate_at")))


def _tell_stages(row: Any) -> None:
    """Tells what has become true of one clock since somebody was told last."""
    if row.status not in deadline_rules.RUNNING:
        return
    now, marks = now_datetime(), _marks_of(row)
    doc = _document(row)
    people = _people(doc, row.clock)
    for stage in deadline_rules.to_tell(marks, row.told or "", now):
        above = stage == deadline_rules.ESCALATED
        _send(
            row, stage, [user for user in _above(doc, row.clock) if user not in people] if above else people
        )
    told = deadline_rules.last_reached(marks, row.told or "", now)
    row.db_set(
        {
            "told": told,
            "status": deadline_rules.standing(marks, now),
            "next_at": deadline_rules.next_at(marks, told),
        },
        update_modified=False,
    )
    _keep_people(row.name, doc, row.clock)


def _send(row: Any, stage: str, users: list[str]) -> None:
    from medaffairs.messaging import outbox

    values = {
        "type": frappe._(row.reference_doctype), "number": row.reference_name, "clock": row.clock,
        "due": frappe.format(row.due_at, "Datetime"),
    }  # fmt: skip
    outbox.send(
        TEMPLATES[stage], users, values, reference=(row.reference_doctype, row.reference_name),
        key=f"{_key(row.name)}|{stage}|{row.due_at}",
    )  # fmt: skip


def _key(name: Any) -> str:
    return f"deadline|{name}"


def _above(doc: Any, limit: str) -> list[str]:
    """Who is told when a limit is over; of a department's leaders those of the document's department."""
    from medaffairs.approval.engine import users_with

    users: list[str] = []
    for role in frappe.get_all(
        "Time Limit Role", filters={"parent": limit, "parenttype": LIMIT}, pluck="role"
    ):
        post = OF_DEPARTMENT.get(role)
        if not post:
            users += users_with([role])
        elif doc.get("department"):
            leader = frappe.db.get_value("Clinical Department", doc.department, post)
            users.append(frappe.db.get_value("Practitioner", leader, "user") if leader else None)
    return [user for user in dict.fromkeys(users) if user and user != "Administrator"]


def _people(doc: Any, limit: str) -> list[str]:
    return [user for user in dict.fromkeys(doc.deadline_people(limit)) if user and user != "Administrator"]


def _keep_people(name: Any, doc: Any, limit: str) -> None:
    """Writes down who owes it now, where that has changed."""
    people = _people(doc, limit)
    known = frappe.get_all("Deadline Person", filters={"parent": name, "parenttype": DOCTYPE}, pluck="user")
    if sorted(known) != sorted(people):
        row = frappe.get_doc(DOCTYPE, name)
        row.set("people", [{"user": user} for user in people])
        row.save(ignore_permissions=True)


def _note_due(doc: Any) -> None:
    if not doc.meta.has_field("due_at"):
        return
    first = frappe.get_all(
        DOCTYPE, filters=_of(doc) | {"status": ("in", deadline_rules.RUNNING)}, pluck="due_at", order_by="due_at", limit=1
    )  # fmt: skip
    due = first[0] if first else None
    if (get_datetime(doc.due_at) if doc.due_at else None) != (get_datetime(due) if due else None):
        doc.db_set("due_at", due, update_modified=False)


def _open_rows(doc: Any) -> list[Any]:
    return frappe.get_all(
        DOCTYPE, filters=_of(doc) | {"status": ("!=", FINISHED)}, fields=["*"], order_by="name"
    )  # fmt: skip


def _of(doc: Any) -> dict[str, Any]:
    return {"reference_doctype": doc.doctype, "reference_name": doc.name}


def _document(row: Any) -> Any:
    return frappe.get_doc(row.reference_doctype, row.reference_name)


def _state(doc: Any) -> str:
    return doc.get("workflow_state") or doc.get("status") or ""


def _pauses(row: Any) -> list[tuple[datetime, datetime]]:
    found = row.pauses if isinstance(row.pauses, list) else json.loads(row.pauses or "[]")
    return [(get_datetime(start), get_datetime(end)) for start, end in found]


def _moment(value: Any) -> datetime | None:
    """A field's value as a moment; None for a check or an empty field."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, datetime.min.time())
    if isinstance(value, str) and len(value) >= 10 and value[4:5] == "-":
        return get_datetime(value)
    return None


def _trigger(limit: Any) -> Trigger:
    return Trigger(
        state="\n".join(_lines(limit.state)),
        starts_with=(limit.starts_with or "").strip(),
        due_with=(limit.due_with or "").strip(),
        ends_with=tuple(name.strip() for name in (limit.ends_with or "").split(",") if name.strip()),
        condition_field=(limit.condition_field or "").strip(),
        condition_value=limit.condition_value or "",
        paused_states=tuple(_lines(limit.paused_states)),
        paused_with=(limit.paused_with or "").strip(),
        end_states=tuple(_lines(limit.end_states)),
    )


def _lines(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").split("\n") if line.strip()]
