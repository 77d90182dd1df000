"""Notices to complainants that a hospital starts with: inserted when they are missing, never overwritten."""

import json
from pathlib import Path

import frappe


def sync_dispute() -> int:
    """Insert the templates of notices that the site lacks; returns how many are new."""
    path = Path(frappe.get_app_path("medaffairs", "fixtures", "dispute", "notice_templates.json"))
    new = 0
    for row in json.loads(path.read_text(encoding="utf-8")):
        if not frappe.db.exists("Notice Template", row["template_name"]):
            frappe.get_doc({"doctype": "Notice Template", **row}).insert(ignore_permissions=True)
            new += 1
    return new
