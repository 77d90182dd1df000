"""Printed forms in tests whose records are undone."""

from __future__ import annotations

import frappe


def printed(doctype: str, name: str, form: str) -> str:
    """The page of a printed form.

    Frappe records what is printed and commits that at once, except in tests that say so.
    """
    frappe.flags.in_test = True
    try:
        return frappe.get_print(doctype, name, form)
    finally:
        frappe.flags.in_test = False
