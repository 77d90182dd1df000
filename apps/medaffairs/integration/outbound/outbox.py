"""The outbox: what the ledger and the clock changed becomes deliveries, so that a crash neither loses nor doubles.

A system's place in the ledger (`last_sequence`, and `last_moment` for what the clock does by itself) moves in the
same transaction that writes its deliveries.
"""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime, timedelta
from typing import Any

import frappe
from frappe.query_builder.functions import Max
from frappe.utils import get_datetime, now_datetime

from medaffairs.integration.hl7 import standard, writer
from medaffairs.integration.outbound import deliveries, messages, rules
from medaffairs.integration.outbound.subjects import Subjects, letterhead
from medaffairs.privileging import rules as privileges
from medaffairs.privileging.index import FIELDS, as_event, build, kind_settings

EVENT = "Privilege Event"
MOST_EVENTS = 500
# How long the clock's work is only remembered in memory before it is written down.
REMEMBER = timedelta(minutes=10)
log = logging.getLogger("medaffairs.gate")


def newest_event() -> int:
    """The highest sequence of the ledger."""
    event = frappe.qb.DocType(EVENT)
    return frappe.qb.from_(event).select(Max(event.sequence)).run()[0][0] or 0


class Outbox:
    """Turns the ledger and the clock into deliveries."""

    def __init__(self) -> None:
        # Up to where nothing was found; only saves looking again, losing it loses nothing.
        self._looked: dict[str, datetime] = {}

    def advance(self) -> dict[str, datetime | None]:
        """Queues what is new for every enabled system; what waits: its name → when its head may be sent."""
        newest = newest_event()
        for endpoint in _subscribers():
            try:
                self._advance(endpoint, newest)
                frappe.db.commit()
            except Exception:
                frappe.db.rollback()
                log.exception("changes for %s could not be queued", endpoint.name)
        return deliveries.heads()

    def _advance(self, endpoint: Any, newest: int) -> None:
        now = max(now_datetime(), endpoint.last_moment)
        if endpoint.sync_requested_at:
            _snapshot(endpoint, now)
        elif newest > endpoint.last_sequence:
            self._follow(endpoint, now)
        else:
            since = max(self._looked.get(endpoint.name, endpoint.last_moment), endpoint.last_moment)
            if _turning_points(endpoint.last_sequence, since, now) or now - endpoint.last_moment > REMEMBER:
                self._follow(endpoint, now)
            else:
                self._looked[endpoint.name] = now

    def _follow(self, endpoint: Any, now: datetime) -> None:
        """First what the clock did to what was known, then what is new in the ledger."""
        subjects, writing = Subjects(), _Writing(endpoint, now)
        events = _events(endpoint.last_sequence, MOST_EVENTS)
        points = _turning_points(endpoint.last_sequence, endpoint.last_moment, now)
        persons = _Persons(endpoint.last_sequence)
        for moment, practitioner in points:
            changes = rules.by_clock(persons.index(practitioner), practitioner, moment)
            for change in changes:
                cause = messages.Cause(change.event, endpoint.last_sequence, moment, moment)
                writing.report(practitioner, change, cause, subjects)
        for event, actor, reason in events:
            changes = rules.by_event(persons.index(event.practitioner), event, now)
            for change in changes:
                occurred = rules.takes_effect(event, change, now)
                cause = messages.Cause(
                    change.event, event.sequence, event.recorded_at or now, occurred, actor, reason
                )
                writing.report(event.practitioner, change, cause, subjects)
        writing.master_files(persons, subjects)
        writing.write(events[-1][0].sequence if events else endpoint.last_sequence)


