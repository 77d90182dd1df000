"""Names of tables and columns in statements."""

from __future__ import annotations

import re

import frappe

_IDENTIFIER = re.compile(r"^[A-Za-z0-9_][A-Za-z0-9_ \-()&/.]*$")


def identifier(name: str) -> str:
    """A table's or column's name, quoted.

    :raises frappe.DataError: for a name that cannot be one
    """
    if not _IDENTIFIER.match(name or ""):
        frappe.throw(f"Invalid name: {name}", frappe.DataError)
    return f"`{name}`"
