"""The older file of records: rows that describe the columns stand above the records."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import frappe
from frappe import _
from frappe.core.doctype.data_import.columns import importable_fields
from frappe.desk import _export
from frappe.model.db_query import DatabaseQuery
from frappe.utils import cint, cstr, format_duration, sbool
from frappe.utils.typing_validations import parsed

_AT_ONCE = 500
_KEYS = frappe._dict(
    data_separator="Start entering data below this line", main_table="Table:", parent_table="Parent Table:",
    columns="Column Name:", doctype="DocType:",
)  # fmt: skip


def get_data_keys() -> frappe._dict:
    """The words by which the rows above the records are known."""
    return frappe._dict(_KEYS)


@frappe.whitelist()
def export_data(
    doctype: str | None = None,
    parent_doctype: str | None = None,
    all_doctypes: Any = True,
    with_data: Any = False,
    select_columns: Any = None,
    file_type: str = "CSV",
    template: Any = False,
    filters: Any = None,
    export_without_column_meta: Any = False,
) -> None:
    """Answers with a file of a DocType's columns and, when wanted, its records.

    :param select_columns: JSON, DocType → names of fields; without it all fields
    :param template: with notes on how to fill it in
    :raises frappe.PermissionError: when the user may not export the DocType
    """
    name = doctype[0] if isinstance(doctype, list | tuple) and doctype else doctype
    if not isinstance(name, str) or not frappe.db.exists("DocType", name):
        frappe.throw(_("DocType {0} not found").format(frappe.utils.escape_html(cstr(name))), frappe.DoesNotExistError)  # fmt: skip
    if not frappe.permissions.can_export(name):
        frappe.throw(_("You are not allowed to export {} doctype").format(_(name)), frappe.PermissionError)
    DataExporter(
        doctype=name, all_doctypes=sbool(all_doctypes) in (True, 1), with_data=sbool(with_data) in (True, 1),
        select_columns=select_columns, file_type=file_type, template=sbool(template) in (True, 1), filters=filters,
        export_without_column_meta=sbool(export_without_column_meta) in (True, 1),
    ).build_response()  # fmt: skip


class DataExporter:
    """The columns of a DocType and of its tables, each table behind a column with a `~`."""

    def __init__(
        self,
        doctype: str,
        parent_doctype: str | None = None,
        all_doctypes: bool = True,
        with_data: bool = False,
        select_columns: Any = None,
        file_type: str = "CSV",
        template: bool = False,
        filters: Any = None,
        export_without_column_meta: bool = False,
    ) -> None:
        self.doctype, self.with_data, self.file_type = doctype, with_data, file_type
        self.template, self.described = template, not export_without_column_meta
        self.filters = filters or None
        chosen = parsed(select_columns, dict, "select_columns") or None
        self.meta = frappe.get_meta(doctype)
        self.levels = set(self.meta.get_permlevel_access("read")) | {0}
        self.blocks: list[tuple[Any, list[frappe._dict]]] = [(None, self._fields(doctype, chosen))]
        for table in self.meta.get_table_fields() if all_doctypes else ():
            if chosen is None or chosen.get(table.options):
                self.blocks.append((table, self._fields(table.options, chosen)))

    def _fields(self, owner: str, chosen: dict | None) -> list[frappe._dict]:
        meta = frappe.get_meta(owner)
        readable = [
            field
            for field in importable_fields(owner)
            if cint(meta.get_field(field.fieldname).permlevel) in self.levels
            and field.fieldtype != "Password"
        ]
        # New records get their names when they are made.
        identity = [frappe._dict(fieldname="name", label="ID", fieldtype="Data", reqd=1)] if self.with_data else []  # fmt: skip
        if chosen is not None:
            wanted = set(map(cstr, parsed(chosen.get(owner), list, "select_columns")))
            return [*identity, *(field for field in readable if field.fieldname in wanted)]
        standard = [
            frappe._dict(fieldname="creation", label="Created On", fieldtype="Datetime", reqd=0),
            frappe._dict(fieldname="owner", label="Created By", fieldtype="Link", options="User", reqd=0),
        ]
        needed = [field for field in readable if field.reqd]
        return [*identity, *needed, *standard, *(field for field in readable if not field.reqd)]

    # -- rows

    def rows(self) -> Iterator[list]:
        """The whole file."""
        if self.template:
            yield from self._notes()
        if self.described:
            yield [_("DocType:"), *self._across(lambda field, place: "", names=True)]
        yield [_("Column Labels:"), *self._across(lambda field, place: _(field.label), separator="")]
        if self.described:
            yield [_("Column Name:"), *self._across(lambda field, place: field.fieldname)]
            yield [_("Mandatory:"), *self._across(lambda field, place: _("Yes") if field.reqd else _("No"), separator="")]  # fmt: skip
            yield [_("Type:"), *self._across(lambda field, place: _(field.fieldtype), separator="")]
            yield [_("Info:"), *self._across(lambda field, place: _hint(field), separator="")]
            if self.template:
                yield [_(_KEYS.data_separator)]
        if self.with_data:
            yield from self._records()

    def _notes(self) -> Iterator[list]:
        yield [_("Data Import Template")]
        yield [_("Table:"), self.doctype]
        yield [""]
        yield [_("Notes:")]
        yield [_("Leave the rows above the data and the first column as they are.")]
        yield [_("Leave the column ID empty for new records; fill it in to change records.")]
        yield [_("Columns that are not mandatory may be deleted.")]
        yield [""]

    def _across(self, cell: Any, names: bool = False, separator: str = "~") -> list:
        line: list[Any] = []
        for table, fields in self.blocks:
            cells = [cell(field, position) for position, field in enumerate(fields)]
            if table is not None:
                line.append(separator)
            if names:
                head = [self.doctype] if table is None else [table.options, table.fieldname]
                cells[: len(head)] = head[: len(cells)]
            line += cells
        return line

    def _records(self) -> Iterator[list]:
        names = [field.fieldname for field in self.blocks[0][1]]
        batch: list[dict] = []
        for row in DatabaseQuery(self.doctype).stream(fields=names, filters=self.filters, order_by="name"):
            batch.append(dict(zip(names, row, strict=True)))
            if len(batch) == _AT_ONCE:
                yield from self._lines(batch)
                batch = []
        if batch:
            yield from self._lines(batch)

    def _lines(self, batch: list[dict]) -> Iterator[list]:
        parents = [record["name"] for record in batch]
        children = [(fields, self._children(table, fields, parents)) for table, fields in self.blocks[1:]]
        for record in batch:
            below = [(fields, rows.get(cstr(record["name"]), [])) for fields, rows in children]
            for position in range(max([1, *(len(rows) for _fields, rows in below)])):
                own = self.blocks[0][1]
                line = ["", *([_shown(field, record) for field in own] if not position else [""] * len(own))]
                for fields, rows in below:
                    line.append("")
                    line += [_shown(field, rows[position]) for field in fields] if position < len(rows) else [""] * len(fields)  # fmt: skip
                yield line

    def _children(self, table: Any, fields: list, parents: list[str]) -> dict[str, list]:
        found: dict[str, list] = {}
        for row in frappe.get_all(
            table.options,
            filters={"parenttype": self.doctype, "parentfield": table.fieldname, "parent": ("in", parents)},
            fields=["parent", *(field.fieldname for field in fields)], order_by="parent, idx", limit_page_length=0,
        ):  # fmt: skip
            found.setdefault(cstr(row.parent), []).append(row)
        return found

    def build_response(self) -> None:
        """Answers the request with the file."""
        if self.file_type == "Excel":
            _export.respond_with_table(_(self.doctype), self.rows(), "Excel")
            return
        frappe.response["result"] = _export.csv_content(self.rows()).decode("utf-8-sig")
        frappe.response["doctype"] = self.doctype
        frappe.response["type"] = "csv"


def _shown(field: frappe._dict, record: dict) -> Any:
    value = record.get(field.fieldname)
    if value is None:
        return ""
    if field.fieldname == "name":
        # In quotation marks, so that a spreadsheet leaves a name that looks like a number alone.
        return f'"{value}"'
    return (format_duration(value) if value else "") if field.fieldtype == "Duration" else value


def _hint(field: frappe._dict) -> str:
    """What may stand in a column."""
    kind = field.fieldtype
    if kind == "Select":
        return _("One of") + ": " + ", ".join(_(option) for option in cstr(field.options).split("\n") if option)  # fmt: skip
    if kind == "Link":
        return _("Valid {0}").format(_(field.options)) if field.options else ""
    hints = {"Int": "Integer", "Check": "0 or 1", "Date": "yyyy-mm-dd", "Datetime": "yyyy-mm-dd HH:mm:ss"}
    return _(hints[kind]) if kind in hints else ""
