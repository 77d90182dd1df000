"""Messages as an operating theatre's system sends them, and what became of them."""

from __future__ import annotations

import frappe
from support.gate_process import wait_until


def booking(control: str, *details: str, trigger: str = "S12", appointment: str = "T-A1") -> bytes:
    lines = (
        f"MSH|^~\\&|T-ORIS|T-HOSP|MEDAFFAIRS|T-HOSP|20260503083000||SIU^{trigger}^SIU_S12|{control}|P|2.5.1||||||UNICODE UTF-8",
        f"SCH|{appointment}||||||||||||||||||||||||Booked",
        "PID|1||T-P1^^^T-HOSP^MR||王^小明||19800229|M",
        "PV1|1|I|T-0301^^12|||||||||||||||T-V1",
        "RGS|1|A",
        *details,
    )
    return ("\r".join(lines) + "\r").encode()


def procedure(code: str, number: int = 1, at: str = "29990504080000") -> str:
    return f"AIS|{number}|A|{code}^测试手术^ICD9CM3|{at}"


def person(staff_no: str, role: str = "SURGEON", number: int = 1) -> str:
    return f"AIP|{number}|A|{staff_no}^测^试|{role}"


def stored(control: str) -> dict:
    frappe.db.rollback()
    rows = frappe.get_all("HL7 Message", filters={"control_id": control}, fields=["*"])
    assert len(rows) == 1, rows
    return rows[0]


def processed(control: str) -> dict:
    wait_until(lambda: stored(control)["status"] not in ("Received",))
    return stored(control)
