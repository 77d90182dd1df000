"""Imports a catalogue file: all of it in one transaction, or nothing. The number of statements does not grow with
what changes, only with the size of the file in steps of some hundred rows."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

import frappe
from frappe.utils import getdate, now_datetime
from pypika import Case

from medaffairs.organization.rules import initials
from medaffairs.privileging.catalogue import levels, rules, workbooks

BATCH = 400
FIELDS = ("procedure_name", "category", *rules.CHECKS, "insurance_code", "insurance_name", "status")
NEW_PROCEDURE = ("name", "procedure_code", *FIELDS, "pinyin_initials", "creation", "modified", "owner", "modified_by", "docstatus", "idx")  # fmt: skip
NEW_LEVEL = ("name", "parent", "parenttype", "parentfield", "scheme", "catalogue_year", "level", "from_date", "to_date",
             "creation", "modified", "owner", "modified_by", "docstatus", "idx")  # fmt: skip
EMPTY = {
    "category": None,
    **dict.fromkeys(rules.CHECKS, 0),
    "insurance_code": None,
    "insurance_name": None,
    "status": "Active",
}


class Outcome(NamedTuple):
    """What an import did, in procedures."""

    new: int
    changed: int
    unchanged: int
    ended: int


def read_file(doc: Any) -> rules.Sheet:
    """The checked rows of an import's file."""
    items = frappe.get_all(
        "Dictionary Item", filters={"dictionary": "PROCEDURE_CATEGORY", "disabled": 0}, fields=["name", "code", "item_name"]
    )  # fmt: skip
    categories = {row.item_name.lower(): row.name for row in items} | {
        row.code.lower(): row.name for row in items
    }
    return workbooks.read(workbooks.content_of(doc.file), categories, not levels.flag_of(doc.scheme))


def apply(doc: Any, sheet: rules.Sheet, tell: Callable[[int], None] = lambda percent: None) -> Outcome:
    """Writes the rows of a file that has no problems.

    :param tell: told of the progress, in percent
    """
    known = {
        row.name: row for row in frappe.get_all("Procedure", fields=["name", *FIELDS], limit_page_length=0)
    }
    tell(20)
    new = [row for row in sheet.rows if row.code not in known]
    listed = levels.listed()
    changes = {
        row.code: changed
        for row in sheet.rows
        if row.code in known and (changed := _changed(known[row.code], row.values, listed.get(row.code, ())))
    }
    _insert_procedures(new)
    tell(40)
    _update_procedures(changes)
    tell(60)
    graded = _write_levels(doc, sheet.rows)
    ended = _end_missing(doc, {row.code for row in sheet.rows}) if doc.is_complete else set()
    tell(80)
    levels.refresh()
    touched = (changes.keys() | graded) - {row.code for row in new}
    return Outcome(len(new), len(touched), len(sheet.rows) - len(new) - len(touched), len(ended))


def _changed(before: Any, values: dict[str, Any], listed: Collection[str]) -> dict[str, Any]:
    """What a row changes. A flag that follows from a list of its own is not a file's to change."""
    return {
        name: value
        for name, value in values.items()
        if name not in listed and (before.get(name) or None) != (value or None)
    }


def _insert_procedures(rows: Sequence[rules.Row]) -> None:
    if not rows:
        return
    moment, user = now_datetime(), frappe.session.user
    frappe.db.bulk_insert(
        "Procedure",
        list(NEW_PROCEDURE),
        [
            (
                row.code, row.code, *({**EMPTY, **row.values}[name] for name in FIELDS), initials(row.values["procedure_name"]),
                moment, moment, user, user, 0, 0,
            )
            for row in rows
        ],
    )  # fmt: skip


def _update_procedures(changes: dict[str, dict[str, Any]]) -> None:
    """Few values for many procedures go value by value, names and codes as one case per batch."""
    procedure = frappe.qb.DocType("Procedure")
    few: dict[tuple[str, Any], list[str]] = defaultdict(list)
    many: dict[str, list[tuple[str, Any]]] = defaultdict(list)
    for code, values in changes.items():
        for name, value in values.items():
            if name in ("procedure_name", "insurance_code", "insurance_name"):
                many[name].append((code, value))
            else:
                few[name, value].append(code)
    for (name, value), codes in few.items():
        for batch in _batches(codes):
            frappe.qb.update(procedure).set(procedure[name], value).where(procedure.name.isin(batch)).run()
    if "procedure_name" in many:
        many["pinyin_initials"] = [(code, initials(value)) for code, value in many["procedure_name"]]
    for name, pairs in many.items():
        for batch in _batches(pairs):
            case = Case()
            for code, value in batch:
                case = case.when(procedure.name == code, value)
            codes = [code for code, _ in batch]
            frappe.qb.update(procedure).set(procedure[name], case).where(procedure.name.isin(codes)).run()
    moment, user = now_datetime(), frappe.session.user
    for batch in _batches(list(changes)):
        frappe.qb.update(procedure).set(procedure.modified, moment).set(procedure.modified_by, user).where(
            procedure.name.isin(batch)
        ).run()


def start_of(doc: Any) -> date:
    """The day from which a file's levels hold: the one that the import names, or the first of its year."""
    return getdate(doc.from_date) if doc.from_date else date(int(doc.catalogue_year), 1, 1)


