"""Records of a DocType with their tables as a file that can be imported again."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import frappe
from frappe import _
from frappe.core.doctype.data_import.columns import importable_fields
from frappe.desk import _export
from frappe.model.db_query import DatabaseQuery
from frappe.utils import cint, cstr, format_duration

_AT_ONCE = 500
_ID = "name"


class Exporter:
    """The columns that were asked for and, when wanted, the records.

    :param export_fields: DocType or table field → names of fields; "All" or "Mandatory" for every such field
    :raises frappe.PermissionError: when records are wanted and the user may not export them
    """

    def __init__(
        self,
        doctype: str,
        export_fields: Any = None,
        export_data: bool = False,
        export_filters: Any = None,
        export_page_length: int | None = None,
        file_type: str = "CSV",
    ) -> None:
        self.doctype, self.meta = doctype, frappe.get_meta(doctype)
        self.filters, self.page_length, self.file_type = export_filters, export_page_length, file_type
        self.export_data = export_data
        if export_data and not frappe.permissions.can_export(doctype):
            frappe.throw(_("You are not allowed to export {} doctype").format(_(doctype)), frappe.PermissionError)  # fmt: skip
        chosen = self._chosen(export_fields)
        self.own = self._fields(doctype, chosen.get(doctype) or [], None)
        self.tables = {
            field.fieldname: self._fields(field.options, chosen[field.fieldname], field)
            for field in self.meta.get_table_fields()
            if chosen.get(field.fieldname)
        }

    def _chosen(self, export_fields: Any) -> dict[str, list[str]]:
        if export_fields in ("All", "Mandatory"):
            everything = {self.doctype: self.doctype}
            everything |= {field.fieldname: field.options for field in self.meta.get_table_fields()}
            return {
                key: [_ID, *(field.fieldname for field in importable_fields(owner) if export_fields == "All" or field.reqd)]
                for key, owner in everything.items()
            }  # fmt: skip
        if not isinstance(export_fields, dict):
            return {self.doctype: [_ID]}
        return {key: list(map(cstr, names)) for key, names in export_fields.items() if isinstance(names, list | tuple)}  # fmt: skip

    def _fields(self, owner: str, names: list[str], table: Any) -> list[frappe._dict]:
        """The fields that exist and that the user may read, in the order of the form, the name first."""
        meta = frappe.get_meta(owner)
        levels = None
        if frappe.session.user != "Administrator":
            levels = set(self.meta.get_permlevel_access("read")) | {0}
        wanted = set(names)
        found = (
            [frappe._dict(fieldname=_ID, label="ID", fieldtype="Data", table=table)] if _ID in wanted else []
        )
        labels = Counter(field.label for field in importable_fields(owner))
        for field in importable_fields(owner):
            level = cint(meta.get_field(field.fieldname).permlevel)
            if (
                field.fieldname not in wanted
                or field.fieldtype == "Password"
                or (levels is not None and level not in levels)
            ):
                continue
            label = _(field.label) if field.label else field.fieldname
            if labels[field.label] > 1:
                label = f"{label} ({field.fieldname})"
            found.append(frappe._dict(field, label=label, table=table))
        return found

    # -- rows

    def header(self) -> list[str]:
        """The heads of the columns."""
        heads = [field.label for field in self.own]
        for fields in self.tables.values():
            heads += [f"{field.label} ({_(field.table.label)})" for field in fields]
        return heads

    def rows(self) -> Iterator[list]:
        """The head and, when wanted, the records: a record's first line with the first line of each table."""
        yield self.header()
        if not self.export_data:
            return
        names = [_ID, *(field.fieldname for field in self.own if field.fieldname != _ID)]
        query = DatabaseQuery(self.doctype)
        arguments: dict[str, Any] = {"fields": names, "filters": self.filters, "order_by": "creation desc"}
        if self.page_length:
            arguments["limit_page_length"] = self.page_length
        batch: list[dict] = []
        for row in query.stream(**arguments):
            batch.append(dict(zip(names, row, strict=True)))
            if len(batch) == _AT_ONCE:
                yield from self._with_tables(batch)
                batch = []
        yield from self._with_tables(batch)

    def _with_tables(self, batch: list[dict]) -> Iterator[list]:
        children = (
            {key: self._children(key, fields, batch) for key, fields in self.tables.items()} if batch else {}
        )
        blank = [""] * len(self.own)
        for record in batch:
            lines = {key: rows.get(cstr(record[_ID]), []) for key, rows in children.items()}
            for position in range(max([1, *map(len, lines.values())])):
                row = [_shown(field, record[field.fieldname]) for field in self.own] if not position else list(blank)  # fmt: skip
                for key, fields in self.tables.items():
                    line = lines[key][position] if position < len(lines[key]) else None
                    row += [_shown(field, line[field.fieldname]) if line else "" for field in fields]
                yield row

    def _children(self, key: str, fields: list, batch: list[dict]) -> dict[str, list]:
        owner = self.meta.get_field(key).options
        rows = frappe.get_all(
            owner,
            filters={"parenttype": self.doctype, "parentfield": key, "parent": ("in", [row[_ID] for row in batch])},
            fields=["parent", *dict.fromkeys(field.fieldname for field in fields)], order_by="parent, idx", limit_page_length=0,
        )  # fmt: skip
        grouped: dict[str, list] = defaultdict(list)
        for row in rows:
            grouped[cstr(row.parent)].append(row)
        return grouped

    def get_csv_array(self) -> list[list]:
        """All lines at once, for programs."""
        return list(self.rows())

    get_csv_array_for_export = get_csv_array

    def build_response(self) -> None:
        """Answers the request with the file."""
        title = _(self.doctype)
        if self.file_type == "Excel":
            _export.respond_with_table(title, self.rows(), "Excel")
            return
        frappe.response["result"] = _export.csv_content(self.rows()).decode("utf-8-sig")
        frappe.response["doctype"] = title
        frappe.response["type"] = "csv"


def _shown(field: frappe._dict, value: Any) -> Any:
    if value is None:
        return ""
    if field.fieldtype == "Duration":
        return format_duration(value) if value else ""
    return value
