"""Long imports: in memory that does not grow with the file, and going on after the worker was killed.

`IMPORT_ROWS` (by default 5,000) is the length of the file, `IMPORT_KILLS` (2) how often its worker is killed.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import frappe
import pytest
from frappe.core.doctype.data_import.importer import ImportFile

NAME = "Test Imported Note"
ROWS = int(os.environ.get("IMPORT_ROWS", 5_000))
KILLS = int(os.environ.get("IMPORT_KILLS", 2))
IMPORTED = max(400, 120 * KILLS)
WORKER = """
import sys, frappe
frappe.init(sys.argv[1], sites_path=sys.argv[2])
frappe.connect()
from frappe.core.doctype.data_import.data_import import start_import
start_import(sys.argv[3])
"""


@pytest.fixture
def notes(site) -> Iterator[str]:
    """A DocType for the records, lasting; gone after the test."""
    frappe.get_doc(
        doctype="DocType", name=NAME, module="Core", custom=1, allow_import=1, autoname="hash",
        fields=[{"fieldname": "subject", "fieldtype": "Data", "label": "Subject"},
                {"fieldname": "role", "fieldtype": "Link", "options": "Role", "label": "Role"},
                {"fieldname": "day", "fieldtype": "Date", "label": "Day"}],
        permissions=[{"role": "System Manager", "read": 1, "write": 1, "create": 1, "import": 1, "export": 1}],
    ).insert()  # fmt: skip
    frappe.db.commit()
    yield NAME
    frappe.db.rollback()
    for doctype, filters in (("Data Import", {"reference_doctype": NAME}), ("File", {"file_name": "notes.csv"})):  # fmt: skip
        for name in frappe.get_all(doctype, filters=filters, pluck="name"):
            frappe.delete_doc(doctype, name, force=True)
    frappe.delete_doc("DocType", NAME, force=True)
    frappe.db.sql_ddl(f"drop table if exists `tab{NAME}`")
    frappe.db.commit()


def stored(rows: int) -> str:
    """A file of so many records."""
    lines = "".join(f"note {number},Guest,2024-01-{number % 28 + 1:02}\n" for number in range(rows))
    content = f"Subject,Role,Day\n{lines}"
    file = frappe.get_doc(doctype="File", file_name="notes.csv", content=content, is_private=1).insert()
    return file.file_url


def test_a_long_file_needs_no_more_memory_than_its_text(notes):
    import tracemalloc

    small, large = stored(ROWS // 10), stored(ROWS)
    peaks = []
    for url, rows in ((small, ROWS // 10), (large, ROWS)):
        tracemalloc.start()
        file = ImportFile(NAME, url)
        assert sum(1 for _payload in file.get_payloads_for_import()) == file.payload_count == rows
        peaks.append(tracemalloc.get_traced_memory()[1] - len(file.content))
        tracemalloc.stop()
    # Ten times the rows: beside the text itself, next to nothing more.
    assert peaks[1] < peaks[0] + 2 * len(file.content)


def test_a_killed_import_goes_on_and_imports_nothing_twice(notes, host_site):
    folder, name = host_site
    doc = frappe.get_doc(doctype="Data Import", reference_doctype=NAME, import_type="Insert New Records", import_file=stored(IMPORTED)).insert()  # fmt: skip
    frappe.db.commit()
    for kill in range(KILLS + 1):
        worker = subprocess.Popen([sys.executable, "-c", WORKER, name, folder, doc.name])
        if kill == KILLS:
            assert worker.wait(120) == 0
            break
        before = count()
        while count() < before + 40 and worker.poll() is None:
            time.sleep(0.01)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        assert count() < IMPORTED, "the worker was killed in the middle"
    frappe.db.rollback()
    doc.reload()
    assert doc.status == "Success"
    subjects = frappe.get_all(NAME, pluck="subject")
    assert sorted(subjects) == sorted(f"note {number}" for number in range(IMPORTED))
    logged = frappe.get_all("Data Import Log", {"data_import": doc.name}, ["row_indexes", "success"])
    assert sorted(json.loads(row.row_indexes)[0] for row in logged) == list(range(2, IMPORTED + 2))


def count() -> int:
    """Records that are lasting."""
    frappe.db.rollback()
    return frappe.db.count(NAME)
