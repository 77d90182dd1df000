"""A file of records: what is in it, what is wrong with it, and the records made from it.

The file is read twice or three times instead of being held: once to know its columns, once more when rows are
wrong, once for the import. Each record and its line in the log become lasting together, so that an import that was
killed goes on behind the last record.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from typing import Any

import frappe
from frappe import _
from frappe.core.doctype.data_import import source, values
from frappe.core.doctype.data_import.columns import Column, guess_format, match, settle_format
from frappe.model import default_fields
from frappe.utils import cint, cstr

INSERT, UPDATE = "Insert New Records", "Update Existing Records"
MAX_ROWS_IN_PREVIEW = 10
MAX_ROW_WARNINGS = 1_000
_NAMES_AT_ONCE = 500
_KEPT = {*default_fields, "parent", "parentfield", "parenttype"} - {"name"}


class ImportFile:
    """A file read against a DocType.

    :param file: the address of a stored file
    :param local: `file` may be a path of this machine, for programs; no door of the web leads here
    :param template_options: JSON with `column_to_field_map`
    :raises frappe.ValidationError: for a file that holds no table, or none that can be read
    """

    def __init__(
        self,
        doctype: str,
        file: str,
        template_options: Any = None,
        import_type: str | None = None,
        *,
        console: bool = False,
        local: bool = False,
    ) -> None:
        self.doctype, self.import_type, self.console = doctype, import_type, console
        self.content, self.extension = _read(file, local)
        options = frappe.parse_json(template_options) if template_options else {}
        mapping = (options or {}).get("column_to_field_map") or {}
        self.payload_count, self.total_rows = 0, 0
        self.preview: list[list] = []
        self.row_warnings: list[dict] = []
        head = next(self._filled(), None)
        self.columns, self.notes = match(head[1] if head else [], doctype, mapping)
        self.used = [column for column in self.columns if not column.skip and column.df]
        self.own = [column for column in self.used if column.table is None]
        self._survey()
        if not self.total_rows:
            frappe.throw(
                _("Import template should contain a Header and atleast one row."), title=_("Template Error")
            )
        self._warn_of_rows()

    # -- reading

    def _filled(self) -> Iterator[tuple[int, list]]:
        """Rows that hold something, with their number in the file."""
        for number, row in enumerate(source.rows(self.content, self.extension), 1):
            if row:
                yield number, row

    def rows(self) -> Iterator[tuple[int, list]]:
        """The rows below the head."""
        filled = self._filled()
        next(filled, None)
        return filled

    def _cells(self, row: list) -> Iterator[tuple[Column, Any]]:
        for column in self.used:
            if column.index < len(row) and row[column.index] not in (None, ""):
                yield column, row[column.index]

    def _begins_record(self, row: list) -> bool:
        """Whether a row is a record of its own and not one more line of the tables of the record above."""
        if len(self.own) == len(self.used):
            return True
        return any(
            column.index < len(row) and row[column.index] not in (None, "") for column in self.own
        ) or not any(True for _cell in self._cells(row))

    def _survey(self) -> None:
        """Counts, and gathers what columns hold: formats of dates, links to nothing, choices that there are not."""
        links: dict[Column, set[str]] = {}
        for number, row in self.rows():
            self.total_rows += 1
            if self.total_rows <= MAX_ROWS_IN_PREVIEW:
                self.preview.append([number, *row, *[None] * (len(self.columns) - len(row))])
            self.payload_count += self.total_rows == 1 or self._begins_record(row)
            if len(row) > len(self.columns):
                self._warn_row({"row": number, "message": _("Row has more values than columns")})
            for column, value in self._cells(row):
                self._note_value(column, value, links)
        for column in self.used:
            _finish(column, links.get(column, set()))

    @staticmethod
    def _note_value(column: Column, value: Any, links: dict[Column, set[str]]) -> None:
        kind = column.df.fieldtype  # type: ignore[union-attr]
        if kind in values.MOMENTS and isinstance(value, str):
            column.formats[guess_format(kind, value)] += 1
        elif kind == "Link":
            links.setdefault(column, set()).add(values.as_text(value))
        elif kind == "Select":
            text = values.as_text(value)
            if text not in column.missing and text not in values.choices(column):
                column.missing[text] = None
        elif kind == "Duration":
            values.parse(column, value)

    def _warn_of_rows(self) -> None:
        wrong = [
            column
            for column in self.used
            if column.missing or len(column.formats) > 1 or (column.formats and None in column.formats)
        ]
        if not wrong:
            return
        for number, row in self.rows():
            for column in wrong:
                if column.index >= len(row) or row[column.index] in (None, ""):
                    continue
                warning = values.row_warnings(column, number, row[column.index])
                if warning:
                    self._warn_row(warning)
                if len(self.row_warnings) > MAX_ROW_WARNINGS:
                    return

    def _warn_row(self, warning: dict) -> None:
        if len(self.row_warnings) < MAX_ROW_WARNINGS:
            self.row_warnings.append(warning)
        elif len(self.row_warnings) == MAX_ROW_WARNINGS:
            self.row_warnings.append({"message": _("There are more warnings of this kind.")})

    # -- answers

    def get_warnings(self) -> list[dict]:
        """Everything there is to say, columns first."""
        found = list(self.notes)
        for column in self.columns:
            found.extend(column.warnings)
        return found + self.row_warnings

    def get_data_for_import_preview(self) -> dict[str, Any]:
        """The first rows with the columns and warnings, as a page shows them."""
        answer: dict[str, Any] = {
            "data": self.preview,
            "columns": [
                {"header_title": _("Sr. No"), "skip_import": True},
                *(entry.as_json() for entry in self.columns),
            ],
            "warnings": self.get_warnings(),
        }
        if self.total_rows > MAX_ROWS_IN_PREVIEW:
            answer["max_rows_exceeded"] = True
            answer["max_rows_in_preview"] = MAX_ROWS_IN_PREVIEW
            answer["total_number_of_rows"] = self.total_rows
        return answer

    def get_payloads_for_import(self) -> Iterator[frappe._dict]:
        """Records one after the other: `doc`, the function that reads their values, and `rows`, their numbers."""
        lines: list[tuple[int, list]] = []
        for number, row in self.rows():
            if lines and self._begins_record(row):
                yield self._payload(lines)
                lines = []
            lines.append((number, row))
        if lines:
            yield self._payload(lines)

    def _payload(self, lines: list[tuple[int, list]]) -> frappe._dict:
        return frappe._dict(rows=[number for number, _row in lines], read=lambda: self._document(lines))

    def _document(self, lines: list[tuple[int, list]]) -> dict[str, Any]:
        doc: dict[str, Any] = {"doctype": self.doctype}
        for _number, row in lines:
            children: dict[str, dict] = {}
            for column, value in self._cells(row):
                name, parsed = column.df.fieldname, values.parse(column, value)  # type: ignore[union-attr]
                if name in _KEPT:
                    continue
                if column.table is not None:
                    children.setdefault(column.table.fieldname, {})[name] = parsed
                else:
                    doc.setdefault(name, parsed)
            for fieldname, child in children.items():
                doc.setdefault(fieldname, []).append(child)
        return doc


def _finish(column: Column, linked: set[str]) -> None:
    """What the whole column says about its values."""
    kind = column.df.fieldtype  # type: ignore[union-attr]
    if kind in values.MOMENTS:
        settle_format(column)
    elif kind == "Select" and column.missing:
        names = ", ".join(frappe.bold(frappe.utils.escape_html(name[:140])) for name in column.missing)
        allowed = values.words(values.choices(column))
        column.warn(
            _("The following values are invalid: {0}. Values must be one of {1}").format(names, allowed),
            kind=None,
        )
    elif kind == "Link" and linked:
        target, names = column.df.options, sorted(linked)  # type: ignore[union-attr]
        for start in range(0, len(names), _NAMES_AT_ONCE):
            part = names[start : start + _NAMES_AT_ONCE]
            there = set(map(cstr, frappe.get_all(target, filters={"name": ("in", part)}, pluck="name")))
            column.missing.update(dict.fromkeys(name for name in part if name not in there))
        if column.missing:
            text = ", ".join(frappe.utils.escape_html(name[:140]) for name in column.missing)
            column.warn(
                _("The following values do not exist for {0}: {1}").format(_(target), text), kind="warning"
            )


def _read(file: str, local: bool) -> tuple[bytes, str]:
    """The content of a file and its extension.

    :param local: whether a path of this machine is meant, too
    :raises frappe.PermissionError: for a stored file that the user may not read
    """
    extension = file.rsplit(".", 1)[-1].lower() if "." in file else ""
    if extension not in source.EXTENSIONS:
        frappe.throw(_("Import template should be of type .csv, .xlsx or .xls"))
    if file.startswith(("/files/", "/private/files/")):
        names = frappe.get_all("File", filters={"file_url": file}, pluck="name")
        stored = [frappe.get_doc("File", name) for name in names]
        readable = [entry for entry in stored if entry.is_downloadable()]
        if not readable:
            frappe.throw(_("The file {0} is not there, or not yours to read").format(frappe.utils.escape_html(file)), frappe.PermissionError)  # fmt: skip
        return readable[0].get_content(), extension
    if not (local and os.path.isfile(file)):
        frappe.throw(_("Invalid template file for import"))
    with open(file, "rb") as stream:
        return stream.read(), extension


class Importer:
    """Makes or changes records from a file.

    :param data_import: the Data Import whose file is read; programs give `file_path` instead
    """

    def __init__(
        self,
        doctype: str,
        data_import: Any = None,
        file_path: str | None = None,
        import_type: str | None = None,
        console: bool = False,
    ) -> None:
        self.doctype, self.console = doctype, console
        self.data_import = data_import or frappe.new_doc("Data Import")
        if data_import is None:
            self.data_import.import_type = import_type if import_type in (INSERT, UPDATE) else INSERT
        file = (data_import.import_file if data_import else None) or file_path
        if not file:
            frappe.throw(_("Invalid template file for import"))
        self.import_type = self.data_import.import_type
        self.import_file = ImportFile(
            doctype, file, self.data_import.template_options, self.import_type, console=console, local=data_import is None,
        )  # fmt: skip

    def get_data_for_import_preview(self) -> dict[str, Any]:
        """What the file holds, with the log of the import so far."""
        answer = self.import_file.get_data_for_import_preview()
        answer["import_log"] = frappe.get_all(
            "Data Import Log", filters={"data_import": self.data_import.name}, order_by="log_index",
            fields=["row_indexes", "success"], limit_page_length=MAX_ROWS_IN_PREVIEW,
        )  # fmt: skip
        return answer

    # -- the import

    def import_data(self) -> list[dict]:
        """Imports what was not imported yet; returns the log of this run. Warnings that matter stop it before."""
        warnings = [entry for entry in self.import_file.get_warnings() if entry.get("type") != "info"]
        if warnings:
            self._keep(status="Pending", template_warnings=frappe.as_json(warnings))
            return []
        flags = frappe.flags.in_import, frappe.flags.mute_emails
        frappe.flags.in_import = True
        frappe.flags.mute_emails = bool(cint(self.data_import.mute_emails))
        try:
            return self._import_all()
        finally:
            frappe.flags.in_import, frappe.flags.mute_emails = flags

    def _import_all(self) -> list[dict]:
        done, self._log_index = self._imported_rows()
        log, failed, current = [], 0, 0
        total, started = self.import_file.payload_count, time.monotonic()
        for payload in self.import_file.get_payloads_for_import():
            current += 1
            if done.issuperset(payload.rows):
                continue
            entry = self._import_one(payload)
            log.append(entry)
            failed += not entry["success"]
            if current == total or not current % max(1, total // 100):
                self._tell(current, total, entry, (time.monotonic() - started) / len(log) * (total - current))
        succeeded = total - failed
        self._keep(status="Error" if failed and not succeeded else "Partial Success" if failed else "Success")
        frappe.publish_realtime(
            "data_import_refresh", {"data_import": self.data_import.name}, user=frappe.session.user
        )
        return log

    def _imported_rows(self) -> tuple[set[int], int]:
        """Rows that are records already. What failed before is tried again, its lines in the log go."""
        if not self.data_import.name or self.data_import.is_new():
            return set(), 0
        frappe.db.delete("Data Import Log", {"data_import": self.data_import.name, "success": 0})
        kept = frappe.get_all(
            "Data Import Log", filters={"data_import": self.data_import.name, "success": 1},
            fields=["row_indexes", "log_index"], as_list=True,
        )  # fmt: skip
        rows = {number for indexes, _index in kept for number in json.loads(indexes)}
        return rows, max((cint(index) for _rows, index in kept), default=0)

    def _import_one(self, payload: frappe._dict) -> dict[str, Any]:
        frappe.local.message_log = []
        entry: dict[str, Any] = {
            "success": True,
            "row_indexes": payload.rows,
            "docname": None,
            "exception": None,
        }
        try:
            doc = self.process_doc(payload.read())
            entry["docname"] = doc.name
        except Exception as error:
            if type(error).__name__ == "JobTimeoutException":
                raise
            frappe.db.rollback()
            entry |= {"success": False, "exception": frappe.get_traceback()}
            _name_the_rows(error, payload.rows)
        entry["messages"] = [message for message in frappe.local.message_log if message]
        frappe.local.message_log = []
        self._log(entry)
        frappe.db.commit()
        return entry

    def process_doc(self, doc: dict[str, Any]) -> Any:
        """Makes or changes one record."""
        return self.insert_record(doc) if self.import_type == INSERT else self.update_record(doc)

    def insert_record(self, doc: dict[str, Any]) -> Any:
        """A new record with the defaults of its DocType, submitted when that was asked for."""
        new = frappe.new_doc(self.doctype)
        new.update(doc)
        if doc.get("name"):
            new.name = doc["name"]
        new.insert()
        if new.meta.is_submittable and cint(self.data_import.submit_after_import):
            new.submit()
        return new

    def update_record(self, doc: dict[str, Any]) -> Any:
        """Changes what the row holds; empty cells change nothing, a table is replaced by the lines given.

        :raises frappe.ValidationError: when nothing would change
        """
        from frappe.core.doctype.data_import.columns import id_field

        name = doc.pop("name", None) or doc.get(id_field(self.doctype).fieldname)
        known = frappe.get_doc(self.doctype, name or "None")
        changed = False
        for key, value in doc.items():
            if isinstance(value, list):
                before = [row.as_dict() for row in known.get(key)]
                after = _merged(before, value)
                changed |= len(before) != len(after) or any(_differ(*pair) for pair in zip(before, after, strict=True))  # fmt: skip
                known.set(key, after)
            elif key != "doctype":
                changed |= not _same(known.get(key), value)
                known.set(key, value)
        if not changed:
            frappe.throw(_("No changes to update"))
        known.save()
        return known

    # -- what is kept of it

    def _keep(self, **fields: Any) -> None:
        if self.data_import.name and not self.data_import.is_new():
            self.data_import.db_set(fields)
            frappe.db.commit()

    def _log(self, entry: dict[str, Any]) -> None:
        if self.data_import.is_new():
            return
        self._log_index += 1
        frappe.get_doc(
            doctype="Data Import Log", data_import=self.data_import.name, success=int(entry["success"]),
            row_indexes=json.dumps(entry["row_indexes"]), docname=entry["docname"], log_index=self._log_index,
            messages=json.dumps(entry["messages"], default=str), exception=entry["exception"],
        ).db_insert()  # fmt: skip

    def _tell(self, current: int, total: int, entry: dict, eta: float) -> None:
        message = {
            "current": current, "total": total, "data_import": self.data_import.name, "docname": entry["docname"],
            "success": entry["success"], "row_indexes": entry["row_indexes"], "eta": eta,
        }  # fmt: skip
        frappe.publish_realtime("data_import_progress", message, user=frappe.session.user)
        frappe.publish_progress(
            current * 100 / total, title=_("Importing {0}").format(_(self.doctype)), doctype="Data Import",
            docname=self.data_import.name,
        )  # fmt: skip

    def export_errored_rows(self) -> None:
        """Answers with the rows that failed, below their head, to be mended and imported again."""
        from frappe.utils.csvutils import build_csv_response

        failed = set()
        for indexes in _logs(self.data_import.name, {"success": 0}, "row_indexes"):
            failed |= set(json.loads(indexes or "[]"))
        head = [cstr(column.title) for column in self.import_file.columns]
        rows = [row for number, row in self.import_file.rows() if number in failed]
        build_csv_response(
            [head, *([*row, *[None] * (len(head) - len(row))] for row in rows)], _(self.doctype)
        )

    def export_import_log(self) -> None:
        """Answers with the log as CSV."""
        from frappe.utils.csvutils import build_csv_response

        table = [[_("Row Numbers"), _("Status"), _("Message"), _("Exception")]]
        for log in _logs(self.data_import.name, {}, ["row_indexes", "success", "docname", "messages", "exception"]):  # fmt: skip
            numbers = json.loads(log.row_indexes or "[]")
            done = cint(log.success)
            note = _("Successfully Imported {0}").format(log.docname) if done else cstr(log.messages)
            table.append([numbers[0] if len(numbers) == 1 else numbers, _("Success") if done else _("Failure"), note, cstr(log.exception)])  # fmt: skip
        build_csv_response(table, _(self.doctype))


def _logs(name: str, filters: dict, fields: Any) -> list:
    pluck = fields if isinstance(fields, str) else None
    return frappe.get_all(
        "Data Import Log", filters={"data_import": name, **filters}, order_by="log_index", pluck=pluck,
        fields=None if pluck else fields,
    )  # fmt: skip


def _merged(before: list[dict], given: list[dict]) -> list[dict]:
    """Lines of a table as the file has them; one that names a line keeps what the file does not say."""
    known = {row["name"]: row for row in before}
    return [{**known.get(row.get("name"), {}), **row} for row in given]


def _differ(before: dict, after: dict) -> bool:
    return any(not _same(before.get(key), after[key]) for key in after)


def _same(before: Any, after: Any) -> bool:
    return before == after or cstr(before) == cstr(after)


def _name_the_rows(error: Exception, rows: list[int]) -> None:
    """An error that carries no message of its own still tells the user where it happened."""
    if not frappe.local.message_log:
        text = _("Row {0}: {1}").format(", ".join(map(str, rows)), frappe.utils.escape_html(cstr(error)))
        frappe.local.message_log.append(frappe._dict(message=text, title=_("Message"), indicator="red"))
