"""Documents beside plain sqlite3, in one run on the same file system: what the life cycle costs."""

from __future__ import annotations

import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import frappe
from frappe import installer

PARENT, CHILD, PLAIN = "Bench Order", "Bench Order Line", "Bench Note"
ROUNDS = 8


def make_doctypes() -> None:
    """A flat DocType of ten fields, and one with a child table."""
    kinds = ("Data", "Data", "Small Text", "Int", "Float", "Check", "Date", "Datetime", "Select", "Data")
    fields = [
        {"fieldname": f"field_{index}", "fieldtype": kind, "label": f"Field {index}", "reqd": int(index == 0),
         "options": "Open\nClosed" if kind == "Select" else None}
        for index, kind in enumerate(kinds)
    ]  # fmt: skip
    rules = [{"role": "System Manager", "read": 1, "write": 1, "create": 1, "delete": 1}]
    common = {"doctype": "DocType", "module": "Core", "custom": 1}
    frappe.get_doc(**common, name=PLAIN, autoname="hash", fields=fields, permissions=rules).insert()
    line = [{"fieldname": name, "fieldtype": kind, "label": name}
            for name, kind in (("item", "Data"), ("amount", "Float"))]  # fmt: skip
    frappe.get_doc(**common, name=CHILD, istable=1, fields=line, permissions=[]).insert()
    lines = {"fieldname": "lines", "fieldtype": "Table", "label": "Lines", "options": CHILD}
    frappe.get_doc(
        **common, name=PARENT, autoname="hash", track_changes=1, fields=[*fields, lines], permissions=rules
    ).insert()


def values(number: int) -> dict:
    """Ten values of a note."""
    return {
        "field_0": f"title {number}", "field_1": "a short text", "field_2": "a longer text with some words in it",
        "field_3": number, "field_4": number / 7, "field_5": number % 2, "field_6": "2026-03-01",
        "field_7": "2026-03-01 08:00:00", "field_8": "Open", "field_9": "last",
    }  # fmt: skip


def best_rate(action: Callable[[int], object], count: int, end: Callable[[], object]) -> float:
    """Calls per second, the best of some rounds, because the machine has other work."""
    rates = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for number in range(count):
            action(number)
        rates.append(count / (time.perf_counter() - start))
        end()
    return max(rates)


def median_ms(action: Callable[[], object], times: int = 500) -> float:
    """Milliseconds of one call."""
    action()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        action()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken) * 1000


def insert(number: int, doctype: str = PLAIN, lines: int = 0) -> object:
    """Makes and stores one document with all its checks."""
    doc = frappe.get_doc({"doctype": doctype, **values(number)})
    for line in range(lines):
        doc.append("lines", {"item": f"item {line}", "amount": line})
    return doc.insert()


def writing(plain: sqlite3.Connection) -> None:
    """Inserts and saves per second."""
    columns = ["name", "owner", "creation", "modified", "modified_by", "docstatus", "idx", *values(0)]
    statement = f"insert into `tab{PLAIN}` ({', '.join(columns)}) values ({', '.join('?' * len(columns))})"
    stamp = "2026-03-01 08:00:00.000000"

    def raw(number: int) -> None:
        row = (
            frappe.generate_hash(length=10),
            "Administrator",
            stamp,
            stamp,
            "Administrator",
            0,
            0,
            *values(number).values(),
        )
        plain.execute(statement, row)  # fmt: skip

    reference = best_rate(raw, 5000, plain.rollback)
    rate = best_rate(insert, 2000, frappe.db.rollback)
    show("insert of 10 fields, one transaction", rate, reference)

    def committed(number: int) -> None:
        insert(number)
        frappe.db.commit()

    def raw_committed(number: int) -> None:
        raw(number)
        plain.commit()

    reference = best_rate(raw_committed, 500, plain.rollback)
    show("insert of 10 fields, a commit each", best_rate(committed, 300, frappe.db.rollback), reference)
    rate = best_rate(lambda number: insert(number, PARENT, 3), 500, frappe.db.rollback)
    print(f"{'insert with 3 rows':<40} {rate:9,.0f}/s")
    names = [insert(number, PARENT, 3).name for number in range(50)]
    frappe.db.commit()

    def get_and_save(number: int) -> None:
        doc = frappe.get_doc(PARENT, names[number % len(names)])
        doc.field_3 = cint_of(doc.field_3) + 1
        doc.save()

    print(
        f"{'get, change and save with 3 rows':<40} {best_rate(get_and_save, 300, frappe.db.rollback):9,.0f}/s"
    )


def cint_of(value: object) -> int:
    """A number that may be missing."""
    return int(value or 0)


def reading(plain: sqlite3.Connection) -> None:
    """Milliseconds of one document and of one value."""
    flat, parent = insert(1).name, insert(1, PARENT, 3).name
    frappe.db.commit()
    row = median_ms(lambda: plain.execute(f"select * from `tab{PLAIN}` where name = ?", (flat,)).fetchone())
    for what, action in (
        ("get_doc of 10 fields", lambda: frappe.get_doc(PLAIN, flat)),
        ("get_doc with 3 rows", lambda: frappe.get_doc(PARENT, parent)),
        ("db.get_value", lambda: frappe.db.get_value(PLAIN, flat, "field_0")),
    ):
        taken = median_ms(action)
        print(f"{what:<40} {taken:9.3f} ms   sqlite3 row {row:9.3f} ms   ratio {taken / row:6.1f}")


def show(what: str, ours: float, plain: float) -> None:
    """One line of the table."""
    print(f"{what:<40} {ours:9,.0f}/s    sqlite3 {plain:9,.0f}/s    ratio {plain / ours:6.1f}")


def main() -> None:
    """Runs everything in a folder that goes afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        installer.new_site("bench.test", folder, "a password 4 benchmarks", "sqlite", force=True)
        frappe.init("bench.test", sites_path=folder, force=True)
        frappe.connect()
        make_doctypes()
        frappe.db.commit()
        plain = sqlite3.connect(Path(frappe.db.path).resolve())
        plain.execute("pragma synchronous = normal")
        writing(plain)
        reading(plain)
        plain.close()
        frappe.destroy()


if __name__ == "__main__":
    main()
