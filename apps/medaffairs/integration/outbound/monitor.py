"""What the monitor page shows: the state of every system that is sent to, and of what comes in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import frappe
from frappe.query_builder.functions import Count, Max, Min
from frappe.utils import get_datetime, now_datetime

from medaffairs.integration.outbound import rules
from medaffairs.integration.outbound.deliveries import DELIVERY, ENDPOINT

SETTINGS = (
    "name", "enabled", "paused", "paused_reason", "direction", "host", "port", "tls", "receiving_application",
    "send_staff_events", "send_master_file", "last_sequence", "last_moment", "sync_requested_at",
)  # fmt: skip


def endpoints() -> list[dict[str, Any]]:
    """Every system that is sent to, with its queue."""
    rows = frappe.get_all(ENDPOINT, filters={"direction": "Outbound"}, fields=list(SETTINGS), order_by="name")
    counts, heads, now = _counts(), _heads(), now_datetime()
    return [
        _endpoint(row, counts.get(row.name, {}), heads.get(row.name), _last_acknowledged(row.name), now)
        for row in rows
    ]


def _endpoint(
    row: Any, counts: dict[str, int], head: Any, acknowledged: Any, now: datetime
) -> dict[str, Any]:
    queued_at = get_datetime(head.creation) if head else None
    state = rules.state_of(
        enabled=bool(row.enabled), paused=bool(row.paused), head=head, now=now, queued_at=queued_at
    )
    reason = row.paused_reason if state == "Paused" else head.error if head else None
    return {
        **{name: row[name] for name in SETTINGS},
        "state": state,
        "reason": reason or None,
        "queued": sum(counts.get(status, 0) for status in rules.OPEN),
        "dead": counts.get(rules.DEAD, 0),
        "oldest_queued_at": queued_at,
        "oldest_age": int((now - queued_at).total_seconds()) if queued_at else None,
        "attempts": head.attempts if head else 0,
        "next_attempt": head.next_attempt if head else None,
        "head": head.name if head else None,
        "last_acknowledged_at": acknowledged,
        "behind": _behind(row),
    }


def _behind(row: Any) -> int:
    """How many events of the ledger a system's queue has not taken up yet."""
    if not row.enabled or not row.last_moment:
        return 0
    event = frappe.qb.DocType("Privilege Event")
    return (
        frappe.qb.from_(event).select(Count("*")).where(event.sequence > (row.last_sequence or 0)).run()[0][0]
    )


def _counts() -> dict[str, dict[str, int]]:
    """Per system: open deliveries by status, and failed ones that nobody has sent again."""
    delivery = frappe.qb.DocType(DELIVERY)
    waiting = delivery.status.isin(rules.OPEN)
    failed = (delivery.status == rules.DEAD) & (delivery.resent_as.isnull() | (delivery.resent_as == ""))
    rows = (
        frappe.qb.from_(delivery).select(delivery.endpoint, delivery.status, Count("*"))
        .where(waiting | failed).groupby(delivery.endpoint, delivery.status).run()
    )  # fmt: skip
    counts: dict[str, dict[str, int]] = {}
    for endpoint, status, count in rows:
        counts.setdefault(endpoint, {})[status] = count
    return counts


def _heads() -> dict[str, Any]:
    delivery = frappe.qb.DocType(DELIVERY)
    first = (
        frappe.qb.from_(delivery).select(Min(delivery.name)).where(delivery.status.isin(rules.OPEN))
        .groupby(delivery.endpoint).run()
    )  # fmt: skip
    if not first:
        return {}
    rows = frappe.get_all(
        DELIVERY, filters={"name": ("in", [row[0] for row in first])},
        fields=["name", "endpoint", "status", "attempts", "next_attempt", "error", "creation"],
    )  # fmt: skip
    return {row.endpoint: row for row in rows}


def _last_acknowledged(endpoint: str) -> Any:
    """When a system acknowledged last: queues are in order, so the newest acknowledged delivery tells."""
    rows = frappe.get_all(
        DELIVERY,
        filters={"endpoint": endpoint, "status": rules.ACKNOWLEDGED},
        order_by="name desc",
        limit=1,
        pluck="acknowledged_at",
    )
    return rows[0] if rows else None


def inbound(since: datetime) -> list[dict[str, Any]]:
    """What came in since a moment, per sender: messages, refused acts, messages that could not be processed."""
    message = frappe.qb.DocType("HL7 Message")
    rows = (
        frappe.qb.from_(message)
        .select(message.sender, message.status, message.decision, Count("*").as_("count"), Max(message.received_at).as_("last"))
        .where((message.direction == "In") & (message.received_at >= str(since)))
        .groupby(message.sender, message.status, message.decision).run(as_dict=True)
    )  # fmt: skip
    senders: dict[str, dict[str, Any]] = {}
    for row in rows:
        known = senders.setdefault(
            row.sender or "",
            {"sender": row.sender or "", "received": 0, "denied": 0, "failed": 0, "last_received_at": None},
        )
        known["received"] += row["count"]
        known["denied"] += row["count"] if row.decision == "Denied" else 0
        known["failed"] += row["count"] if row.status not in ("Received", "Processed") else 0
        last = get_datetime(row["last"])
        known["last_received_at"] = max(known["last_received_at"] or last, last)
    return sorted(senders.values(), key=lambda row: row["sender"])
