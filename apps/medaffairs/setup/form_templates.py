"""The forms that a hospital starts with: inserted where the site has no version of them, never overwritten.

Their texts are the hospital's data, in its language; a hospital that changes one makes a new version of it, which a later
migration leaves alone.
"""

import json
from pathlib import Path
from typing import Any

import frappe

from medaffairs.forms import templates

DOCTYPE = "Form Template"


def sync_forms() -> int:
    """Insert the delivered forms that the site lacks and put them in force; returns how many are new."""
    new = 0
    for source in delivered():
        if frappe.db.exists(DOCTYPE, {"form_code": source["form_code"]}):
            continue
        doc = frappe.get_doc({"doctype": DOCTYPE, **source})
        doc.insert(ignore_permissions=True)
        templates.put_in_force(doc.name)
        new += 1
    return new


def delivered() -> list[dict[str, Any]]:
    """The delivered forms as the values of `Form Template` documents."""
    folder = Path(frappe.get_app_path("medaffairs", "setup", "forms"))
    found = []
    for path in sorted(folder.glob("*.json")):
        source = json.loads(path.read_text(encoding="utf-8"))
        for row in source["questions"]:
            row["options"] = "\n".join(row.get("options", []))
        found.append(source)
    return found
