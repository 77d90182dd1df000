"""What the auditor's page asks: search the log, export it, verify it, seal it."""

import csv
import json
import tempfile
from collections.abc import Iterator

import frappe
import xlsxwriter
from frappe import _
from frappe.utils import cint, nowdate
from werkzeug.wrappers import Response
from werkzeug.wsgi import FileWrapper

from medaffairs.audit import events, keeper
from medaffairs.audit.recorder import audited
from medaffairs.audit.verify import verify as verify_chain
from medaffairs.spreadsheets import harmless

LOG = "Data Access Log"
COLUMNS = {
    "name": "Sequence",
    "occurred_at": "Occurred At",
    "user": "User",
    "door": "Door",
    "action": "Action",
    "outcome": "Outcome",
    "target_type": "Target Type",
    "target_name": "Target",
    "row_count": "Rows",
    "duration_ms": "Duration (ms)",
    "ip": "IP Address",
    "filters": "Filters",
    "row_hash": "Row Hash",
}
EXACT = ("user", "door", "action", "outcome", "target_type", "ip")
CHUNK = 5_000
MAX_PAGE = 500


@frappe.whitelist(methods=["GET", "POST"])
def search(filters: str | dict | None = None, start: int = 0, page_length: int = 50) -> dict:
    """A page of the log, newest first, with the number of all records that match.

    `filters` may hold `user`, `door`, `action`, `outcome`, `target_type`, `ip` (exact), `target_name` and
    `text` (contained), `from_time` and `to_time` (the end is excluded). Only those who may read the log.
    """
    frappe.has_permission(LOG, "read", throw=True)
    keeper.bring()
    asked = _parse(filters)
    conditions = _conditions(asked)
    size = max(1, min(cint(page_length), MAX_PAGE))
    rows = frappe.get_all(
        LOG,
        filters=conditions,
        fields=["name as sequence", *list(COLUMNS)[1:]],
        order_by="name desc",
        start=max(0, cint(start)),
        page_length=size,
    )
    return {"rows": rows, "total": frappe.db.count(LOG, conditions), "start": cint(start)}


@frappe.whitelist(methods=["GET", "POST"])
def choices() -> dict[str, list[str]]:
    """What the page offers to filter by: actions, doors and outcomes, and the types seen so far."""
    frappe.has_permission(LOG, "read", throw=True)
    meta = frappe.get_meta(LOG)
    offered = {name: meta.get_field(name).options.split("\n") for name in ("action", "door", "outcome")}
    types = frappe.get_all(LOG, fields=["target_type"], distinct=True, order_by="target_type", limit=500)
    return offered | {"target_type": [row.target_type for row in types if row.target_type]}


@frappe.whitelist(methods=["GET", "POST"])
def export(filters: str | dict | None = None, file_format: str = "csv") -> Response:
    """The matching records as a file, csv or xlsx, oldest first; the export itself is recorded.

    At most as many rows as the settings allow in one file; memory does not grow with them.
    """
    frappe.has_permission(LOG, "export", throw=True)
    if file_format not in ("csv", "xlsx"):
        frappe.throw(_("This format is not available: {0}").format(file_format))
    keeper.bring()
    asked = _parse(filters)
    limit = cint(frappe.db.get_single_value("Medical Affairs Settings", "audit_export_rows")) or 200_000
    with audited("Export", LOG, door="Web") as note:
        note.filters = json.dumps({**asked, "format": file_format}, ensure_ascii=False)
        file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it when it has been sent
        write = _write_csv if file_format == "csv" else _write_xlsx
        note.row_count = write(file, _stream(_conditions(asked), limit))
    size = file.tell()
    file.seek(0)
    mimetype = (
        "text/csv"
        if file_format == "csv"
        else "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    response = Response(FileWrapper(file), mimetype=mimetype, direct_passthrough=True)
    response.headers["Content-Disposition"] = (
        f'attachment; filename="data-access-log-{nowdate()}.{file_format}"'
    )
    response.headers["Content-Length"] = str(size)
    return response


@frappe.whitelist(methods=["POST"])
def verify() -> dict:
    """Verify the whole chain now; see `medaffairs.audit.verify.Verdict`."""
    frappe.has_permission(LOG, "read", throw=True)
    keeper.bring()
    return verify_chain().as_dict()


@frappe.whitelist(methods=["POST"])
def seal() -> str | None:
    """Seal the log as it stands today; returns the seal's name, None when today has one or nothing is new."""
    frappe.has_permission(LOG, "read", throw=True)
    keeper.bring()
    return events.seal(nowdate())


def _parse(filters: str | dict | None) -> dict:
    try:
        asked = json.loads(filters) if isinstance(filters, str) and filters else filters or {}
    except ValueError:
        frappe.throw(_("The filters are not valid JSON"))
    if not isinstance(asked, dict):
        frappe.throw(_("The filters must be a JSON object"))
    known = {*EXACT, "target_name", "text", "from_time", "to_time"}
    unknown = sorted(set(asked) - known)
    if unknown:
        frappe.throw(_("Unknown filter: {0}").format(", ".join(unknown)))
    return {key: str(value) for key, value in asked.items() if value not in (None, "")}


def _conditions(asked: dict[str, str]) -> list[list]:
    conditions = [[LOG, name, "=", asked[name]] for name in EXACT if name in asked]
    for name, column in (("target_name", "target_name"), ("text", "filters")):
        if name in asked:
            conditions.append([LOG, column, "like", f"%{_like(asked[name])}%"])
    if "from_time" in asked:
        conditions.append([LOG, "occurred_at", ">=", asked["from_time"]])
    if "to_time" in asked:
        conditions.append([LOG, "occurred_at", "<", asked["to_time"]])
    return conditions


def _like(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _stream(conditions: list[list], limit: int) -> Iterator[tuple]:
    after, sent = 0, 0
    while sent < limit:
        rows = frappe.get_all(
            LOG,
            filters=[*conditions, [LOG, "name", ">", after]],
            fields=list(COLUMNS),
            order_by="name asc",
            limit_page_length=min(CHUNK, limit - sent),
            as_list=True,
        )
        if not rows:
            return
        yield from rows
        after, sent = rows[-1][0], sent + len(rows)


def _heading() -> list[str]:
    return [_(label) for label in COLUMNS.values()]


def _write_csv(file, rows: Iterator[tuple]) -> int:
    """Write rows as CSV with a byte-order mark, which spreadsheets need to read Chinese; returns their number."""
    text = _Encoder(file)
    file.write(b"\xef\xbb\xbf")
    writer = csv.writer(text)
    writer.writerow(_heading())
    count = 0
    for row in rows:
        writer.writerow([harmless(value) for value in row])
        count += 1
    return count


def _write_xlsx(file, rows: Iterator[tuple]) -> int:
    book = xlsxwriter.Workbook(
        file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet(_("Data Access Log")[:31])
    sheet.write_row(0, 0, _heading())
    count = 0
    for count, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            if isinstance(value, int):
                sheet.write_number(count, column, value)
            elif value:
                sheet.write_string(count, column, str(value))
    book.close()
    return count


class _Encoder:
    """Lets the csv module, which writes text, write into a file of bytes without closing it."""

    def __init__(self, file) -> None:
        self._file = file

    def write(self, text: str) -> int:
        """Writes a text as UTF-8; how many bytes it has."""
        return self._file.write(text.encode())
