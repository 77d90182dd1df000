"""The channels and words that a hospital starts with: inserted when they are missing, never overwritten."""

import json
from pathlib import Path

import frappe


def sync_messaging() -> int:
    """Insert channels and templates that the site lacks; returns how many are new."""
    new = 0
    folder = Path(frappe.get_app_path("medaffairs", "fixtures", "messaging"))
    for doctype, file in (("Message Channel", "channels.json"), ("Message Template", "templates.json")):
        for row in json.loads((folder / file).read_text(encoding="utf-8")):
            name = row.get("channel_name") or row.get("template_code")
            if not frappe.db.exists(doctype, name):
                frappe.get_doc({"doctype": doctype, **row}).insert(ignore_permissions=True)
                new += 1
    return new
