"""Texts on their way into a spreadsheet, which would run what looks like a formula (CWE-1236)."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

# A sign before a plain number is a number, not a formula.
_FORMULA = re.compile(r"[=@\t\r]|[+-](?![\d.,]+$)")
BYTE_ORDER_MARK = "\ufeff"


def harmless(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula gets an apostrophe before it; other values stay."""
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value


def harmless_csv(content: bytes) -> bytes:
    """A file of comma-separated values, UTF-8 with or without byte-order mark, with harmless cells."""
    text = content.decode("utf-8")
    mark = BYTE_ORDER_MARK if text.startswith(BYTE_ORDER_MARK) else ""
    target = io.StringIO()
    writer = csv.writer(target, quoting=csv.QUOTE_NONNUMERIC if _quotes_all(text) else csv.QUOTE_MINIMAL)
    for row in csv.reader(io.StringIO(text.removeprefix(mark), newline="")):
        writer.writerow([harmless(cell) for cell in row])
    return (mark + target.getvalue()).encode()


def _quotes_all(text: str) -> bool:
    return text.lstrip(BYTE_ORDER_MARK).startswith('"')
