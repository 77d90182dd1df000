"""The compiled grants of this process, kept up to date by following the ledger.

The index that all requests of a process share holds what is committed. A transaction that has written events
itself asks a branch of it, so that nobody else sees what may still be undone.
"""

from __future__ import annotations

import threading
from collections.abc import Container, Iterator
from datetime import datetime
from typing import Any

import frappe
from frappe.query_builder.functions import Count, Max
from frappe.utils import get_datetime

from medaffairs.privileging import rules

FIELDS = ("sequence", "event_type", "grant", "practitioner", "kind", "code", "effective_from", "effective_to",
          "recorded_at", "suspension")  # fmt: skip
SETTINGS = ("Privilege Kind", "Drug Privilege")
_indexes: dict[str, tuple[tuple, rules.GrantIndex]] = {}
_lock = threading.Lock()


def events_after(
    sequence: int,
    *,
    before: int | None = None,
    recorded_until: datetime | None = None,
    practitioner: str | None = None,
) -> Iterator[rules.Event]:
    """Events of the ledger in their order: all, or those with smaller numbers, known at a moment, of one person."""
    event = frappe.qb.DocType("Privilege Event")
    query = frappe.qb.from_(event).select(*[event[name] for name in FIELDS]).where(event.sequence > sequence)
    if before:
        query = query.where(event.sequence < before)
    if recorded_until:
        query = query.where(event.recorded_at <= str(recorded_until))
    if practitioner:
        query = query.where(event.practitioner == practitioner)
    for row in query.orderby(event.sequence).run():
        yield as_event(row)


def as_event(row: tuple) -> rules.Event:
    """A row of the ledger as decisions read it."""
    sequence, kind_of, grant, practitioner, kind, code, start, end, recorded, suspension = row
    return rules.Event(
        sequence=int(sequence),
        event_type=kind_of,
        grant=grant or "",
        practitioner=practitioner,
        kind=kind or "",
        code=code or "",
        effective_from=_moment(start) or rules.BEGINNING,
        effective_to=_moment(end),
        recorded_at=_moment(recorded),
        suspension=suspension or "",
    )


def _moment(value: datetime | str | None) -> datetime | None:
    return value if value is None or isinstance(value, datetime) else get_datetime(value)


def stamp(*doctypes: str) -> tuple:
    """Changes when a record of these types is made, changed or deleted."""
    marks = []
    for doctype in doctypes:
        table = frappe.qb.DocType(doctype)
        marks.append(tuple(frappe.qb.from_(table).select(Count("*"), Max(table.modified)).run()[0]))
    return tuple(marks)


def kind_settings() -> dict[str, rules.KindSettings]:
    """What the hospital has set for each kind, with the lower grades that a code includes."""
    drug, implied = frappe.qb.DocType("Drug Privilege"), frappe.qb.DocType("Drug Privilege Implication")
    rows = (
        frappe.qb.from_(implied)
        .join(drug)
        .on(drug.name == implied.parent)
        .select(drug.kind, drug.name, implied.privilege)
        .run()
    )
    direct: dict[str, dict[str, list[str]]] = {}
    for kind, code, lower in rows:
        direct.setdefault(kind, {}).setdefault(code, []).append(lower)
    return {
        row.name: rules.KindSettings(
            row.name, row.fail_mode, row.emergency_fail_mode, rules.expand_implied(direct.get(row.name, {}))
        )
        for row in frappe.get_all("Privilege Kind", fields=["name", "fail_mode", "emergency_fail_mode"])
    }


class KnownNames(Container[str]):
    """The names of a DocType, looked up when somebody asks: always what this transaction sees."""

    def __init__(self, doctype: str, **filters: Any) -> None:
        self._doctype, self._filters = doctype, filters

    def __contains__(self, name: object) -> bool:
        # The database may compare without regard to case; the ledger does not.
        return frappe.db.get_value(self._doctype, {"name": name, **self._filters}, "name") == name

    def names(self) -> set[str]:
        """All of them, to be kept where no database is at hand."""
        return set(frappe.get_all(self._doctype, filters=self._filters, pluck="name"))


def known_practitioners() -> KnownNames:
    """The staff numbers that the hospital knows."""
    return KnownNames("Practitioner")


def known_codes() -> dict[str, KnownNames]:
    """Codes of the catalogue by kind."""
    return {
        kind.name: KnownNames("Procedure")
        if kind.item_doctype == "Procedure"
        else KnownNames("Drug Privilege", kind=kind.name, disabled=0)
        for kind in frappe.get_all("Privilege Kind", fields=["name", "item_doctype"])
    }


def build(*, before: int | None = None) -> rules.GrantIndex:
    """An index of all grants, or of what the ledger said before an event."""
    return _empty().load(events_after(0, before=before))


def known_then(practitioner: str, recorded_until: datetime) -> rules.GrantIndex:
    """What was on record about a person at a moment."""
    index = _empty().load(events_after(0, recorded_until=recorded_until, practitioner=practitioner))
    event = frappe.qb.DocType("Privilege Event")
    newest = (
        frappe.qb.from_(event).select(Max(event.sequence)).where(event.recorded_at <= str(recorded_until))
    )
    index.version = newest.run()[0][0] or 0
    return index


def _empty() -> rules.GrantIndex:
    return rules.GrantIndex(
        kind_settings().values(),
        practitioners=known_practitioners(),
        codes=known_codes(),
        translate=frappe._,
    )


def current_index() -> rules.GrantIndex:
    """The grants as this transaction sees them: all that is committed and what it has written itself."""
    own = getattr(frappe.local, "medaffairs_first_own_event", None)
    settings, site = stamp(*SETTINGS), frappe.local.site
    with _lock:
        known = _indexes.get(site)
        if known is None or known[0] != settings:
            known = _indexes[site] = settings, build(before=own)
        index = known[1]
        for event in events_after(index.version, before=own):
            index.apply(event)
        if own is None:
            return index
        return index.branch().load(events_after(index.version))


def mark_own_event(sequence: int) -> None:
    """This transaction has written an event: what it asks until its end is answered from a branch."""
    if getattr(frappe.local, "medaffairs_first_own_event", None) is None:
        # The ledger's lock is held from here on: every number from this one is the transaction's own.
        frappe.local.medaffairs_first_own_event = sequence
    frappe.db.after_commit.add(_settled)
    frappe.db.after_rollback.add(_settled)


def _settled() -> None:
    frappe.local.medaffairs_first_own_event = None
