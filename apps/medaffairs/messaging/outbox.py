"""The one outbox: what people are told is a row per person and channel before anything leaves.

The rows are written in the transaction of what they tell about: both become lasting, or neither.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import frappe
from frappe.utils import cint, get_datetime, now_datetime

from medaffairs.messaging import addresses, rules
from medaffairs.messaging.rules import MessageError, Route

DOCTYPE = "Outbound Message"
# How long a scheduler may have rested before an unread message is not said again any more.
FORGOTTEN_DAYS = 7
JOB = "medaffairs-messages"
DELIVER = "medaffairs.messaging.delivery.deliver_due"


def send(
    template: str,
    users: Iterable[str],
    values: Mapping[str, object] | None = None,
    *,
    key: str,
    private: Mapping[str, object] | None = None,
    reference: tuple[str, str] | None = None,
    route: str = "",
) -> list[str]:
    """Tells people something, each by the channels of the template; the names of the new messages.

    A second call with the same key tells nobody anything that he was told before.

    :param template: code of a `Message Template`; a disabled one tells nobody anything
    :param values: what its placeholders stand for
    :param key: what is told about, for instance `demerit|DR-2026-00007|notice`
    :param private: more placeholders, for the text in the system alone; none of these values leaves the hospital
    :param reference: DocType and name of the document it is about
    :param route: page of the face; empty: the document's own
    :raises frappe.ValidationError: when a placeholder has no value, or a private value would leave the hospital
    """
    wording = frappe.get_cached_doc("Message Template", template)
    if not wording.enabled:
        return []
    inside = {**(values or {}), **(private or {})}
    texts = _texts(wording, values or {}, inside)
    made: list[str] = []
    routes = _routes(wording)
    for user in dict.fromkeys(user for user in users if user):
        known = addresses.of(user)
        for way in rules.routes_for(routes, _muted(user, wording.category), known, bool(wording.mandatory)):
            row = _row(wording, way, user, known.get(way.channel, ""), texts)
            row |= {
                "reference_doctype": reference[0] if reference else None,
                "reference_name": reference[1] if reference else None,
                "route": route or (page_of(*reference) if reference else ""),
                "parameters": json.dumps({name: str(value) for name, value in (values or {}).items()}, ensure_ascii=False),
                "series": rules.series_of(key, user),
            }  # fmt: skip
            name = insert(row, way.channel, 0)
            if name:
                made.append(name)
    if made:
        # One job sends all that waits; what comes while it runs is sent by the next minute's.
        frappe.enqueue(DELIVER, queue="short", enqueue_after_commit=True, job_id=JOB, deduplicate=True)
    return made


def page_of(doctype: str, name: str) -> str:
    """The page of a document in the face."""
    return f"/medaffairs/form/{quote(doctype, safe='')}/{quote(name, safe='')}"


def insert(row: dict[str, Any], channel: str, number: int) -> str | None:
    """Keeps one message; None when it is there already."""
    key = rules.message_key(row["series"], channel, number)
    if frappe.db.exists(DOCTYPE, {"message_key": key}):
        return None
    doc = frappe.get_doc({"doctype": DOCTYPE, "repeat_number": number, "message_key": key, **row})
    frappe.db.savepoint("outbound_message")
    try:
        doc.insert(ignore_permissions=True)
    except (frappe.UniqueValidationError, frappe.DuplicateEntryError):
        # Somebody else told the same at the same moment.
        frappe.db.rollback(save_point="outbound_message")
        frappe.clear_last_message()
        return None
    return str(doc.name)


def mark_read(names: Iterable[str], at: datetime | None = None) -> int:
    """Notes that messages were read: what was said by other channels counts as read, what waits is not said any more."""
    moment = at or now_datetime()
    series = set(
        frappe.get_all(DOCTYPE, filters={"name": ("in", list(names))}, pluck="series", limit_page_length=0)
    )
    if not series:
        return 0
    rows = frappe.get_all(
        DOCTYPE, filters={"series": ("in", sorted(series)), "status": ("in", (rules.SENT, rules.QUEUED))},
        fields=["name", "status"], limit_page_length=0,
    )  # fmt: skip
    for row in rows:
        changed = (
            {"status": rules.READ, "read_at": moment}
            if row.status == rules.SENT
            else {"status": rules.CANCELLED, "error": frappe._("Read before it was sent")}
        )
        frappe.db.set_value(DOCTYPE, row.name, changed)
    return len(rows)


def withdraw(key: str) -> int:
    """Takes back what has not been sent yet of what a key told about; how many messages."""
    rows = frappe.get_all(
        DOCTYPE,
        filters={"series": ("like", f"{key.replace('%', '')}|%"), "status": rules.QUEUED},
        pluck="name",
        limit_page_length=0,
    )
    for name in rows:
        frappe.db.set_value(
            DOCTYPE, name, {"status": rules.CANCELLED, "error": frappe._("Taken back before it was sent")}
        )
    return len(rows)


def _texts(wording: Any, values: Mapping[str, object], inside: Mapping[str, object]) -> dict[str, str]:
    private = [str(value) for name, value in inside.items() if name not in values]
    try:
        title = rules.fill(wording.title, values)[: rules.LONGEST_TITLE]
        texts = {
            "title": title,
            "inside": rules.fill(wording.body, inside),
            "outside": rules.fill(wording.outside_text or wording.title, values),
        }
        rules.check_outside((title, texts["outside"], *map(str, values.values())), private)
    except MessageError as error:
        frappe.throw(f"{wording.template_code}: {frappe._(error.sentence).format(*error.values)}")
    return texts


def _routes(wording: Any) -> list[Route]:
    enabled = {
        row.name: row.kind
        for row in frappe.get_all("Message Channel", filters={"enabled": 1}, fields=["name", "kind"])
    }
    return [
        Route(row.channel, enabled[row.channel], cint(row.after_minutes), row.vendor_template or "")
        for row in wording.channels
        if row.channel in enabled
    ]


def _muted(user: str, category: str) -> list[str]:
    return frappe.get_all(
        "Message Preference", filters={"user": user, "category": ("in", ("All", category))}, pluck="channel"
    )


def _row(wording: Any, way: Route, user: str, address: str, texts: Mapping[str, str]) -> dict[str, Any]:
    now = now_datetime()
    return {
        "template": wording.name, "channel": way.channel, "kind": way.kind, "recipient": user,
        "address": rules.masked(address), "title": texts["title"],
        "text": texts["outside" if way.kind in rules.OUTSIDE else "inside"],
        "status": rules.QUEUED, "urgent": wording.urgent, "mandatory": wording.mandatory,
        "vendor_template": way.vendor_template,
        "not_before": now + timedelta(minutes=way.after_minutes),
        "expires_at": now + timedelta(hours=cint(wording.expires_hours)) if cint(wording.expires_hours) else None,
    }  # fmt: skip


def repeat_unread() -> int:
    """Says again what nobody has read and what is to be repeated; how many messages."""
    count = 0
    templates = frappe.get_all(
        "Message Template",
        filters={"repeat_minutes": (">", 0), "enabled": 1},
        fields=["name", "repeat_minutes", "repeat_limit"],
    )
    now = now_datetime()
    for wording in templates:
        every, limit = cint(wording.repeat_minutes), cint(wording.repeat_limit)
        # What is older was said as often as it is to be, however long the scheduler rested meanwhile.
        oldest = now - timedelta(minutes=every * (limit + 1), days=FORGOTTEN_DAYS)
        rows = frappe.get_all(
            DOCTYPE, filters={"template": wording.name, "status": rules.SENT, "sent_at": (">", oldest)}, fields=["*"],
            order_by="repeat_number desc", limit_page_length=0,
        )  # fmt: skip
        newest: dict[tuple[str, str], Any] = {}
        for row in rows:
            newest.setdefault((row.series, row.channel), row)
        for row in newest.values():
            count += _repeat(row, every, limit)
    return count


COPIED = (
    "template", "channel", "kind", "recipient", "address", "title", "text", "urgent", "mandatory", "vendor_template",
    "reference_doctype", "reference_name", "route", "parameters", "series", "expires_at",
)  # fmt: skip


def _repeat(row: Any, every: int, limit: int) -> bool:
    expires = get_datetime(row.expires_at) if row.expires_at else None
    moment = rules.next_repeat(get_datetime(row.sent_at), row.repeat_number, every, limit, False, expires)
    if moment is None or moment > now_datetime():
        return False
    copy = {field: row.get(field) for field in COPIED} | {"status": rules.QUEUED, "not_before": moment}
    return insert(copy, row.channel, row.repeat_number + 1) is not None
