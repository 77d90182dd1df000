"""Receipts of what was sent to other systems: per target what waits, is repeated, was given up or acknowledged;
and every delivery with its age.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import frappe
from frappe import _
from frappe.query_builder.functions import Count, Max, Min
from frappe.utils import cint, cstr, get_datetime, now_datetime

from medaffairs import reporting

VIEWS = ("Per Target", "Per Delivery")
STATES = ("Queued", "Sent", "Retrying", "Dead", "Acknowledged")
OPEN = ("Queued", "Sent", "Retrying", "Dead")
COLOURS = (reporting.BLUE, reporting.TEAL, reporting.AMBER, reporting.RED, reporting.GREEN)


def execute(filters: dict | None = None) -> reporting.Result:
    """One row per target system, or per delivery with the oldest first."""
    filters = frappe._dict(filters or {})
    view = reporting.text(filters, "view", VIEWS) or "Per Target"
    now = now_datetime()
    targets = _targets(filters, now)
    deliveries = _deliveries(filters, now) if view == "Per Delivery" else []
    rows = deliveries if view == "Per Delivery" else targets
    advice = _(
        "Nothing was sent in this period. Please choose a longer period, or enable an outbound endpoint."
    )
    message = reporting.nothing(rows, advice) or reporting.shortened(len(deliveries) >= reporting.MOST_ROWS)
    columns = _delivery_columns() if view == "Per Delivery" else _target_columns()
    return columns, rows, message, _chart(targets), _summary(targets)


def _query(filters: dict) -> tuple[Any, Any]:
    delivery = frappe.qb.DocType("HL7 Delivery")
    query = frappe.qb.from_(delivery)
    endpoint, status = reporting.text(filters, "endpoint"), reporting.text(filters, "status", STATES)
    start, end = reporting.day(filters, "from_date"), reporting.day(filters, "to_date")
    if endpoint:
        query = query.where(delivery.endpoint == endpoint)
    if status:
        query = query.where(delivery.status == status)
    if cint(reporting.text(filters, "not_acknowledged")):
        query = query.where(delivery.status.isin(list(OPEN)))
    if start:
        query = query.where(delivery.creation >= cstr(start))
    if end:
        query = query.where(delivery.creation < cstr(end + timedelta(days=1)))
    return reporting.seen(query, "HL7 Delivery"), delivery


def _targets(filters: dict, now: datetime) -> list[dict]:
    query, delivery = _query(filters)
    counted = query.select(
        delivery.endpoint, delivery.status, Count("*"), Min(delivery.creation), Max(delivery.acknowledged_at)
    ).groupby(delivery.endpoint, delivery.status)
    found: dict[str, dict] = {}
    for endpoint, status, count, oldest, acknowledged in counted.run():
        row = found.setdefault(endpoint, {"oldest": None, "last": None, **dict.fromkeys(STATES, 0)})
        row[status] = row.get(status, 0) + count
        if status in OPEN:
            row["oldest"] = min(filter(None, (row["oldest"], get_datetime(oldest))))
        row["last"] = max(
            filter(None, (row["last"], acknowledged and get_datetime(acknowledged))), default=None
        )
    enabled = reporting.names_of("HL7 Endpoint", "enabled")
    return [_target(endpoint, found[endpoint], enabled, now) for endpoint in sorted(found)]


def _target(endpoint: str, row: dict, enabled: dict, now: datetime) -> dict:
    total, waiting = sum(row[state] for state in STATES), sum(row[state] for state in OPEN)
    return {
        "endpoint": endpoint,
        "enabled": _("Enabled") if cint(enabled.get(endpoint)) else _("Disabled"),
        **{state.lower(): row[state] for state in STATES},
        "total": total,
        "not_acknowledged": waiting,
        "acknowledged_share": reporting.share(row["Acknowledged"], total),
        "oldest": row["oldest"],
        "age_minutes": _minutes(row["oldest"], now),
        "last_acknowledged": row["last"],
        "drill": reporting.drill(
            "HL7 Delivery", ("endpoint", "=", endpoint), ("status", "!=", "Acknowledged")
        ),
    }


def _minutes(since: datetime | None, now: datetime) -> int | None:
    return max(int((now - since).total_seconds() // 60), 0) if since else None


def _deliveries(filters: dict, now: datetime) -> list[dict]:
    query, delivery = _query(filters)
    fields = ("name", "endpoint", "event_type", "practitioner", "resent_as", "sequence", "control_id", "status", "attempts", "creation", "sent_at",
              "next_attempt", "acknowledged_at", "ack_code", "error")  # fmt: skip
    rows = (
        query.select(*[delivery[name] for name in fields])
        .orderby(delivery.creation)
        .limit(reporting.MOST_ROWS)
    )
    made = []
    for row in rows.run(as_dict=True):
        until = get_datetime(row.acknowledged_at) if row.acknowledged_at else now
        event = _(row.event_type) if row.event_type else ""
        made.append(
            {
                **row,
                "delivery": row.name,
                "status": _(row.status),
                "event_type": event,
                "age_minutes": _minutes(get_datetime(row.creation), until),
            }
        )
    return made


def _target_columns() -> list[dict]:
    return [
        reporting.link("endpoint", _("Target System"), "HL7 Endpoint", 150),
        reporting.column("enabled", _("State"), width=80),
        *(reporting.column(state.lower(), _(state), "Int", 90) for state in STATES),
        reporting.column("total", _("Total"), "Int", 80),
        reporting.column("not_acknowledged", _("Not Acknowledged"), "Int", 100),
        reporting.column("acknowledged_share", _("Acknowledged (%)"), "Percent", 110),
        reporting.column("oldest", _("Oldest Not Acknowledged"), "Datetime", 150),
        reporting.column("age_minutes", _("Age (Minutes)"), "Int", 100),
        reporting.column("last_acknowledged", _("Last Acknowledged"), "Datetime", 150),
    ]


def _delivery_columns() -> list[dict]:
    return [
        reporting.link("delivery", _("Delivery"), "HL7 Delivery", 90),
        reporting.link("endpoint", _("Target System"), "HL7 Endpoint", 150),
        reporting.column("event_type", _("Event"), width=90),
        reporting.link("practitioner", _("Practitioner"), "Practitioner", 100),
        reporting.column("sequence", _("Sequence"), "Int", 90),
        reporting.column("control_id", _("Control ID"), width=130),
        reporting.column("status", _("Delivery State"), width=90),
        reporting.column("attempts", _("Attempts"), "Int", 80),
        reporting.column("creation", _("Queued At"), "Datetime", 150),
        reporting.column("sent_at", _("Sent At"), "Datetime", 150),
        reporting.column("next_attempt", _("Next Attempt"), "Datetime", 150),
        reporting.column("acknowledged_at", _("Acknowledged At"), "Datetime", 150),
        reporting.column("ack_code", _("ACK Code"), width=80),
        reporting.column("age_minutes", _("Age (Minutes)"), "Int", 100),
        reporting.column("error", _("Error"), width=240),
        reporting.link("resent_as", _("Sent Again As"), "HL7 Delivery", 100),
    ]


def _chart(targets: list[dict]) -> dict | None:
    return reporting.chart(
        "bar",
        _("Receipts by target system"),
        [row["endpoint"] for row in targets],
        {_(state): [row[state.lower()] for row in targets] for state in STATES},
        COLOURS,
        stacked=True,
    )


def _summary(targets: list[dict]) -> list[dict]:
    def total(key: str) -> int:
        return sum(row[key] for row in targets)

    oldest = max((row["age_minutes"] for row in targets if row["age_minutes"] is not None), default=0)
    return [
        reporting.figure(_("Acknowledged"), total("acknowledged"), "Green"),
        reporting.figure(_("Queued"), total("queued") + total("sent")),
        reporting.figure(_("Retrying"), total("retrying"), "Orange" if total("retrying") else ""),
        reporting.figure(_("Dead"), total("dead"), "Red" if total("dead") else "Green"),
        reporting.figure(_("Oldest Not Acknowledged (Minutes)"), oldest, "Orange" if oldest > 60 else ""),
    ]
