"""Turns kept messages into facts, staff and unauthorised acts.

Each message is processed once: its new state and what came of it are in one transaction. Messages are taken in the
order in which they were kept, so that those of one sender stay in their order.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import frappe
from frappe.utils import cint, get_datetime, now_datetime

from medaffairs.integration import snapshot, staff
from medaffairs.integration.hl7.reader import HL7Error, Message
from medaffairs.integration.rules import acceptance, acts, facts
from medaffairs.integration.rules.directory import Directory
from medaffairs.integration.rules.facts import Fact
from medaffairs.privileging import rules, unauthorized

DOCTYPE = "HL7 Message"
BATCH = 20
# Messages in one transaction: few, because whoever else writes may have to wait for it.
AT_ONCE = 5
_directories: dict[str, tuple[tuple, Directory]] = {}


def process_batch(limit: int = BATCH, before: datetime | None = None) -> int:
    """Processes the oldest messages that wait; how many there were.

    :param before: only messages received before this moment
    """
    filters: dict[str, Any] = {"direction": "In", "status": "Received"}
    if before:
        filters["received_at"] = ("<", before)
    names = frappe.get_all(
        DOCTYPE, filters=filters, order_by="name asc", limit_page_length=limit, pluck="name"
    )
    directory = _directory() if names else None
    for start in range(0, len(names), AT_ONCE):
        _take_turns()
        for name in names[start : start + AT_ONCE]:
            process(name, directory)
        frappe.db.commit()
    return len(names)


def _take_turns() -> None:
    """Waits until no other process is at it, until this transaction ends: two would overtake each other."""
    frappe.db.get_value("DocType", DOCTYPE, "name", for_update=True)


def process(name: int | str, directory: Directory | None = None) -> None:
    """Processes one message, unless it has been, in the caller's transaction.

    What cannot be processed is marked with the reason and stays to be seen and processed again. What the
    database refuses for the moment is raised, and the message waits.
    """
    row = frappe.db.get_value(
        DOCTYPE, name, ["name", "status", "payload", "acts", "sender"], as_dict=True, for_update=True
    )
    if not row or row.status != "Received":
        return
    status, notes = "Processed", []
    frappe.db.savepoint("hl7_message")
    try:
        notes = _apply(row, directory or _directory())
        status = "Conflict" if notes else "Processed"
    except (frappe.QueryTimeoutError, frappe.QueryDeadlockError):
        raise
    except HL7Error as error:
        frappe.db.rollback(save_point="hl7_message")
        status, notes = "Error", [error.describe(frappe._)]
    except (frappe.ValidationError, frappe.DoesNotExistError) as error:
        frappe.db.rollback(save_point="hl7_message")
        status, notes = "Error", [str(error) or type(error).__name__]
    except Exception as error:
        frappe.db.rollback(save_point="hl7_message")
        frappe.log_error(title=f"HL7 Message {name}")
        status, notes = "Error", [f"{type(error).__name__}: {error}"]
    frappe.clear_messages()
    frappe.db.set_value(
        DOCTYPE,
        name,
        {"status": status, "processed_at": now_datetime(), "error": "\n".join(notes) or None},
        update_modified=False,
    )


def reprocess(name: int | str) -> None:
    """Processes a message again that had been processed, with today's codes and records."""
    frappe.db.set_value(DOCTYPE, name, "status", "Received", update_modified=False)
    process(name)


def _apply(row: Mapping[str, Any], directory: Directory) -> list[str]:
    """What the message brings; notes on what needs somebody's eye."""
    message = Message.of_text(row["payload"])
    family = acceptance.SUPPORTED[message.header.message_code][message.header.trigger]
    rulings = json.loads(row["acts"] or "[]")
    notes: list[str] = []
    person = facts.patient(message) if family != acceptance.STAFF else None
    if person:
        notes += _store(person)
    if family == acceptance.STAFF:
        for member in facts.staff(message, directory):
            notes += staff.store(member)
    elif family == acceptance.STAY:
        notes += _store(facts.stay(message, directory))
    elif family == acceptance.SCHEDULE:
        denied = {ruling["code"] for ruling in rulings if not ruling["allowed"]}
        for operation in facts.operations(message, directory, denied):
            notes += _store(operation)
    else:
        items = acts.read_orders(message, directory, now_datetime())
        for order in facts.medications(message, items, rulings):
            notes += _store(order)
    _report(row, message, family, rulings)
    return notes


def _store(fact: Fact) -> list[str]:
    """Makes or changes a record; notes on codes that name nothing here."""
    known = frappe.db.exists(fact.doctype, fact.key)
    doc = frappe.get_doc(fact.doctype, fact.key) if known else frappe.new_doc(fact.doctype)
    if not known:
        doc.set(frappe.get_meta(fact.doctype).autoname.removeprefix("field:"), fact.key)
    notes, changed = [], not known
    for name, value in fact.values.items():
        field = doc.meta.get_field(name)
        if field.fieldtype == "Link":
            value = _linked(field.options, value)
            if value is None:
                notes.append(f"{field.options}: {fact.values[name]}")
                continue
        if _differs(doc.get(name), value):
            doc.set(name, value)
            changed = True
    if changed:
        doc.save(ignore_permissions=True)
    return notes


def _linked(doctype: str, value: str) -> str | None:
    """The name of a record by its name, or of a department by the number that HIS gives it."""
    if frappe.db.exists(doctype, value):
        return value
    if doctype == "Clinical Department":
        return frappe.db.get_value(doctype, {"his_code": value})
    return None


def _differs(ours: Any, theirs: Any) -> bool:
    if isinstance(theirs, int):
        return cint(ours) != theirs
    if isinstance(theirs, datetime):
        return not ours or get_datetime(ours) != theirs
    return str(ours or "") != str(theirs or "")


def _report(row: Mapping[str, Any], message: Message, family: str, rulings: list[dict[str, Any]]) -> None:
    """Each act that was not permitted, or not checked, becomes a record that somebody has to explain."""
    for ruling in rulings:
        if ruling["reason"] == rules.GRANTED:
            continue
        number = facts.appointment(message) if family == acceptance.SCHEDULE else _placer(message, ruling)
        unauthorized.record_act(
            ruling["practitioner"],
            ruling["kind"],
            ruling["code"],
            ruling["reason"],
            get_datetime(ruling["at"]),
            source_system=row["sender"],
            patient_id=message.get("PID-3") or None,
            visit_no=message.get("PV1-19") or None,
            hl7_message=str(row["name"]),
            was_emergency=bool(ruling["emergency"]),
            # A message that is processed again, or a later one about the same act, is the same act.
            source_key="/".join(
                (row["sender"], number, ruling["practitioner"], ruling["code"], ruling["at"])
            ),
        )


def _key(*parts: str) -> str:
    return f"HL7-{hashlib.sha256('/'.join(parts).encode()).hexdigest()}"


def _placer(message: Message, ruling: Mapping[str, Any]) -> str:
    orders = message.segments("ORC")
    return orders[ruling["item"]].get(2)


def _directory() -> Directory:
    """The directory of this process and site, read again when something in it has changed."""
    current = snapshot.fingerprint()
    known = _directories.get(frappe.local.site)
    if known is None or known[0] != current:
        known = _directories[frappe.local.site] = (current, snapshot.load())
    return known[1]
