"""Whether the gate answers and how far behind it is, for the monitor's page.

The gate is a process of its own, mostly on this machine. Where it listens stands in the site's configuration as
`medaffairs_gate_url`; without it the gate's usual port is asked.
"""

import json
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

import frappe

from medaffairs.integration.api import WATCHERS

USUAL = "http://127.0.0.1:8001"
PATIENCE_SECONDS = 2


@frappe.whitelist(methods=["GET"])
def gate() -> dict[str, Any]:
    """How the gate is.

    :returns: reachable; status (ok, degraded), troubles, version and lag_seconds as the gate tells them; `ledger`,
        the newest sequence in the database; `behind`, how many events the gate has not seen; `error` when it does
        not answer
    """
    frappe.only_for(WATCHERS, message=True)
    newest = frappe.get_all("Privilege Event", fields=["sequence"], order_by="sequence desc", limit=1)
    ledger = newest[0].sequence if newest else 0
    try:
        told = _ask(frappe.conf.get("medaffairs_gate_url") or USUAL)
    except (OSError, HTTPException, ValueError) as error:
        return {"reachable": False, "ledger": ledger, "error": str(error)[:200]}
    version = told.get("version") or 0
    return {"reachable": True, **told, "ledger": ledger, "behind": max(0, ledger - version)}


def _ask(address: str) -> dict[str, Any]:
    """The gate's own words about its health; it says them with 503 too.

    :raises OSError, HTTPException, ValueError: when it does not answer, or not as the gate does
    """
    parts = urlsplit(address)
    door = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = door(parts.hostname or "127.0.0.1", parts.port, timeout=PATIENCE_SECONDS)
    try:
        connection.request("GET", "/health")
        told = json.loads(connection.getresponse().read(65_536))
    finally:
        connection.close()
    if not isinstance(told, dict) or "status" not in told:
        raise ValueError("this is not the gate")
    return told
