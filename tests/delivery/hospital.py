"""What the tests of messages to other systems do: grant, revoke, deliver, look at deliveries."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import frappe

from medaffairs.integration.gate.database import DatabaseThread
from medaffairs.integration.outbound.courier import Courier
from medaffairs.privileging import index as privilege_index
from medaffairs.privileging import ledger

CODE, OTHER_CODE = "T51.2300", "T47.0100"
PERSON = "T7001"


def clean() -> None:
    """Removes what these tests write, past the rules that forbid people to do so."""
    frappe.db.rollback()
    frappe.set_user("Administrator")
    for doctype in ("HL7 Delivery", "HL7 Endpoint Kind", "Code Mapping"):
        frappe.db.delete(doctype)
    frappe.db.delete("HL7 Endpoint", {"endpoint_name": ("like", "测试%")})
    for doctype in ("Privilege Event", "Privilege Grant", "Privilege Suspension"):
        frappe.db.delete(doctype, {"practitioner": ("like", "T70%")})
    frappe.db.delete("Practitioner", {"staff_no": ("like", "T70%")})
    frappe.db.delete("Procedure", {"procedure_code": ("in", (CODE, OTHER_CODE))})
    frappe.db.delete("Clinical Department", {"department_code": "T-HL7"})
    frappe.db.commit()
    # In life nobody deletes from the ledger; here the index must not remember what was.
    privilege_index._indexes.clear()


@contextlib.asynccontextmanager
async def delivering(alone: bool = True) -> AsyncIterator[Courier]:
    """A courier at work on the test site; `alone`: no other process may be delivering."""
    courier = Courier(DatabaseThread(frappe.local.site, frappe.local.sites_path, "test-courier"))
    await courier.start()
    try:
        await courier_has_its_turn(courier, alone)
        yield courier
    finally:
        await courier.stop()


async def courier_has_its_turn(courier: Courier, alone: bool) -> None:
    """Waits until a courier delivers.

    :raises AssertionError: when a gate of the test site runs elsewhere
    """
    for _ in range(50):
        if courier.delivers or not alone:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("another gate delivers for the test site")


def grant(code: str = CODE, **values: object) -> str:
    """Grants the surgeon a procedure and commits."""
    name = ledger.grant(PERSON, "SURGERY", code, reason="定期授权", level="2", **values)
    frappe.db.commit()
    return name


def revoke(name: str, reason: str = "考核不合格") -> None:
    """Revokes a grant and commits."""
    ledger.revoke(name, reason)
    frappe.db.commit()


def deliveries(endpoint: str, *fields: str) -> list:
    """The deliveries of a system in their order, as committed by now."""
    frappe.db.rollback()
    return frappe.get_all(
        "HL7 Delivery",
        filters={"endpoint": endpoint},
        fields=["name", "status", "error", *fields],
        order_by="name",
    )


async def settled(endpoint: str, *statuses: str, seconds: float = 20.0) -> list:
    """Waits until a system's deliveries have these statuses; the deliveries.

    :raises AssertionError: when they do not come to have them
    """
    rows: list = []
    for _ in range(int(seconds / 0.1)):
        rows = deliveries(
            endpoint, "attempts", "ack_code", "next_attempt", "control_id", "message_type", "event_type"
        )
        if tuple(row.status for row in rows) == statuses:
            return rows
        await asyncio.sleep(0.1)
    raise AssertionError(f"expected {statuses}, found {[(row.status, row.error) for row in rows]}")
