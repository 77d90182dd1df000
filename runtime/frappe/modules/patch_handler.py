"""Patches: one-off changes of a site when an app is updated, each run once."""

from __future__ import annotations

import os

import frappe

PRE, POST = "pre_model_sync", "post_model_sync"


def get_patches_from_app(app: str, section: str) -> list[str]:
    """Lines of an app's patches.txt that belong to a section; without sections they are all pre."""
    path = frappe.get_app_path(app, "patches.txt")
    if not os.path.exists(path):
        return []
    current, found = PRE, []
    with open(path, encoding="utf-8") as file:
        for line in (raw.strip() for raw in file):
            if line.startswith("[") and line.endswith("]"):
                current = line[1:-1].strip()
            elif line and not line.startswith("#") and current == section:
                found.append(line)
    return found


def run_all(section: str, skip_failing: bool = False) -> int:
    """Runs the patches of a section that have not run yet; how many that were."""
    done = set(frappe.get_all("Patch Log", pluck="patch", filters={"skipped": 0}))
    count = 0
    for app in frappe.get_installed_apps():
        for patch in get_patches_from_app(app, section):
            if patch not in done:
                run_single(patch)
                count += 1
    return count


def run_single(patch: str) -> None:
    """Runs a patch and notes it, in one transaction."""
    name = patch.split("#")[0].split()[0] if not patch.startswith("execute:") else patch
    frappe.flags.in_patch = True
    try:
        if name.startswith("execute:"):
            _execute_statement(name[len("execute:") :])
        else:
            frappe.get_attr(f"{name}.execute")()
        frappe.get_doc(doctype="Patch Log", patch=patch, skipped=0).insert(ignore_permissions=True)
        frappe.db.commit()
    except Exception:
        frappe.db.rollback()
        raise
    finally:
        frappe.flags.in_patch = False


def _execute_statement(statement: str) -> None:
    """An `execute:` line is Python of the app's own repository, as trusted as its modules."""
    exec(statement.strip(), {"frappe": frappe})  # noqa: S102 - code of an installed app


def mark_all_done(app: str) -> None:
    """A fresh installation needs no patches."""
    for section in (PRE, POST):
        for patch in get_patches_from_app(app, section):
            if not frappe.db.exists("Patch Log", {"patch": patch}):
                frappe.get_doc(doctype="Patch Log", patch=patch, skipped=0).insert(ignore_permissions=True)
