"""What a request asks for, what a record of it holds, and how records are chained. Pure functions."""

import hashlib
import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from urllib.parse import unquote

GENESIS = "0" * 64
SEPARATOR = "\x1f"
UNKNOWN_ROWS = -1
MAX_TEXT = 140
MAX_FILTERS = 2_000
READS = frozenset(
    {"Read", "List", "Search", "Report", "Count", "Export", "Print", "Download", "Check", "Call"}
)

# The fields that the hash covers, in this order, after the previous hash and the sequence.
CHAINED = (
    "occurred_at",
    "user",
    "door",
    "action",
    "outcome",
    "target_type",
    "target_name",
    "row_count",
    "duration_ms",
    "ip",
    "agent",
    "filters",
)

# method → (action, argument with the type of the target, argument with its name)
METHODS: dict[str, tuple[str, str, str]] = {
    "frappe.client.get": ("Read", "doctype", "name"),
    "frappe.client.get_value": ("Read", "doctype", "filters"),
    "frappe.client.get_single_value": ("Read", "doctype", "field"),
    "frappe.client.get_list": ("List", "doctype", ""),
    "frappe.client.get_count": ("Count", "doctype", ""),
    "frappe.client.insert": ("Create", "doc", ""),
    "frappe.client.insert_many": ("Create", "docs", ""),
    "frappe.client.save": ("Update", "doc", ""),
    "frappe.client.submit": ("Update", "doc", ""),
    "frappe.client.bulk_update": ("Update", "docs", ""),
    "frappe.client.set_value": ("Update", "doctype", "name"),
    "frappe.client.cancel": ("Update", "doctype", "name"),
    "frappe.client.rename_doc": ("Update", "doctype", "old_name"),
    "frappe.client.delete": ("Delete", "doctype", "name"),
    "frappe.client.validate_link": ("Read", "doctype", "docname"),
    "frappe.desk.reportview.get": ("List", "doctype", ""),
    "frappe.desk.reportview.get_list": ("List", "doctype", ""),
    "frappe.desk.reportview.get_count": ("Count", "doctype", ""),
    "frappe.desk.reportview.get_stats": ("Count", "doctype", ""),
    "frappe.desk.reportview.get_sidebar_stats": ("Count", "doctype", ""),
    "frappe.desk.reportview.export_query": ("Export", "doctype", ""),
    "frappe.desk.reportview.delete_items": ("Delete", "doctype", "items"),
    "frappe.desk.listview.get_group_by_count": ("Count", "doctype", ""),
    "frappe.desk.query_report.run": ("Report", "report_name", ""),
    "frappe.desk.query_report.export_query": ("Export", "report_name", ""),
    "frappe.desk.search.search_link": ("Search", "doctype", ""),
    "frappe.desk.search.search_widget": ("Search", "doctype", ""),
    "frappe.desk.form.load.getdoc": ("Read", "doctype", "name"),
    "frappe.desk.form.save.savedocs": ("Update", "doc", ""),
    "frappe.desk.form.save.cancel": ("Update", "doctype", "name"),
    "frappe.desk.form.utils.get_next": ("Read", "doctype", "value"),
    "frappe.model.workflow.apply_workflow": ("Update", "doc", ""),
    "frappe.model.rename_doc.update_document_title": ("Update", "doctype", "docname"),
    "frappe.www.printview.get_html_and_style": ("Print", "doc", "name"),
    "frappe.utils.print_format.download_pdf": ("Print", "doctype", "name"),
    "frappe.utils.print_format.download_multi_pdf": ("Print", "doctype", "name"),
    "frappe.core.doctype.data_export.exporter.export_data": ("Export", "doctype", ""),
    "frappe.core.doctype.data_import.data_import.download_template": ("Export", "doctype", ""),
    "frappe.core.doctype.file.file.download_file": ("Download", "", "file_url"),
    "medaffairs.face.listing.api.page": ("List", "doctype", ""),
    "medaffairs.face.listing.api.names": ("List", "doctype", ""),
    "medaffairs.face.listing.api.count": ("Count", "doctype", ""),
    "medaffairs.face.listing.api.groups": ("Count", "doctype", ""),
    "medaffairs.face.listing.api.facets": ("Count", "doctype", ""),
    "medaffairs.face.listing.bulk.change": ("Update", "doctype", "names"),
    "medaffairs.face.listing.bulk.submit": ("Update", "doctype", "names"),
    "medaffairs.face.listing.bulk.step": ("Update", "doctype", "names"),
    "medaffairs.face.listing.bulk.remove": ("Delete", "doctype", "names"),
    "medaffairs.face.listing.bulk.bring_back": ("Create", "doctype", "names"),
    "medaffairs.face.record.api.glance": ("Read", "doctype", "name"),
    "medaffairs.face.record.api.correspondence": ("Read", "doctype", "name"),
    "medaffairs.privileging.catalogue.api.export": ("Export", "", "scheme"),
    "medaffairs.privileging.catalogue.api.errors": ("Download", "", "name"),
    "medaffairs.privileging.catalogue.api.template": ("Download", "", ""),
    "login": ("Sign In", "", "usr"),
    "logout": ("Sign Out", "", ""),
}

