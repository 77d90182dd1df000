"""What a host does in a second, through its public API alone: the same file runs on this host and on Frappe.

`python neutral.py SITES SITE` prints one JSON object: operations per second, or milliseconds of one call. The DocTypes that it makes
go at the end.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable

import frappe

PLAIN, PARENT, CHILD = "Host Speed Note", "Host Speed Order", "Host Speed Line"
ROWS, ROUNDS = 20_000, 3
KINDS = ("Data", "Data", "Small Text", "Int", "Float", "Check", "Date", "Datetime", "Select", "Data")


def make() -> None:
    """A flat DocType of ten fields, and one with a child table."""
    clear()
    fields = [
        {"fieldname": f"field_{index}", "fieldtype": kind, "label": f"Field {index}", "reqd": int(index == 0),
         "options": "Open\nClosed" if kind == "Select" else None}
        for index, kind in enumerate(KINDS)
    ]  # fmt: skip
    rules = [{"role": "System Manager", "read": 1, "write": 1, "create": 1, "delete": 1}]
    common = {"doctype": "DocType", "module": "Core", "custom": 1}
    frappe.get_doc(
        {**common, "name": PLAIN, "autoname": "hash", "fields": fields, "permissions": rules}
    ).insert()
    line = [
        {"fieldname": name, "fieldtype": kind, "label": name}
        for name, kind in (("item", "Data"), ("amount", "Float"))
    ]
    frappe.get_doc({**common, "name": CHILD, "istable": 1, "fields": line, "permissions": []}).insert()
    table = {"fieldname": "lines", "fieldtype": "Table", "label": "Lines", "options": CHILD}
    frappe.get_doc(
        {
            **common,
            "name": PARENT,
            "autoname": "hash",
            "track_changes": 1,
            "fields": [*fields, table],
            "permissions": rules,
        }
    ).insert()
    frappe.db.commit()


def clear() -> None:
    """Removes what a run leaves."""
    for doctype in (PARENT, CHILD, PLAIN):
        if frappe.db.exists("DocType", doctype):
            frappe.db.delete("Version", {"ref_doctype": doctype})
            frappe.delete_doc("DocType", doctype, force=True)
            frappe.db.sql_ddl(f"drop table if exists `tab{doctype}`")
    frappe.db.commit()


def values(number: int) -> dict:
    """Ten values."""
    return {
        "field_0": f"title {number}", "field_1": "a short text", "field_2": "a longer text with some words in it",
        "field_3": number, "field_4": number / 7, "field_5": number % 2, "field_6": "2026-03-01",
        "field_7": "2026-03-01 08:00:00", "field_8": "Open", "field_9": "last",
    }  # fmt: skip


def insert(number: int, doctype: str = PLAIN, lines: int = 0) -> str:
    """Stores one document with all its checks."""
    doc = frappe.get_doc({"doctype": doctype, **values(number)})
    for line in range(lines):
        doc.append("lines", {"item": f"item {line}", "amount": line})
    return doc.insert().name


def rate(action: Callable[[int], object], count: int) -> float:
    """Calls per second, the best of some rounds."""
    rates = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for number in range(count):
            action(number)
        rates.append(count / (time.perf_counter() - start))
        frappe.db.rollback()
    return max(rates)


def median_ms(action: Callable[[], object], times: int = 200) -> float:
    """Milliseconds of one call."""
    action()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        action()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken) * 1000


def writing() -> dict[str, float]:
    """Documents stored in a second."""

    def committed(number: int) -> None:
        insert(number)
        frappe.db.commit()

    names = [insert(number, PARENT, 3) for number in range(50)]
    frappe.db.commit()

    def save(number: int) -> None:
        doc = frappe.get_doc(PARENT, names[number % len(names)])
        doc.field_3 = (doc.field_3 or 0) + 1
        doc.save()

    return {
        "insert of 10 fields, one transaction": rate(insert, 500),
        "insert of 10 fields, a commit each": rate(committed, 200),
        "insert with 3 rows": rate(lambda number: insert(number, PARENT, 3), 200),
        "get, change and save with 3 rows": rate(save, 150),
    }


def reading() -> dict[str, float]:
    """Milliseconds of one document and of one page."""
    flat, parent = insert(1), insert(1, PARENT, 3)
    columns = ["name", "creation", "modified", "owner", "modified_by", *values(0)]
    start = time.perf_counter()
    frappe.db.bulk_insert(
        PLAIN, columns,
        [
            (f"n{number:06d}", "2026-01-01 00:00:00", f"2026-01-01 {number // 3600 % 24:02d}:{number // 60 % 60:02d}:{number % 60:02d}",
             "Administrator", "Administrator", *values(number).values())
            for number in range(ROWS)
        ],
    )  # fmt: skip
    bulk = ROWS / (time.perf_counter() - start)
    frappe.db.commit()
    fields = ["name", "field_0", "field_8", "field_3", "modified"]
    listing = {"doctype": PLAIN, "fields": fields, "limit_page_length": 20, "order_by": "modified desc"}
    return {
        "bulk_insert, rows": bulk,
        "get_doc of 10 fields, ms": median_ms(lambda: frappe.get_doc(PLAIN, flat)),
        "get_doc with 3 rows, ms": median_ms(lambda: frappe.get_doc(PARENT, parent)),
        "get_list 20 of 20,000, ms": median_ms(lambda: frappe.get_list(**listing)),
        "get_list at 19,000, ms": median_ms(lambda: frappe.get_list(**listing, limit_start=19_000), 50),
    }


def main(sites: str, site: str) -> None:
    """Measures and prints."""
    frappe.init(site=site, sites_path=sites)
    frappe.connect()
    frappe.set_user("Administrator")
    make()
    try:
        figures = writing() | reading()
    finally:
        frappe.db.rollback()
        clear()
        frappe.destroy()
    print(json.dumps(figures))


if __name__ == "__main__":
    main(*sys.argv[1:3])
