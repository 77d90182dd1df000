"""The kinds of privilege, the drug privileges and the conditions of the national rules, inserted when missing.

A condition that the hospital does not want is disabled, not deleted: what is deleted comes back with the next
migration, since nobody could tell it from one that is new.
"""

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
    return new + _fill_kinds(source["kinds"]) + sync_eligibility_rules()


def _fill_kinds(kinds: list[dict]) -> int:
    """Kinds from before they could name their exam get it."""
    filled = 0
    for row in kinds:
        if not frappe.db.get_value("Privilege Kind", row["kind_code"], "exam"):
            frappe.db.set_value("Privilege Kind", row["kind_code"], "exam", row["exam"])
            filled += 1
    return filled


def sync_eligibility_rules() -> int:
    """Insert the conditions that the site lacks; returns how many are new."""
    path = Path(frappe.get_app_path("medaffairs", "fixtures", "privileges", "eligibility_rules.json"))
    present = set(frappe.get_all("Eligibility Rule", filters={"rule_key": ("is", "set")}, pluck="rule_key"))
    fresh = [row for row in json.loads(path.read_text(encoding="utf-8")) if row["rule_key"] not in present]
    for row in fresh:
        frappe.get_doc({"doctype": "Eligibility Rule", **row}).insert(ignore_permissions=True)
    return len(fresh)
