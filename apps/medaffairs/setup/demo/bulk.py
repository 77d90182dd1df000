"""Writing many rows at once, with the columns that every record has."""

from collections.abc import Iterable

import frappe

STANDARD = ("name", "creation", "modified", "owner", "modified_by", "docstatus", "idx")


def insert(doctype: str, rows: Iterable[dict], at: str) -> int:
    """Insert rows (each with `name`) that all have the same keys; returns their number.

    They are stamped `at`, and the administrator's, unless they say otherwise (`creation`, `modified`, `owner`).
    """
    rows = list(rows)
    if not rows:
        return 0
    keys = [key for key in rows[0] if key not in STANDARD]
    values = (
        [
            row["name"],
            row.get("creation", at),
            row.get("modified", row.get("creation", at)),
            row.get("owner", "Administrator"),
            row.get("owner", "Administrator"),
            0,
            row.get("idx", 0),
            *(row[key] for key in keys),
        ]
        for row in rows
    )
    frappe.db.bulk_insert(doctype, [*STANDARD, *keys], list(values))
    return len(rows)


def child(parent: str, parenttype: str, parentfield: str, idx: int, **values) -> dict:
    """A child row with a name that follows from its parent, so that a second run gives the same."""
    return {
        "name": f"{parent}-{parentfield[:3]}{idx}"[:140],
        "idx": idx,
        "parent": parent,
        "parenttype": parenttype,
        "parentfield": parentfield,
        **values,
    }


def continue_series(prefix: str, last: int) -> None:
    """Let a naming series go on after names that were given out here."""
    series = frappe.qb.DocType("Series")
    frappe.qb.from_(series).delete().where(series.name == prefix).run()
    frappe.qb.into(series).columns("name", "current").insert(prefix, last).run()
