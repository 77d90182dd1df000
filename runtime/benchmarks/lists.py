"""Lists and exports beside what they cost in plain sqlite3, in one run on the same rows."""

from __future__ import annotations

import os
import sqlite3
import tempfile

import frappe
from exporting import exports
from frappe import installer
from frappe.model.db_query import DatabaseQuery
from neutral import median_ms

ROWS, EXPORTED, DOCTYPE = 20_000, 50_000, "Bench Visit"
FIELDS = ["name", "subject", "status", "score", "modified"]


def prepare(folder: str) -> None:
    """A site with rows in it."""
    installer.new_site("bench.test", folder, "a password 4 benchmarks", "sqlite", force=True)
    frappe.init("bench.test", sites_path=folder, force=True)
    frappe.connect()
    fields = [("subject", "Data"), ("status", "Select"), ("score", "Int"), ("price", "Float"), ("seen_on", "Date"),
              *((f"text_{number}", "Data") for number in range(5))]  # fmt: skip
    frappe.get_doc(
        doctype="DocType", name=DOCTYPE, module="Core", custom=1, autoname="hash",
        fields=[{"fieldname": name, "fieldtype": kind, "label": name, "options": "Open\nClosed" if kind == "Select" else None} for name, kind in fields],
        permissions=[{"role": "All", "read": 1, "export": 1, "report": 1}],
    ).insert()  # fmt: skip
    frappe.get_doc(
        doctype="User", email="reader@bench.test", first_name="Reader", send_welcome_email=0
    ).insert()
    fill(0, ROWS)


def fill(start: int, end: int) -> None:
    """Adds numbered rows."""
    columns = [
        "name",
        "creation",
        "modified",
        "owner",
        "modified_by",
        "subject",
        "status",
        "score",
        "price",
        "seen_on",
    ]
    columns += [f"text_{number}" for number in range(5)]
    frappe.db.bulk_insert(
        DOCTYPE,
        columns,
        (
            (f"row{number:06d}", "2026-01-01 00:00:00", f"2026-01-01 {number // 3600 % 24:02d}:{number // 60 % 60:02d}:{number % 60:02d}",
             "Administrator", "Administrator", f"subject {number}", "Open" if number % 3 else "Closed", number % 100,
             number / 7, "2026-02-03", *(f"text {number} {column}" for column in range(5)))
            for number in range(start, end)
        ),
    )  # fmt: skip
    frappe.db.commit()


def show(what: str, ours: float, plain: float) -> None:
    """One line of the table."""
    print(f"{what:<44} {ours:9.3f} ms   sqlite3 {plain:9.3f} ms   ratio {ours / plain:5.2f}")


def lists(path: str) -> None:
    """Pages of 20 rows."""
    plain = sqlite3.connect(path)
    columns = ", ".join(f"`{field}`" for field in FIELDS)
    cases = [
        ("20 of 20,000, newest first", {}, "", ()),
        ("20 with two filters", {"filters": {"status": "Open", "score": (">", 50)}}, "where status = ? and score > ?", ("Open", 50)),
        ("20 at offset 19,000", {"start": 19_000}, "", ()),
    ]  # fmt: skip
    for user in ("Administrator", "reader@bench.test"):
        frappe.set_user(user)
        for title, ask, where, values in cases:
            statement = f"select {columns} from `tab{DOCTYPE}` {where} order by modified desc limit 20 offset {ask.get('start', 0)}"
            ours = median_ms(lambda ask=ask: frappe.get_list(DOCTYPE, fields=FIELDS, page_length=20, **ask))
            theirs = median_ms(
                lambda statement=statement, values=values: plain.execute(statement, values).fetchall()
            )
            show(f"{title} ({user.split('@')[0]})", ours, theirs)
    frappe.set_user("Administrator")
    count = median_ms(
        lambda: DatabaseQuery(DOCTYPE).execute(fields=["count(*) as c"], filters={"status": "Open"}), 50
    )
    show(
        "count",
        count,
        median_ms(
            lambda: plain.execute(f"select count(*) from `tab{DOCTYPE}` where status = 'Open'").fetchall(), 50
        ),
    )


def main() -> None:
    """Runs everything in a folder that goes afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        prepare(folder)
        lists(os.path.abspath(frappe.db.path))
        fill(ROWS, EXPORTED)
        exports(
            DOCTYPE, [*FIELDS[:4], "price", "seen_on", *(f"text_{number}" for number in range(5))], EXPORTED
        )
        frappe.destroy()


if __name__ == "__main__":
    main()
