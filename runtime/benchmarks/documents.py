"""Documents beside plain sqlite3, in one run on the same file system: what the life cycle costs."""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import frappe
from frappe import installer
from neutral import PARENT, PLAIN, insert, make, median_ms, values

ROUNDS = 8


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
    names = [insert(number, PARENT, 3) for number in range(50)]
    frappe.db.commit()

    def get_and_save(number: int) -> None:
        doc = frappe.get_doc(PARENT, names[number % len(names)])
        doc.field_3 = (doc.field_3 or 0) + 1
        doc.save()

    print(
        f"{'get, change and save with 3 rows':<40} {best_rate(get_and_save, 300, frappe.db.rollback):9,.0f}/s"
    )


def reading(plain: sqlite3.Connection) -> None:
    """Milliseconds of one document and of one value."""
    flat, parent = insert(1), insert(1, PARENT, 3)
    frappe.db.commit()
    row = median_ms(
        lambda: plain.execute(f"select * from `tab{PLAIN}` where name = ?", (flat,)).fetchone(), 500
    )
    for what, action in (
        ("get_doc of 10 fields", lambda: frappe.get_doc(PLAIN, flat)),
        ("get_doc with 3 rows", lambda: frappe.get_doc(PARENT, parent)),
        ("db.get_value", lambda: frappe.db.get_value(PLAIN, flat, "field_0")),
    ):
        taken = median_ms(action, 500)
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
        make()
        plain = sqlite3.connect(Path(frappe.db.path).resolve())
        plain.execute("pragma synchronous = normal")
        writing(plain)
        reading(plain)
        plain.close()
        frappe.destroy()


if __name__ == "__main__":
    main()
