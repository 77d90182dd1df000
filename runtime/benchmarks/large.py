"""A DocType of a million rows: first page, deep pages, counts and a long export, beside plain sqlite3 on the same file."""

from __future__ import annotations

import os
import sqlite3
import sys
import tempfile
import time

import frappe
from exporting import exports
from frappe import installer
from neutral import median_ms

ROWS, EXPORTED, DOCTYPE = 1_000_000, 100_000, "Bench Message"
FIELDS = ["name", "subject", "status", "ward", "modified"]
COLUMNS = [
    "name",
    "creation",
    "modified",
    "owner",
    "modified_by",
    "subject",
    "status",
    "ward",
    "score",
    "note",
]


def prepare(folder: str) -> None:
    """A site whose table has an index on its ward, a reader who may see one ward alone, and a million rows."""
    installer.new_site("bench.test", folder, "a password 4 benchmarks", "sqlite", force=True)
    frappe.init("bench.test", sites_path=folder, force=True)
    frappe.connect()
    frappe.get_doc(
        doctype="DocType", name=DOCTYPE, module="Core", custom=1, autoname="hash",
        fields=[
            {"fieldname": "subject", "fieldtype": "Data", "label": "Subject"},
            {"fieldname": "status", "fieldtype": "Select", "label": "Status", "options": "Open\nClosed"},
            {"fieldname": "ward", "fieldtype": "Data", "label": "Ward", "search_index": 1},
            {"fieldname": "score", "fieldtype": "Int", "label": "Score"},
            {"fieldname": "note", "fieldtype": "Small Text", "label": "Note"},
        ],
        permissions=[{"role": "All", "read": 1, "export": 1, "report": 1}],
    ).insert()  # fmt: skip
    frappe.get_doc(
        doctype="User", email="reader@bench.test", first_name="Reader", send_welcome_email=0
    ).insert()
    start = time.perf_counter()
    frappe.db.bulk_insert(DOCTYPE, COLUMNS, rows(), chunk_size=20_000)
    frappe.db.commit()
    print(f"{'bulk_insert':<44} {ROWS / (time.perf_counter() - start):9,.0f} rows/s")


def rows() -> object:
    """A million rows, a second apart."""
    for number in range(ROWS):
        day, second = divmod(number, 86_400)
        moment = (
            f"2026-01-{day + 1:02d} {second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}.000000"
        )
        yield (
            f"m{number:07d}", moment, moment, "Administrator", "Administrator", f"subject {number}",
            "Open" if number % 3 else "Closed", f"ward {number % 500}", number % 100, "a note of some words",
        )  # fmt: skip


def show(what: str, ours: float, plain: float, asked: float) -> None:
    """One line of the table."""
    wish = f"(asked ≤ {asked:g} ms)" if asked else ""
    print(f"{what:<44} {ours:9.3f} ms   sqlite3 {plain:9.3f} ms   ratio {ours / plain:6.2f} {wish}")


def lists(path: str) -> None:
    """Pages of 20 rows, near and far."""
    plain = sqlite3.connect(path)
    columns = ", ".join(f"`{field}`" for field in FIELDS)
    cases = [
        ("first page", {}, "", 5),
        ("first page by an indexed filter", {"filters": {"ward": "ward 77"}}, "where ward = 'ward 77'", 5),
        ("page at 500,000", {"start": 500_000}, "", 20),
        ("page at 999,980", {"start": 999_980}, "", 0),
        (
            "next page after a given row (keyset)",
            {"filters": [["modified", "<", "2026-01-06 18:53:20"]]},
            "where modified < '2026-01-06 18:53:20'",
            5,
        ),
    ]
    for user in ("Administrator", "reader@bench.test"):
        frappe.set_user(user)
        for title, ask, where, asked in cases:
            statement = f"select {columns} from `tab{DOCTYPE}` {where} order by modified desc limit 20 offset {ask.get('start', 0)}"
            ours = median_ms(
                lambda ask=ask: frappe.get_list(DOCTYPE, fields=FIELDS, page_length=20, **ask), 40
            )
            theirs = median_ms(lambda statement=statement: plain.execute(statement).fetchall(), 40)
            show(f"{title} ({user.split('@')[0]})", ours, theirs, asked)
    frappe.set_user("Administrator")
    count = median_ms(lambda: frappe.db.count(DOCTYPE, {"ward": "ward 77"}))
    statement = f"select count(*) from `tab{DOCTYPE}` where ward = 'ward 77'"
    show("count by an indexed filter", count, median_ms(lambda: plain.execute(statement).fetchall()), 0)
    plain.close()


def main() -> None:
    """Runs everything in a folder that goes afterwards."""
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores (load {os.getloadavg()[0]:.1f})")
    with tempfile.TemporaryDirectory() as folder:
        prepare(folder)
        lists(os.path.abspath(frappe.db.path))
        exports(DOCTYPE, [*FIELDS, "score", "note"], EXPORTED, " (asked ≤ 3 s)")
        frappe.destroy()


if __name__ == "__main__":
    main()
