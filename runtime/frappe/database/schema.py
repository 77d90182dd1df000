"""Tables from metadata: created, widened and indexed; a second run changes nothing and nothing is ever dropped."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.database.dialect import NULLABLE, NUMBERS, Column, Index, Table, column_type
from frappe.utils import cint, cstr, flt

_BASE = (
    Column("creation", "datetime(6)"), Column("modified", "datetime(6)"), Column("modified_by", "varchar(140)"),
    Column("owner", "varchar(140)"), Column("docstatus", "tinyint(4)", "0", True), Column("idx", "int(8)", "0", True),
)  # fmt: skip
_CHILD = tuple(Column(name, "varchar(140)") for name in ("parent", "parentfield", "parenttype"))
_OPTIONAL = tuple(Column(name, "text") for name in ("_user_tags", "_comments", "_assign", "_liked_by"))
_TREE = (Column("lft", "int(11)", "0", True), Column("rgt", "int(11)", "0", True), Column("old_parent", "varchar(140)"))  # fmt: skip


def mend_tables() -> None:
    """Brings tables into line that somebody was interrupted at, where the database keeps half of such a change."""
    if frappe.db.dialect.undoes_structure:
        return
    for doctype in frappe.get_all("DocType", filters={"issingle": 0, "is_virtual": 0}, pluck="name"):
        sync_table(frappe.get_meta(doctype))


def default_of(field: Any) -> str | None:
    """The column's own default: what a row gets that was inserted past the document."""
    default = field.get("default")
    if field.fieldtype in NULLABLE and not default:
        return None
    if field.fieldtype in NUMBERS:
        number = flt(default) if default and cstr(default).replace(".", "", 1).lstrip("-").isdigit() else 0.0
        return cstr(int(number) if number.is_integer() else number)
    if not default or cstr(default).startswith(":") or cstr(default) in frappe.db.DEFAULT_SHORTCUTS:
        return None
    if field.fieldtype in {"Data", "Link", "Select"} and cstr(default).lower() not in {
        "today",
        "now",
        "user",
    }:
        return frappe.db.escape(default, percent=False)
    return None


def wanted_columns(meta: Any) -> dict[str, Column]:
    """All columns of a DocType, by name."""
    if meta.get("autoname") == "autoincrement":
        columns = {"name": Column("name", "bigint(20)", not_null=True, primary=True)}
    else:
        columns = {"name": Column("name", "varchar(140)", not_null=True, primary=True)}
    base = _BASE + (_CHILD if cint(meta.istable) else _OPTIONAL)
    if cint(meta.get("track_seen")):
        base += (Column("_seen", "text"),)
    if cint(meta.get("is_tree")):
        base += _TREE
    columns |= {column.name: column for column in base}
    for field in meta.fields:
        type_ = column_type(field)
        if type_ is None or cint(field.get("is_virtual")) or field.fieldname in columns:
            continue
        number = field.fieldtype in NUMBERS - NULLABLE
        columns[field.fieldname] = Column(field.fieldname, type_, default_of(field), not_null=number)
    return columns


def wanted_indexes(meta: Any) -> list[Index]:
    """Indexes for sorting, parents and marked fields. Empty values do not collide with each other."""
    wanted = [Index("parent", ("parent", "idx")) if cint(meta.istable) else Index("modified", ("modified",))]
    if cint(meta.get("is_tree")):
        wanted.append(Index("lft_rgt", ("lft", "rgt")))
    for field in meta.fields:
        if column_type(field) is None or cint(field.get("is_virtual")):
            continue
        if cint(field.get("unique")):
            wanted.append(Index(f"{field.fieldname}_unique", (field.fieldname,), unique=True))
        elif cint(field.get("search_index")):
            wanted.append(Index(field.fieldname, (field.fieldname,)))
    return wanted


def _no_longer_unique(meta: Any) -> list[str]:
    """Indexes of fields that were unique once: while one stands, values could not repeat."""
    return [
        f"{field.fieldname}_unique"
        for field in meta.fields
        if field.fieldname and not cint(field.get("unique"))
    ]


def sync_table(meta: Any) -> None:
    """Creates a DocType's table, or adds and changes what has moved away from the metadata."""
    if cint(meta.issingle) or cint(meta.get("is_virtual")):
        return
    table = f"tab{meta.name}"
    columns, indexes = wanted_columns(meta), wanted_indexes(meta)
    known = frappe.db.sql(frappe.db.dialect.columns(table))
    if known:
        statements = frappe.db.changes_of_table(table, known, columns, indexes, _no_longer_unique(meta))
    else:
        statements = frappe.db.dialect.create_table(Table(table, tuple(columns.values()), (), tuple(indexes)))
    if meta.get("autoname") == "autoincrement":
        statements += frappe.db.sequence_statements(meta.name)
    if statements:
        frappe.db.change_structure(statements)
    frappe.db._columns.pop(meta.name, None)