# Asked by every open page again and again; they answer with nothing about anybody.
SILENT = frozenset(
    {
        "ping",
        "frappe.ping",
        "frappe.auth.get_logged_user",
        "frappe.desk.form.load.getdoctype",
        "frappe.desk.notifications.get_open_count",
        "frappe.desk.doctype.notification_log.notification_log.get_notification_logs",
        "frappe.desk.desktop.get_workspace_sidebar_items",
        "frappe.desk.desktop.get_desktop_page",
        "frappe.translate.get_app_translations",
        "medaffairs.face.api.boot",
        "medaffairs.face.api.places",
        "medaffairs.face.api.set_favourites",
        "medaffairs.face.api.work",
        "medaffairs.face.api.translations",
        "medaffairs.face.listing.api.probe",
        "medaffairs.integration.api.summary",
        "medaffairs.integration.watching.gate",
        # Whoever has just opened the page of a report must not be found beside one that came without a name.
        "medaffairs.adverse_event.api.page",
        "medaffairs.adverse_event.api.form",
    }
)

# Doors of which it is written down that they were used, and neither by whom, nor from where, nor with what.
NAMELESS = frozenset(
    {
        "medaffairs.adverse_event.anonymous.submit",
        "medaffairs.adverse_event.anonymous.track",
        "medaffairs.adverse_event.anonymous.supplement",
    }
)
NOBODY = "Guest"

SECRETS = frozenset(
    {
        "cmd",
        "pwd",
        "password",
        "new_password",
        "old_password",
        "api_secret",
        "sid",
        "key",
        "csrf_token",
        "tmp_id",
        "otp",
        "doc",
        "docs",
        "data",
        "file",
        "files",
        "content",
        "values",
        "answers",
        "ticket",
    }
)

# Made once: the encoder that `json.dumps` makes for every call costs more than the text.
_write = json.JSONEncoder(ensure_ascii=False, default=str, separators=(",", ":")).encode
CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


@dataclass(frozen=True)
class Access:
    """What a request asks for: the kind of action and its target."""

    action: str
    target_type: str = ""
    target_name: str = ""


@dataclass
class Entry:
    """One record of the log before it has a place in the chain. Durations in milliseconds."""

    occurred_at: str
    user: str
    action: str
    door: str = "Web"
    outcome: str = "Success"
    target_type: str = ""
    target_name: str = ""
    row_count: int = 0
    duration_ms: int = 0
    ip: str = ""
    agent: str = ""
    filters: str = ""

    def values(self) -> list[str]:
        """The chained fields as texts without control characters, cut to what their columns hold."""
        texts = []
        for name in CHAINED:
            value = getattr(self, name)
            text = str(value) if isinstance(value, int) else CONTROL.sub(" ", str(value or ""))
            texts.append(text[: MAX_FILTERS if name == "filters" else MAX_TEXT])
        return texts


def row_hash(prev_hash: str, sequence: int, values: Sequence[str]) -> str:
    """SHA-256 over the previous hash, the sequence and the chained values, as 64 hexadecimal digits.

    The parts are joined by a separator that no stored value contains, so that no text can move from one
    field to the next without changing the hash.
    """
    return hashlib.sha256(hashed_text(prev_hash, sequence, values).encode()).hexdigest()


def hashed_text(prev_hash: str, sequence: int, values: Sequence[str]) -> str:
    """What the hash of a record covers, as one text."""
    return SEPARATOR.join((prev_hash, str(sequence), *values))


def find_break(
    rows: Iterable[Sequence], expected_prev: str, expected_sequence: int
) -> tuple[int, str] | None:
    """The first row that does not continue the chain, with the reason; None when all do.

    A row is (sequence, row_hash, the text that `hashed_text` joins), in the order of the sequence. The text begins
    with the previous hash.
    """
    sha256 = hashlib.sha256
    for sequence, stored, joined in rows:
        if sequence != expected_sequence:
            return expected_sequence, "missing"
        if not joined.startswith(expected_prev):
            return sequence, "previous hash"
        expected_prev = sha256(joined.encode()).hexdigest()
        if stored != expected_prev:
            return sequence, "content"
        expected_sequence += 1
    return None


def classify(method: str, path: str, args: Mapping) -> Access | None:
    """What a request asks for, from its HTTP method, path and arguments; None when it is not recorded.

    Every call of the API is recorded except those of `SILENT`; pages and static files are not, print
    views and private files are.
    """
    parts = _parts(path)
    if parts[0] == "api":
        return _classify_api(method, parts[1:], args)
    if parts[0] == "printview":
        return Access("Print", _text(args.get("doctype")), _text(args.get("name")))
    if parts[:2] == ("private", "files"):
        return Access("Download", "File", "/" + "/".join(parts))
    if args.get("cmd"):
        return _classify_method(method, _text(args["cmd"]), args)
    return None


