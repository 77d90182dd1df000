"""How long a file of a DocType's rows takes, and how much memory. Memory is traced in a run of its own: tracing takes time."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable, Sequence

from frappe.desk import _export, reportview
from frappe.model.db_query import DatabaseQuery

KINDS = (("CSV", _export.csv_content), ("Excel", _export.xlsx_content))


def exports(doctype: str, fields: Sequence[str], rows: int, asked: str = "") -> None:
    """Prints a line for each kind of file."""
    for kind, write in KINDS:
        seconds, size = _written(doctype, fields, rows, write)
        tracemalloc.start()
        _written(doctype, fields, rows, write)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        print(
            f"export of {rows:,} rows as {kind:<6} {seconds:6.2f} s{asked}, {size / 1e6:.1f} MB file, "
            f"peak memory {peak / 1e6:.1f} MB"
        )


def _written(doctype: str, fields: Sequence[str], rows: int, write: Callable) -> tuple[float, int]:
    query = DatabaseQuery(doctype)
    found = query.stream(fields=list(fields), limit_page_length=rows)
    labels = reportview.column_labels(doctype, list(fields))
    start = time.perf_counter()
    size = len(write(reportview._table(labels, found, query.columns)))
    return time.perf_counter() - start, size