class _Persons:
    """The compiled grants of single persons as of a place in the ledger."""

    def __init__(self, sequence: int) -> None:
        self._sequence = sequence
        self._known: dict[str, privileges.GrantIndex] = {}
        self._kinds: list[privileges.KindSettings] | None = None

    def index(self, practitioner: str) -> privileges.GrantIndex:
        """The person's grants; events are applied to it as they are followed."""
        if practitioner not in self._known:
            if self._kinds is None:
                self._kinds = list(kind_settings().values())
            event = frappe.qb.DocType(EVENT)
            rows = (
                frappe.qb.from_(event).select(*[event[name] for name in FIELDS])
                .where((event.practitioner == practitioner) & (event.sequence <= self._sequence))
                .orderby(event.sequence).run()
            )  # fmt: skip
            self._known[practitioner] = privileges.GrantIndex(self._kinds).load(map(as_event, rows))
        return self._known[practitioner]


class _Writing:
    """The deliveries of one pass for one system, written at its end."""

    def __init__(self, endpoint: Any, now: datetime) -> None:
        self.endpoint, self.now = endpoint, now
        self.head = letterhead(endpoint)
        self.rows: list[dict[str, Any]] = []
        # Whoever changed, with what changed last: the master file follows once, after the changes.
        self.changed: dict[str, messages.Cause] = {}

    def report(
        self, practitioner: str, change: rules.Change, cause: messages.Cause, subjects: Subjects
    ) -> None:
        """Queues a PMU for a change, as far as the system subscribes to it."""
        wanted = rules.only_kinds(change, self.endpoint.kinds)
        if not wanted:
            return
        self.changed[practitioner] = cause
        if not self.endpoint.send_staff_events:
            return
        control = writer.control_id()
        text = messages.privilege_change(
            self.head,
            control,
            self.now,
            subjects.person(practitioner, self.endpoint),
            wanted.granted,
            cause,
            subjects.items(wanted.items, self.endpoint),
        )
        kind = "PMU^B07" if wanted.granted else "PMU^B08"
        self._add(practitioner, kind, cause, control, text)

    def master_files(self, persons: _Persons, subjects: Subjects) -> None:
        """Queues an MFN for each person of whom something changed."""
        if self.endpoint.send_master_file:
            for practitioner, cause in self.changed.items():
                self.master_file(practitioner, persons.index(practitioner), cause, subjects)

    def master_file(
        self, practitioner: str, index: privileges.GrantIndex, cause: messages.Cause, subjects: Subjects
    ) -> None:
        """Queues an MFN with everything that a person may do at this moment."""
        held = rules.holdings(index, practitioner, self.now)
        kinds = set(self.endpoint.kinds)
        items = [item for item in held.values() if item.allowed and (not kinds or item.kind in kinds)]
        control = writer.control_id()
        text = messages.master_file(
            self.head, control, self.now, subjects.person(practitioner, self.endpoint), cause.occurred,
            subjects.items(items, self.endpoint),
        )  # fmt: skip
        self._add(practitioner, "MFN^M02", cause, control, text)

    def _add(
        self, practitioner: str, message_type: str, cause: messages.Cause, control: str, text: str
    ) -> None:
        fault = standard.faults(text) if self.endpoint.validate_strictly else ""
        if fault:
            fault = frappe._("{0} breaks the standard of version {1}: {2}").format(
                message_type, self.head.version, fault
            )
        key = f"{self.endpoint.name}|{cause.sequence}|{message_type}|{cause.event}|{practitioner}|{cause.occurred}"
        self.rows.append(
            {
                "endpoint": self.endpoint.name, "sequence": cause.sequence, "event_type": cause.event,
                "message_type": message_type, "practitioner": practitioner, "control_id": control, "payload": text,
                "status": rules.DEAD if fault else rules.QUEUED, "error": fault or None, "attempts": 0,
                "change_key": hashlib.sha256(key.encode()).hexdigest(),
            }
        )  # fmt: skip

    def write(self, sequence: int) -> None:
        """Writes the deliveries and the system's new place, unless another process was quicker."""
        endpoint = self.endpoint
        place = frappe.db.get_value(
            deliveries.ENDPOINT,
            endpoint.name,
            ["last_sequence", "last_moment"],
            as_dict=True,
            for_update=True,
        )
        if (place.last_sequence or 0, get_datetime(place.last_moment)) != (
            endpoint.last_sequence, endpoint.last_moment,
        ):  # fmt: skip
            return
        for row in self.rows:
            deliveries.insert(row)
        new = {"last_sequence": sequence, "last_moment": self.now}
        if endpoint.sync_requested_at:
            new["sync_requested_at"] = None
        frappe.db.set_value(deliveries.ENDPOINT, endpoint.name, new, update_modified=False)