@lru_cache(maxsize=1024)
def _parts(path: str) -> tuple[str, ...]:
    """The words of a path; the same few are asked for again and again."""
    return tuple(unquote(part) for part in path.strip("/").split("/"))


def _classify_api(method: str, parts: tuple[str, ...], args: Mapping) -> Access | None:
    if parts and parts[0] in ("v1", "v2"):
        parts = parts[1:]
    if len(parts) < 2:
        return None
    kind, target, rest = parts[0], parts[1], parts[2:]
    if kind == "method":
        return _classify_method(method, "/".join([target, *rest]), args)
    if kind in ("resource", "document"):
        return _classify_resource(method, target, rest, args)
    return Access("Call", target, "/".join(rest))


def _classify_resource(method: str, doctype: str, rest: tuple[str, ...], args: Mapping) -> Access:
    name = rest[0] if rest else ""
    if not name:
        return Access("Create" if method == "POST" else "List", doctype)
    action = {"PUT": "Update", "PATCH": "Update", "DELETE": "Delete", "POST": "Update"}.get(method, "Read")
    return Access(action, doctype, name)


def _classify_method(method: str, name: str, args: Mapping) -> Access | None:
    if name in SILENT:
        return None
    known = METHODS.get(name)
    if known is None:
        action = "Check" if name.endswith(".check") else "Call"
        return Access(action, _text(args.get("doctype")) or name, _text(args.get("name")))
    action, type_key, name_key = known
    if type_key in ("doc", "docs"):
        doctype, docname = _document_of(args.get(type_key))
        return Access(action, doctype, docname or _text(args.get(name_key)))
    return Access(action, _text(args.get(type_key)), _text(args.get(name_key)))


def is_nameless(path: str, args: Mapping) -> bool:
    """Whether a request came by a door that knows nobody, however it was written."""
    return bool(NAMELESS & {_parts(path)[-1], _text(args.get("cmd"))})


def _document_of(value: object) -> tuple[str, str]:
    """DocType and name of a document that came as JSON; empty when it is not one."""
    if isinstance(value, str) and value[:1] in "[{":
        try:
            value = json.loads(value)
        except ValueError:
            return "", ""
    if isinstance(value, list):
        value = value[0] if value else {}
    if isinstance(value, str):
        return value, ""
    if not isinstance(value, Mapping):
        return "", ""
    return _text(value.get("doctype")), _text(value.get("name"))


def _text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def describe_filters(args: Mapping) -> str:
    """The question as JSON without secrets and document contents, at most 2,000 characters."""
    kept = {key: value for key, value in args.items() if key not in SECRETS and value not in (None, "")}
    if not kept:
        return ""
    return _write(kept)[:MAX_FILTERS]


def count_rows(payload: object) -> int:
    """How many records an answer holds: of a list its length, of a table its rows, of a document one."""
    if payload is None:
        return 0
    if isinstance(payload, (list, tuple)):
        return len(payload)
    if isinstance(payload, Mapping):
        for key in ("values", "result", "rows", "data"):
            if isinstance(payload.get(key), (list, tuple)):
                return len(payload[key])
        return 1 if payload else 0
    return 1


def count_file_rows(content: object, filename: str) -> int:
    """How many records an exported file holds, without its heading; -1 when that cannot be told."""
    if isinstance(content, str):
        content = content.encode()
    if not isinstance(content, (bytes, bytearray)):
        return UNKNOWN_ROWS
    name = (filename or "").lower()
    if name.endswith(".csv"):
        return max(len(content.splitlines()) - 1, 0)
    if name.endswith(".xlsx"):
        return _count_sheet_rows(bytes(content))
    return UNKNOWN_ROWS


def _count_sheet_rows(content: bytes) -> int:
    try:
        with zipfile.ZipFile(BytesIO(content)) as book:
            sheet = book.read("xl/worksheets/sheet1.xml")
    except (KeyError, zipfile.BadZipFile):
        return UNKNOWN_ROWS
    return max(sheet.count(b"<row ") - 1, 0)


def outcome_of(status: int) -> str:
    """Success, Denied or Failed, from the status of the answer."""
    if status in (401, 403):
        return "Denied"
    return "Success" if status < 400 else "Failed"


def chain(entries: Iterable[Entry], sequence: int, head: str) -> Iterator[tuple[int, str, str, list[str]]]:
    """Give entries their places after a head: (sequence, previous hash, hash, chained values) each."""
    for entry in entries:
        sequence += 1
        values = entry.values()
        digest = row_hash(head, sequence, values)
        yield sequence, head, digest, values
        head = digest
