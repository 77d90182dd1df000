"""The one place where incoming messages are kept. Used by the gate's own database thread, and by nobody else.

A batch is one transaction: the messages of all connections that arrived meanwhile. Only when it is committed
may their answers leave.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import frappe

from medaffairs.audit.rules import Entry
from medaffairs.integration.rules import answers
from medaffairs.integration.rules.answers import Translate
from medaffairs.integration.rules.reception import Reception, repeated

DOCTYPE = "HL7 Message"
RECEIVED, REJECTED = "Received", "Rejected"
COLUMNS = (
    "name", "creation", "modified", "owner", "modified_by", "docstatus", "idx", "direction", "sender", "control_id",
    "message_type", "status", "received_at", "decision", "error", "payload", "ack", "acts", "peer", "message_key",
    "content_hash",
)  # fmt: skip
# Answers of one message are kept in one field: segments end with a carriage return, none begins with this.
BETWEEN = "\n"
OWNER = "Administrator"


@dataclass
class Arrival:
    """A message on its way: what came from where, and what is to be answered. `answers` may change."""

    data: bytes
    peer: str
    content_hash: str
    received_at: datetime
    reception: Reception
    answers: tuple[bytes, ...] = ()
    resent: bool = False
    duration_ms: int = 0


def persist(batch: Sequence[Arrival], translate: Translate = str) -> None:
    """Keeps a batch in one transaction and sets the answers of each; does not return before it is committed.

    A message that was accepted before gets its stored answers, one that reuses a control id is rejected.

    :raises Exception: whatever the database raises; then nothing is kept
    """
    known = _known([arrival.reception.key for arrival in batch if arrival.reception.key])
    fresh: list[list[Any]] = []
    for arrival in batch:
        before = known.get(arrival.reception.key)
        if before is None:
            fresh.append(_insert(arrival, known))
        elif before["status"] == REJECTED:
            # Nothing was done for it: the sender may have mended it, or we ourselves.
            _replace(arrival, before, fresh)
        elif before["content_hash"] == arrival.content_hash:
            arrival.resent = True
            arrival.answers = _stored(before["ack"], arrival)
        else:
            arrival.reception = repeated(arrival.reception.header, arrival.data, translate)
            fresh.append(_insert(arrival, known, keyed=False))
    if fresh:
        frappe.db.bulk_insert(DOCTYPE, list(COLUMNS), fresh)
    frappe.db.commit()


def access(arrival: Arrival, occurred_at: datetime) -> Entry:
    """What the audit keeps of a message: who asked what from where, and what the answer was."""
    reception = arrival.reception
    header = reception.header
    asked = [
        {"practitioner": ruling.act.practitioner, "kind": ruling.act.kind, "code": ruling.act.code,
         "reason": ruling.decision.reason}
        for ruling in reception.rulings
    ]  # fmt: skip
    question: dict[str, Any] = {"checks": asked} if asked else {}
    if arrival.resent:
        question["resent"] = True
    if reception.error:
        question["error"] = reception.error
    outcome = "Success" if reception.accepted else "Failed"
    if reception.accepted and answers.verdict(reception.rulings) == "Denied":
        outcome = "Denied"
    return Entry(
        occurred_at=occurred_at.isoformat(sep=" ", timespec="microseconds"),
        user=header.sender if header else "",
        action="Check" if asked else "Update",
        door="HL7",
        outcome=outcome,
        target_type=header.message_type if header else "",
        target_name=header.control_id if header else "",
        row_count=len(asked),
        duration_ms=arrival.duration_ms,
        ip=arrival.peer,
        filters=json.dumps(question, ensure_ascii=False) if question else "",
    )


def _known(keys: list[str]) -> dict[str, dict[str, Any]]:
    if not keys:
        return {}
    rows = frappe.get_all(
        DOCTYPE,
        filters={"message_key": ("in", sorted(set(keys)))},
        fields=["name", "message_key", "content_hash", "status", "ack"],
        limit_page_length=0,
    )
    return {row.message_key: dict(row) for row in rows}


def _insert(arrival: Arrival, known: dict[str, dict[str, Any]], keyed: bool = True) -> list[Any]:
    name = frappe.db.get_next_sequence_val(DOCTYPE)
    row = _row(arrival, name, keyed)
    key = arrival.reception.key
    if keyed and key:
        known[key] = dict(zip(COLUMNS, row, strict=True))
    return row


def _replace(arrival: Arrival, before: dict[str, Any], fresh: list[list[Any]]) -> None:
    row = _row(arrival, before["name"], keyed=True)
    before.update(zip(COLUMNS, row, strict=True))
    for position, waiting in enumerate(fresh):
        if waiting[0] == before["name"]:
            fresh[position] = row
            return
    table = frappe.qb.DocType(DOCTYPE)
    query = frappe.qb.update(table).where(table.name == before["name"])
    for column, value in zip(COLUMNS[7:], row[7:], strict=True):
        query = query.set(table[column], value)
    query.set(table.modified, row[2]).run()


def _row(arrival: Arrival, name: int, keyed: bool) -> list[Any]:
    reception, at = arrival.reception, arrival.received_at
    header = reception.header
    arrival.answers = reception.answers
    codec = header.codec if header else "utf-8"
    acts = [ruling.as_dict() for ruling in reception.rulings]
    return [
        name, at, at, OWNER, OWNER, 0, 0, "In",
        header.sender if header else "",
        header.control_id[:140] if header else "",
        header.message_type[:140] if header else "",
        RECEIVED if reception.accepted else REJECTED,
        at,
        answers.verdict(reception.rulings),
        reception.error,
        reception.payload,
        BETWEEN.join(answer.decode(codec) for answer in reception.answers),
        json.dumps(acts, ensure_ascii=False) if acts else None,
        arrival.peer,
        (reception.key or None) if keyed and reception.lasting else None,
        arrival.content_hash,
    ]  # fmt: skip


def _stored(ack: str | None, arrival: Arrival) -> tuple[bytes, ...]:
    if not ack:
        return ()
    return tuple(text.encode(arrival.reception.header.codec) for text in ack.split(BETWEEN))
