"""Roles come as a fixture; before the fixture is imported on a new site, links need them already."""

import json
from pathlib import Path

import frappe

PROFILES = {
    "Medical Affairs Office": ["Medical Affairs Manager", "Medical Affairs Officer", "Practitioner"],
    "Head of Department": ["Department Head", "Practitioner"],
    "Party Secretary of Department": ["Party Branch Secretary", "Practitioner"],
    "Physician": ["Practitioner"],
    "Committee Expert": ["Committee Member", "Practitioner"],
    "Access Auditor": ["Auditor"],
}


def sync_roles() -> int:
    """Insert the app's roles that the site lacks; returns how many are new."""
    path = Path(frappe.get_app_path("medaffairs", "fixtures", "role.json"))
    new = 0
    for row in json.loads(path.read_text(encoding="utf-8")):
        if not frappe.db.exists("Role", row["name"]):
            frappe.get_doc(
                {"doctype": "Role", "role_name": row["role_name"], "desk_access": row["desk_access"]}
            ).insert(ignore_permissions=True)
            new += 1
    return new


def sync_role_profiles() -> int:
    """Insert the role profiles that the site lacks; returns how many are new."""
    new = 0
    for name, roles in PROFILES.items():
        if not frappe.db.exists("Role Profile", name):
            frappe.get_doc(
                {
                    "doctype": "Role Profile",
                    "role_profile": name,
                    "roles": [{"role": role} for role in roles],
                }
            ).insert(ignore_permissions=True)
            new += 1
    return new
