"""The only writer of `Data Access Log`.

The log's name is its sequence. A record is one INSERT in a transaction of its own: it takes the number
after the head that this process knows, and the primary key decides between two processes that take the
same number; the loser reads the new head and tries again. So numbers have no gaps, grow in commit order
and no lock is held while anything else happens.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import frappe
from frappe.utils import now_datetime

from medaffairs.audit.rules import CHAINED, GENESIS, Access, Entry, chain

ATTEMPTS = 40
PAUSE = 0.005
STANDARD = (
    "name",
    "creation",
    "modified",
    "owner",
    "modified_by",
    "docstatus",
    "idx",
    "prev_hash",
    "row_hash",
)
COLUMNS = STANDARD + CHAINED
# Both are made of the names above alone; every value is a parameter.
INSERT = f"insert into `tabData Access Log` ({', '.join(f'`{name}`' for name in COLUMNS)}) values "  # noqa: S608
ROW = f"({', '.join(['%s'] * len(COLUMNS))})"

_heads: dict[str, tuple[int, str]] = {}
_lock = threading.Lock()


class RecordingError(frappe.ValidationError):
    """An access could not be recorded, so it must not be answered."""

    http_status_code = 503


def record(
    action: str,
    *,
    door: str = "API",
    outcome: str = "Success",
    target_type: str = "",
    target_name: str = "",
    filters: str = "",
    row_count: int = 0,
    duration_ms: int = 0,
    user: str | None = None,
    ip: str = "",
    agent: str = "",
) -> int:
    """Append one record, commit it and return its sequence.

    Call it with no uncommitted work: the record commits by itself, so that it stays when the work it
    describes fails. Raises `RecordingError` when it cannot be stored.
    """
    entry = Entry(
        occurred_at=moment(),
        user=user or frappe.session.user,
        action=action,
        door=door,
        outcome=outcome,
        target_type=target_type,
        target_name=target_name,
        filters=filters,
        row_count=row_count,
        duration_ms=duration_ms,
        ip=ip,
        agent=agent,
    )
    return record_all([entry])


def record_all(entries: Sequence[Entry]) -> int:
    """Append records in one transaction and return the sequence of the last.

    Raises `RecordingError` when they cannot be stored; then none is.
    """
    site = frappe.local.site
    with _lock:
        for attempt in range(ATTEMPTS):
            try:
                head = _heads.get(site) or read_head()
                _heads[site] = _append(entries, *head)
                return _heads[site][0]
            except Exception as error:
                frappe.db.rollback()
                _heads.pop(site, None)
                last = error
            time.sleep(PAUSE * min(attempt, 10))
    raise RecordingError(f"the access could not be recorded: {last}") from last


def moment() -> str:
    """Now in the site's time zone, to the microsecond, as it is stored and hashed."""
    return now_datetime().isoformat(sep=" ", timespec="microseconds")


def read_head() -> tuple[int, str]:
    """Sequence and hash of the last record; of an empty log what its first continues from."""
    rows = frappe.db.sql("select `name`, `row_hash` from `tabData Access Log` order by `name` desc limit 1")
    if rows:
        return int(rows[0][0]), rows[0][1]
    seal = frappe.get_all(
        "Audit Seal", fields=["last_sequence", "head_hash"], order_by="last_sequence desc", limit=1
    )
    return (seal[0].last_sequence, seal[0].head_hash) if seal else (0, GENESIS)


def _append(entries: Sequence[Entry], sequence: int, head: str) -> tuple[int, str]:
    values: list = []
    for sequence, prev_hash, digest, texts in chain(entries, sequence, head):  # noqa: B020 - it moves the head
        at, user = texts[0], texts[1]
        values += (sequence, at, at, user, user, 0, 0, prev_hash, digest, *texts)
        head = digest
    frappe.db.sql(INSERT + ", ".join([ROW] * len(entries)), values)
    frappe.db.commit()
    return sequence, head


@contextmanager
def audited(action: str, target_type: str, target_name: str = "", *, door: str = "API") -> Iterator["Note"]:
    """Record what happens inside, with the rows that the caller notes: `note.row_count = n`.

    In a request the note replaces what the request would be recorded as. Elsewhere (the gate, jobs,
    commands) what was done is committed and then recorded, also when it failed.
    """
    note = Note(action, target_type, target_name)
    if getattr(frappe.local, "request", None):
        frappe.local.medaffairs_audit_note = note
        yield note
        return
    started, outcome = time.perf_counter(), "Failed"
    try:
        yield note
        frappe.db.commit()
        outcome = "Success"
    finally:
        if outcome == "Failed":
            frappe.db.rollback()
        record(
            action,
            door=door,
            outcome=outcome,
            target_type=target_type,
            target_name=target_name,
            filters=note.filters,
            row_count=note.row_count,
            duration_ms=round((time.perf_counter() - started) * 1000),
        )


class Note:
    """What a piece of code says about the access it serves; the recorder adds who, when and from where."""

    def __init__(self, action: str, target_type: str, target_name: str = "") -> None:
        self.access = Access(action, target_type, target_name)
        self.row_count = 0
        self.filters = ""
