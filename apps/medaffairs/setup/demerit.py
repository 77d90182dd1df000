"""The negative list and penalty rules that a hospital starts with: inserted when there are none, never overwritten."""

import json
from pathlib import Path

import frappe


def sync_demerit() -> int:
    """Insert the delivered version and rules where the site has none; returns how many records are new."""
    return _sync_list() + _sync_rules()


def _read(name: str):
    return json.loads(
        Path(frappe.get_app_path("medaffairs", "fixtures", "demerit", name)).read_text(encoding="utf-8")
    )


def _sync_list() -> int:
    if frappe.db.count("Negative List Version"):
        return 0
    source = _read("negative_list.json")
    items = source.pop("items")
    version = frappe.get_doc({"doctype": "Negative List Version", "status": "Draft", **source})
    version.insert(ignore_permissions=True)
    for row in items:
        frappe.get_doc({"doctype": "Negative List Item", "version": version.name, **row}).insert(
            ignore_permissions=True
        )
    version.flags.putting_in_force = True
    version.update({"status": "In Force", "effective_from": source["effective_from"]})
    version.save(ignore_permissions=True)
    return len(items) + 1


def _sync_rules() -> int:
    if frappe.db.count("Penalty Rule"):
        return 0
    rows = _read("penalty_rules.json")
    for row in rows:
        frappe.get_doc({"doctype": "Penalty Rule", **row}).insert(ignore_permissions=True)
    return len(rows)
