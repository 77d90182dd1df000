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
            new += _sync_time_limit(row)
    return new


def _sync_time_limit(row: dict) -> int:
    """Inserts a limit, or tells one from before there were clocks what it runs for; 1 for a new one."""
    name = row["limit_name"]
    if not frappe.db.exists("Handling Time Limit", name):
        frappe.get_doc({"doctype": "Handling Time Limit", **row}).insert(ignore_permissions=True)
        return 1
    known = frappe.db.get_value("Handling Time Limit", name, ["document_type", "starts_with"], as_dict=True)
    if (row.get("document_type") and not known.document_type) or (
        row.get("starts_with") and not known.starts_with
    ):
        limit = frappe.get_doc("Handling Time Limit", name)
        kept = ("limit_value", "unit", "disabled", "limit_name")
        limit.update({key: value for key, value in row.items() if key not in kept})
        limit.save(ignore_permissions=True)
    return 0


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
