"""The compiled grants of this process, kept up to date by following the ledger."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime

import frappe
from frappe.utils import get_datetime

from medaffairs.privileging import rules

FIELDS = ("sequence", "event_type", "grant", "practitioner", "kind", "code", "effective_from", "effective_to",
          "recorded_at", "suspension")  # fmt: skip
_indexes: dict[str, rules.GrantIndex] = {}
_lock = threading.Lock()


def events_after(sequence: int, recorded_until: datetime | None = None) -> Iterator[rules.Event]:
    """Events of the ledger in their order."""
    event = frappe.qb.DocType("Privilege Event")
    query = frappe.qb.from_(event).select(*[event[name] for name in FIELDS]).where(event.sequence > sequence)
    if recorded_until:
        query = query.where(event.recorded_at <= str(recorded_until))
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


def known_codes() -> dict[str, set[str]]:
    """Codes of the catalogue by kind."""
    codes = {"SURGERY": set(frappe.get_all("Procedure", pluck="name"))}
    for row in frappe.get_all("Drug Privilege", fields=["name", "kind"], filters={"disabled": 0}):
        codes.setdefault(row.kind, set()).add(row.name)
    return codes


def build(recorded_until: datetime | None = None) -> rules.GrantIndex:
    """An index of all grants, or of those that were on record at a moment."""
    index = rules.GrantIndex(
        kind_settings().values(),
        practitioners=set(frappe.get_all("Practitioner", pluck="name")),
        codes=known_codes(),
        translate=frappe._,
    )
    return index.load(events_after(0, recorded_until))


def current_index() -> rules.GrantIndex:
    """The index of this process and site, with every event that this transaction can see."""
    with _lock:
        site = frappe.local.site
        index = _indexes.get(site)
        if index is None:
            index = _indexes[site] = build()
            return index
        for event in events_after(index.version):
            index.apply(event)
        return index


def forget(*_: object) -> None:
    """The index is built anew: kinds or the catalogue have changed, or a transaction was rolled back."""
    with _lock:
        _indexes.pop(frappe.local.site, None)
