"""The queues: one per system, in the order in which deliveries were written."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

import frappe
from frappe.query_builder.functions import Min
from frappe.utils import add_to_date, get_datetime, now_datetime

from medaffairs.integration.hl7 import writer
from medaffairs.integration.outbound import rules
from medaffairs.integration.outbound.messages import codec_of, with_control_id

DELIVERY, ENDPOINT = "HL7 Delivery", "HL7 Endpoint"
MOST_ERROR = 500


class Connection(NamedTuple):
    """How a system is reached; times in seconds."""

    host: str
    port: int
    tls: bool = False
    tls_verify: bool = True
    tls_ca: str = ""


class Parcel(NamedTuple):
    """What a lane needs to send one message."""

    name: int
    control_id: str
    attempts: int
    payload: bytes
    connection: Connection
    mode: str
    ack_timeout: int
    retry_seconds: int
    retry_limit_seconds: int


class Wait(NamedTuple):
    """The head of a queue may not be sent before some seconds have passed."""

    seconds: float


def insert(row: dict[str, Any]) -> int:
    """Writes a delivery at the end of its queue; its name."""
    doc = frappe.get_doc({"doctype": DELIVERY, **row})
    doc.flags.from_outbox = True
    doc.insert(ignore_permissions=True)
    return doc.name


def heads() -> dict[str, datetime | None]:
    """The systems for which something waits: when the first of it may be sent, None: at once."""
    serving = frappe.get_all(ENDPOINT, {"enabled": 1, "paused": 0, "direction": "Outbound"}, pluck="name")
    if not serving:
        return {}
    delivery = frappe.qb.DocType(DELIVERY)
    first = (
        frappe.qb.from_(delivery).select(Min(delivery.name))
        .where(delivery.status.isin(rules.OPEN) & delivery.endpoint.isin(serving))
        .groupby(delivery.endpoint).run()
    )  # fmt: skip
    names = [row[0] for row in first]
    rows = (
        frappe.get_all(DELIVERY, filters={"name": ("in", names)}, fields=["endpoint", "next_attempt"])
        if names
        else []
    )
    return {row.endpoint: get_datetime(row.next_attempt) if row.next_attempt else None for row in rows}


def connection_of(endpoint: Any) -> Connection:
    """How a system is reached, from its settings."""
    return Connection(
        endpoint.host,
        int(endpoint.port or 0),
        bool(endpoint.tls),
        bool(endpoint.tls_verify),
        endpoint.tls_ca or "",
    )


def take(endpoint: str) -> Parcel | Wait | None:
    """The message that is to be sent now, marked as sent before it leaves; None while there is none.

    A message whose answer never came (the process died) is the head of its queue still, and is taken again.
    """
    settings = frappe.db.get_value(
        ENDPOINT, endpoint,
        ["enabled", "paused", "direction", "host", "port", "tls", "tls_verify", "tls_ca", "acknowledgement",
         "ack_timeout", "retry_seconds", "retry_limit_seconds"],
        as_dict=True,
    )  # fmt: skip
    if not settings or not settings.enabled or settings.paused or settings.direction != "Outbound":
        return None
    rows = frappe.get_all(
        DELIVERY, filters={"endpoint": endpoint, "status": ("in", rules.OPEN)},
        fields=["name", "control_id", "attempts", "next_attempt", "payload"], order_by="name", limit=1,
    )  # fmt: skip
    if not rows:
        return None
    head, now = rows[0], now_datetime()
    if head.next_attempt and get_datetime(head.next_attempt) > now:
        return Wait((get_datetime(head.next_attempt) - now).total_seconds())
    attempts = (head.attempts or 0) + 1
    frappe.db.set_value(
        DELIVERY,
        head.name,
        {"status": rules.SENT, "attempts": attempts, "sent_at": now, "next_attempt": None},
    )
    return Parcel(
        head.name, head.control_id, attempts, head.payload.encode(codec_of(head.payload)), connection_of(settings),
        settings.acknowledgement or rules.APPLICATION, settings.ack_timeout or 10, settings.retry_seconds or 5,
        settings.retry_limit_seconds or 300,
    )  # fmt: skip


def settle(parcel: Parcel, outcome: rules.Outcome, ack: str) -> None:
    """Writes down what became of an attempt. What somebody gave up meanwhile is not tried again."""
    status = frappe.db.get_value(DELIVERY, parcel.name, "status", for_update=True)
    if status == rules.DEAD and outcome.status == rules.RETRYING:
        return
    now, reason = now_datetime(), frappe._(outcome.reason).format(*outcome.arguments)
    values: dict[str, Any] = {
        "status": outcome.status, "ack_code": outcome.code or None, "error": reason[:MOST_ERROR] or None,
        "next_attempt": None, "ack": ack or None,
    }  # fmt: skip
    if outcome.status == rules.ACKNOWLEDGED:
        values["acknowledged_at"] = now
    if outcome.status == rules.RETRYING:
        pause = rules.retry_delay(parcel.attempts, parcel.retry_seconds, parcel.retry_limit_seconds)
        values["next_attempt"] = add_to_date(now, seconds=pause, as_datetime=True)
    frappe.db.set_value(DELIVERY, parcel.name, values)


def send_again(name: int, reason: str) -> int:
    """Queues a copy of a delivery under a control id of its own; the copy's name.

    With the old id a receiver would only repeat the answer that it gave before.

    :raises frappe.ValidationError: for a message that was not sent because it breaks the standard
    """
    old = frappe.get_doc(DELIVERY, name)
    if old.status == rules.DEAD and not old.attempts:
        frappe.throw(frappe._("Delivery {0} was never sent: {1}").format(name, old.error))
    control = writer.control_id()
    copy = insert(
        {
            "endpoint": old.endpoint, "sequence": old.sequence, "event_type": "Resend", "message_type": old.message_type,
            "practitioner": old.practitioner, "control_id": control, "status": rules.QUEUED, "attempts": 0,
            "payload": with_control_id(old.payload, control, now_datetime()), "resend_of": old.name, "resend_reason": reason,
            "change_key": f"again|{control}",
        }
    )  # fmt: skip
    frappe.db.set_value(DELIVERY, old.name, "resent_as", copy, update_modified=False)
    return copy


def try_now(endpoint: str) -> int:
    """Lets the head of a queue be sent at once instead of waiting for its next attempt; how many that concerns."""
    rows = frappe.get_all(DELIVERY, filters={"endpoint": endpoint, "status": rules.RETRYING}, pluck="name")
    for name in rows:
        frappe.db.set_value(DELIVERY, name, "next_attempt", None)
    return len(rows)


def give_up(name: int, reason: str) -> None:
    """Moves a delivery that blocks its queue to the failed ones.

    :raises frappe.ValidationError: when it is not open any more
    """
    status = frappe.db.get_value(DELIVERY, name, "status", for_update=True)
    if status not in rules.OPEN:
        frappe.throw(frappe._("Only a delivery that is not finished can be given up"))
    frappe.db.set_value(
        DELIVERY, name, {"status": rules.DEAD, "next_attempt": None, "error": reason[:MOST_ERROR]}
    )