def _snapshot(endpoint: Any, now: datetime) -> None:
    """A full synchronisation: an MFN for every practitioner, then changes follow from here."""
    index, subjects, writing = build(), Subjects(), _Writing(endpoint, now)
    cause = messages.Cause("Synchronisation", index.version, now, now)
    for practitioner in frappe.get_all("Practitioner", pluck="name", order_by="name"):
        writing.master_file(practitioner, index, cause, subjects)
    writing.write(index.version)


def current_state(endpoint: str, practitioner: str) -> list[int]:
    """Queues what is true of one person now, for a system that was sent something old; the new deliveries."""
    settings = _endpoints({"name": endpoint})[0]
    writing, subjects, now = _Writing(settings, now_datetime()), Subjects(), now_datetime()
    sequence = newest_event()
    index = _Persons(sequence).index(practitioner)
    cause = messages.Cause("Synchronisation", sequence, now, now)
    if settings.send_master_file:
        writing.master_file(practitioner, index, cause, subjects)
    else:
        held = rules.holdings(index, practitioner, now).values()
        changes = [
            rules.Change(allowed, "Synchronisation", tuple(item for item in held if item.allowed is allowed))
            for allowed in (False, True)
        ]
        for change in changes:
            writing.report(practitioner, change, cause, subjects)
    return [deliveries.insert(row) for row in writing.rows]


def _endpoints(filters: dict[str, Any]) -> list[Any]:
    """Systems that are sent to, with the kinds they want to hear of."""
    rows = frappe.get_all(
        deliveries.ENDPOINT, filters=filters,
        fields=["name", "charset", "sending_application", "sending_facility", "receiving_application",
                "receiving_facility", "send_staff_events", "send_master_file", "acknowledgement",
                "validate_strictly", "last_sequence", "last_moment", "sync_requested_at"],
        order_by="name",
    )  # fmt: skip
    for row in rows:
        row.kinds = frappe.get_all(
            "HL7 Endpoint Kind", filters={"parent": row.name, "parenttype": deliveries.ENDPOINT}, pluck="kind"
        )
        row.last_sequence = row.last_sequence or 0
        row.last_moment = get_datetime(row.last_moment) if row.last_moment else None
    return rows


def _subscribers() -> list[Any]:
    return _endpoints({"enabled": 1, "direction": "Outbound", "last_moment": ("is", "set")})


def _events(after: int, most: int) -> list[tuple[privileges.Event, str, str]]:
    """The next events of the ledger, each with who recorded it and why."""
    event = frappe.qb.DocType(EVENT)
    rows = (
        frappe.qb.from_(event).select(*[event[name] for name in (*FIELDS, "actor", "reason")])
        .where(event.sequence > after).orderby(event.sequence).limit(most).run()
    )  # fmt: skip
    return [(as_event(row[:-2]), row[-2] or "", row[-1] or "") for row in rows]


def _turning_points(sequence: int, after: datetime, until: datetime) -> list[tuple[datetime, str]]:
    """When something began or ended by itself in (after, until], with the person it concerns, in order.

    Only events up to a place in the ledger count: what is newer reports itself.
    """
    event = frappe.qb.DocType(EVENT)
    points: set[tuple[datetime, str]] = set()
    for name in ("effective_from", "effective_to"):
        column = event[name]
        rows = (
            frappe.qb.from_(event).select(column, event.practitioner)
            .where((column > str(after)) & (column <= str(until)) & (event.sequence <= sequence)).run()
        )  # fmt: skip
        points.update((get_datetime(moment), practitioner) for moment, practitioner in rows)
    return sorted(points)
