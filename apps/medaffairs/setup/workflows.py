"""Workflows from `workflows/*.json`, which no host syncs from an app's folder by itself.

A file holds a Workflow as it is exported, and beside it `state_styles` (workflow state → style). What
was delivered is remembered as a hash: a workflow whose present content differs from what was delivered
last belongs to the hospital and is left alone.
"""

import hashlib
import json
from pathlib import Path

import frappe

REMEMBERED = "medaffairs_workflow_hash"
STATE_FIELDS = (
    "state",
    "doc_status",
    "allow_edit",
    "update_field",
    "update_value",
    "is_optional_state",
    "message",
)
TRANSITION_FIELDS = ("state", "action", "next_state", "allowed", "allow_self_approval", "condition")
# Numbers, with what a record holds when the file says nothing.
NUMBERS = {"doc_status": 0, "is_optional_state": 0, "allow_self_approval": 1}


def sync_workflows() -> list[str]:
    """Bring in new and changed workflows; returns the names of those that were written."""
    written = []
    for path in sorted(Path(frappe.get_app_path("medaffairs", "workflows")).glob("*.json")):
        source = json.loads(path.read_text(encoding="utf-8"))
        if _sync(source):
            written.append(source["workflow_name"])
    return written


def content_hash(workflow) -> str:
    """A hash of what a workflow does; the same for a file and for the record made from it."""
    facts = {
        "document_type": workflow.get("document_type"),
        "field": workflow.get("workflow_state_field") or "workflow_state",
        "states": [_row(row, STATE_FIELDS) for row in workflow.get("states") or []],
        "transitions": [_row(row, TRANSITION_FIELDS) for row in workflow.get("transitions") or []],
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _row(row, names: tuple[str, ...]) -> list[str]:
    values = []
    for name in names:
        value = row.get(name)
        if name in NUMBERS:
            value = int(NUMBERS[name] if value is None else value)
        values.append("" if value is None else str(value))
    return values


def _sync(source: dict) -> bool:
    name, delivered = source["workflow_name"], content_hash(source)
    if frappe.db.exists("Workflow", name):
        present = content_hash(frappe.get_doc("Workflow", name))
        if present == delivered:
            _remember(name, delivered)
            return False
        if present != _remembered(name):
            return False
    _ensure_masters(source)
    _write(name, source)
    _remember(name, content_hash(frappe.get_doc("Workflow", name)))
    return True


def _ensure_masters(source: dict) -> None:
    styles = source.get("state_styles") or {}
    for row in source["states"]:
        if not frappe.db.exists("Workflow State", row["state"]):
            frappe.get_doc(
                {
                    "doctype": "Workflow State",
                    "workflow_state_name": row["state"],
                    "style": styles.get(row["state"], ""),
                }
            ).insert(ignore_permissions=True)
    for action in dict.fromkeys(row["action"] for row in source["transitions"]):
        if not frappe.db.exists("Workflow Action Master", action):
            frappe.get_doc({"doctype": "Workflow Action Master", "workflow_action_name": action}).insert(
                ignore_permissions=True
            )


def _write(name: str, source: dict) -> None:
    values = {key: value for key, value in source.items() if key not in ("state_styles", "doctype", "name")}
    if frappe.db.exists("Workflow", name):
        workflow = frappe.get_doc("Workflow", name)
        workflow.set("states", [])
        workflow.set("transitions", [])
        workflow.update(values)
        workflow.save(ignore_permissions=True)
    else:
        frappe.get_doc({"doctype": "Workflow", **values}).insert(ignore_permissions=True)


def _remembered(name: str) -> str | None:
    return json.loads(frappe.db.get_default(REMEMBERED) or "{}").get(name)


def _remember(name: str, value: str) -> None:
    known = json.loads(frappe.db.get_default(REMEMBERED) or "{}")
    if known.get(name) != value:
        known[name] = value
        frappe.db.set_default(REMEMBERED, json.dumps(known))
