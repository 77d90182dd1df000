"""Which level counts: the hospital's governing scheme and the flags of the national assessment, as of today."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date
from typing import Any

import frappe
from frappe.utils import getdate

from medaffairs.privileging.catalogue import rules

BATCH = 400


def governing_scheme() -> str | None:
    """The scheme from which the hospital's level of a procedure follows (settings)."""
    return frappe.db.get_single_value("Medical Affairs Settings", "level_scheme")


def flag_of(scheme: str) -> str | None:
    """The field that a scheme flags (国考四级、国考微创), or None for a scheme that grades."""
    attributes = json.loads(frappe.get_cached_value("Dictionary Item", scheme, "attributes") or "{}")
    return attributes.get("flag") if attributes.get("kind") == "flag" else None


def flag_schemes() -> dict[str, str]:
    """Schemes that flag, with their field."""
    found = {}
    for scheme in frappe.get_all("Dictionary Item", filters={"dictionary": "LEVEL_SCHEME"}, pluck="name"):
        field = flag_of(scheme)
        if field:
            found[scheme] = field
    return found


def listed() -> dict[str, set[str]]:
    """Procedures that lists of their own flag or flagged, with the fields that therefore follow from the lists."""
    fields, found = flag_schemes(), defaultdict(set)
    for scheme, parent in frappe.get_all(
        "Procedure Level",
        filters={"parenttype": "Procedure", "scheme": ("in", list(fields) or [""])},
        fields=["scheme", "parent"],
        as_list=True,
        limit_page_length=0,
    ):
        found[parent].add(fields[scheme])
    return found


def as_level(row: Any) -> rules.Level:
    """A row of a procedure's levels as the rules read it."""
    return rules.Level(
        row.scheme,
        int(row.catalogue_year),
        row.level or "",
        getdate(row.from_date) if row.from_date else None,
        getdate(row.to_date) if row.to_date else None,
    )


def derive(doc: Any) -> None:
    """Writes on a procedure what follows from its levels: the hospital's level and the flags of lists that it is on."""
    held, today = [as_level(row) for row in doc.levels], getdate()
    scheme = governing_scheme()
    present = rules.level_on(held, scheme, today) if scheme else None
    doc.hospital_level = present.level if present else None
    for listed, field in flag_schemes().items():
        if any(row.scheme == listed for row in held):
            doc.set(field, int(rules.level_on(held, listed, today) is not None))


def refresh() -> int:
    """Brings hospital level and flags of all procedures up to date; how many changed.

    Runs every day, since the levels of a new year begin by themselves, and when the governing scheme changes.
    """
    scheme, today = governing_scheme(), getdate()
    flags = flag_schemes()
    fields = list(dict.fromkeys(flags.values()))
    procedures = frappe.get_all("Procedure", fields=["name", "hospital_level", *fields], limit_page_length=0)
    held = _levels_of([*flags, *([scheme] if scheme else [])])
    stale: dict[tuple[str, Any], list[str]] = defaultdict(list)
    for row in procedures:
        own = held.get(row.name, [])
        present = rules.level_on(own, scheme, today) if scheme else None
        level = (present.level or None) if present else None
        if (row.hospital_level or None) != level:
            stale["hospital_level", level].append(row.name)
        for listed, field in flags.items():
            if any(entry.scheme == listed for entry in own):
                value = int(rules.level_on(own, listed, today) is not None)
                if int(row.get(field) or 0) != value:
                    stale[field, value].append(row.name)
    table = frappe.qb.DocType("Procedure")
    for (field, value), names in stale.items():
        for start in range(0, len(names), BATCH):
            chosen = table.name.isin(names[start : start + BATCH])
            frappe.qb.update(table).set(table[field], value).where(chosen).run()
    return len({name for names in stale.values() for name in names})


def _levels_of(schemes: list[str]) -> dict[str, list[rules.Level]]:
    found: dict[str, list[rules.Level]] = defaultdict(list)
    rows = frappe.get_all(
        "Procedure Level",
        filters={"parenttype": "Procedure", "scheme": ("in", schemes or [""])},
        fields=["parent", "scheme", "catalogue_year", "level", "from_date", "to_date"],
        limit_page_length=0,
    )
    for row in rows:
        found[row.parent].append(as_level(row))
    return found


def procedures_on(scheme: str, on: date) -> dict[str, str]:
    """Procedures with their level in a scheme on a day."""
    found = {}
    for parent, rows in _levels_of([scheme]).items():
        present = rules.level_on(rows, scheme, on)
        if present:
            found[parent] = present.level
    return found
