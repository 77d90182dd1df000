"""The kinds of privilege and the drug privileges of the national rules, inserted when they are missing."""

import json
from pathlib import Path

import frappe


def sync_privileges() -> int:
    """Insert kinds and drug privileges that the site lacks; returns how many are new."""
    path = Path(frappe.get_app_path("medaffairs", "fixtures", "privileges", "kinds.json"))
    source = json.loads(path.read_text(encoding="utf-8"))
    new = 0
    for doctype, key, rows in (
        ("Privilege Kind", "kind_code", source["kinds"]),
        ("Drug Privilege", "privilege_code", source["drug_privileges"]),
    ):
        for row in rows:
            if not frappe.db.exists(doctype, row[key]):
                frappe.get_doc({"doctype": doctype, **row}).insert(ignore_permissions=True)
                new += 1
    return new
