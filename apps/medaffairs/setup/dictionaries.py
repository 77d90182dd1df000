"""The lists the hospital starts with: inserted when they are missing, never overwritten.

They lie in folders below `fixtures/`, not beside the role fixture, because a migration re-imports the
files of that folder itself and would undo what the hospital has changed in its own dictionaries.
"""

import json
from pathlib import Path

import frappe


def sync_dictionaries() -> int:
    """Insert dictionaries and items that the site lacks; returns how many records are new."""
    new = 0
    for path in sorted(_folder("dictionaries").glob("*.json")):
        new += _sync_dictionary(json.loads(path.read_text(encoding="utf-8")))
    return new


def sync_time_limits() -> int:
    """Insert the statutory time limits that the site lacks; returns how many are new."""
    new = 0
    for path in sorted(_folder("time_limits").glob("*.json")):
        for row in json.loads(path.read_text(encoding="utf-8")):
            if not frappe.db.exists("Handling Time Limit", row["limit_name"]):
                frappe.get_doc({"doctype": "Handling Time Limit", **row}).insert(ignore_permissions=True)
                new += 1
    return new


def _folder(name: str) -> Path:
    return Path(frappe.get_app_path("medaffairs", "fixtures", name))


def _sync_dictionary(source: dict) -> int:
    code, new = source["dictionary_code"], 0
    if not frappe.db.exists("Dictionary", code):
        values = {key: value for key, value in source.items() if key != "items"}
        frappe.get_doc({"doctype": "Dictionary", **values}).insert(ignore_permissions=True)
        new += 1
    present = set(frappe.get_all("Dictionary Item", filters={"dictionary": code}, pluck="code"))
    for row in source["items"]:
        if row["code"] in present:
            continue
        values = dict(row, attributes=json.dumps(row["attributes"])) if "attributes" in row else row
        frappe.get_doc({"doctype": "Dictionary Item", "dictionary": code, **values}).insert(
            ignore_permissions=True
        )
        new += 1
    return new