def _write_levels(doc: Any, rows: Sequence[rules.Row]) -> set[str]:
    """Writes the levels of the file's scheme and year; codes whose level is new or another than before."""
    start, year = start_of(doc), int(doc.catalogue_year)
    present: dict[str, list[Any]] = defaultdict(list)
    most: dict[str, int] = defaultdict(int)
    for row in frappe.get_all(
        "Procedure Level",
        filters={"parenttype": "Procedure"},
        fields=["name", "parent", "scheme", "catalogue_year", "level", "from_date", "to_date", "idx"],
        limit_page_length=0,
    ):
        most[row.parent] = max(most[row.parent], row.idx)
        if row.scheme == doc.scheme:
            present[row.parent].append(row)
    fresh, relevel, older = [], defaultdict(list), []
    for row in rows:
        held = present[row.code]
        own = next((entry for entry in held if entry.catalogue_year == year), None)
        if own is None:
            newer = [
                getdate(entry.from_date) for entry in held if entry.catalogue_year > year and entry.from_date
            ]
            fresh.append((row, most[row.code] + 1, frappe.utils.add_days(min(newer), -1) if newer else None))
        elif (own.level or "") != row.level:
            relevel[row.level].append(own)
        older += [
            entry
            for entry in held
            if entry.catalogue_year < year and rules.ends_before(start, levels.as_level(entry))
        ]
    _insert_levels(doc, fresh, start)
    for level, held in relevel.items():
        _set_levels(held, level=level)
    _set_levels(older, to_date=frappe.utils.add_days(start, -1))
    touched = [held for batch in relevel.values() for held in batch]
    return {row.code for row, *_ in fresh} | {held.parent for held in [*touched, *older]}


def _insert_levels(doc: Any, fresh: Sequence[tuple[rules.Row, int, date | None]], start: date) -> None:
    if not fresh:
        return
    moment, user = now_datetime(), frappe.session.user
    frappe.db.bulk_insert(
        "Procedure Level",
        list(NEW_LEVEL),
        [
            (
                frappe.generate_hash(length=10), row.code, "Procedure", "levels", doc.scheme, doc.catalogue_year, row.level,
                start, end, moment, moment, user, user, 0, idx,
            )
            for row, idx, end in fresh
        ],
    )  # fmt: skip


def _set_levels(held: Iterable[Any], **values: Any) -> None:
    table = frappe.qb.DocType("Procedure Level")
    for batch in _batches([row.name for row in held]):
        query = frappe.qb.update(table).where(table.name.isin(batch))
        for name, value in values.items():
            query = query.set(table[name], value)
        query.run()


def _end_missing(doc: Any, codes: set[str]) -> set[str]:
    """What the year's whole catalogue no longer has: older years' levels end, those of the year itself go."""
    start, year = start_of(doc), int(doc.catalogue_year)
    rows = frappe.get_all(
        "Procedure Level",
        filters={"scheme": doc.scheme, "parenttype": "Procedure", "catalogue_year": ("<=", year)},
        fields=["name", "parent", "scheme", "catalogue_year", "level", "from_date", "to_date"],
        limit_page_length=0,
    )
    missing = [row for row in rows if row.parent not in codes]
    older = [
        row for row in missing if row.catalogue_year < year and rules.ends_before(start, levels.as_level(row))
    ]
    _set_levels(older, to_date=frappe.utils.add_days(start, -1))
    own = [row for row in missing if row.catalogue_year == year]
    for batch in _batches([row.name for row in own]):
        frappe.db.delete("Procedure Level", {"name": ("in", batch)})
    ended = {row.parent for row in [*older, *own]}
    flag = levels.flag_of(doc.scheme)
    if flag:
        procedure = frappe.qb.DocType("Procedure")
        for batch in _batches(sorted(ended)):
            frappe.qb.update(procedure).set(procedure[flag], 0).where(procedure.name.isin(batch)).run()
    return ended


def _batches(values: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (values[start : start + BATCH] for start in range(0, len(values), BATCH))


def run(name: str) -> None:
    """The background job: imports, or says why not and leaves the catalogue as it was."""
    doc = frappe.get_doc("Catalogue Import", name, for_update=True)
    if doc.status != "Queued":
        return
    doc.db_set("status", "Running")
    frappe.db.commit()
    began = time.monotonic()

    def tell(percent: int) -> None:
        frappe.publish_progress(
            percent, title=frappe._("Importing the catalogue"), doctype=doc.doctype, docname=name
        )

    try:
        sheet = read_file(doc)
        if sheet.problems:
            frappe.throw(frappe._("The file has errors; nothing was imported"))
        outcome = apply(doc, sheet, tell)
        _finish(doc, outcome, sheet, time.monotonic() - began)
        frappe.db.commit()
    except Exception:
        frappe.db.rollback()
        frappe.log_error(title=f"Catalogue Import {name}")
        doc.reload()
        doc.db_set({"status": "Failed", "result": str(frappe.get_traceback()).strip().splitlines()[-1][:500]})
        frappe.db.commit()
    tell(100)


def _finish(doc: Any, outcome: Outcome, sheet: rules.Sheet, seconds: float) -> None:
    doc.db_set(
        {
            "status": "Imported", "rows_total": sheet.total, "rows_valid": len(sheet.rows), "rows_new": outcome.new,
            "rows_changed": outcome.changed, "rows_unchanged": outcome.unchanged, "rows_ended": outcome.ended,
            "imported_at": now_datetime(),
            "result": frappe._("{0} new, {1} changed, {2} unchanged, {3} ended; {4} seconds").format(
                outcome.new, outcome.changed, outcome.unchanged, outcome.ended, f"{seconds:.1f}"
            ),
        }
    )  # fmt: skip
