"""Tables from metadata: created, widened and indexed; a second run changes nothing and nothing is ever dropped."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.database.dialect import NUMBERS, column_type
from frappe.database.names import identifier
from frappe.utils import cint, cstr, flt

_BASE = (
    ("creation", "datetime(6)", None),
    ("modified", "datetime(6)", None),
    ("modified_by", "varchar(140)", None),
    ("owner", "varchar(140)", None),
    ("docstatus", "tinyint(4)", "0"),
    ("idx", "int(8)", "0"),
)
_CHILD = tuple((name, "varchar(140)", None) for name in ("parent", "parentfield", "parenttype"))
_OPTIONAL = tuple((name, "text", None) for name in ("_user_tags", "_comments", "_assign", "_liked_by"))

SYSTEM_TABLES = (
    "create table if not exists `tabSingles` (`doctype` varchar(140) collate nocase, `field` varchar(140), `value` longtext)",
    "create index if not exists `singles_doctype_field` on `tabSingles` (`doctype`, `field`)",
    "create table if not exists `tabSeries` (`name` varchar(140) primary key, `current` int(10) not null default 0)",
    "create table if not exists `__Auth` (`doctype` varchar(140), `name` varchar(255), `fieldname` varchar(140),"
    " `password` text, `encrypted` tinyint(4) not null default 0, primary key (`doctype`, `name`, `fieldname`))",
    "create table if not exists `tabSessions` (`user` varchar(255), `sid` varchar(255) primary key, `sessiondata` longtext,"
    " `ipaddress` varchar(16), `lastupdate` datetime(6), `status` varchar(20))",
    "create index if not exists `sessions_user` on `tabSessions` (`user`)",
    "create table if not exists `__UserSettings` (`user` varchar(180), `doctype` varchar(180), `data` text,"
    " primary key (`user`, `doctype`))",
    "create table if not exists `__jobs` (`id` integer primary key, `job_id` varchar(255), `queue` varchar(40),"
    " `method` text, `payload` blob, `status` varchar(20), `claimed_until` real, `worker` varchar(140),"
    " `tries` int default 0, `created` real, `front` int default 0)",
    "create index if not exists `jobs_status` on `__jobs` (`status`, `queue`, `front`, `id`)",
    "create table if not exists `__versions` (`topic` varchar(140) primary key, `version` int(11) not null default 0)",
)  # fmt: skip


def create_system_tables() -> None:
    """The tables that belong to no DocType."""
    for statement in SYSTEM_TABLES:
        frappe.db.sql(statement)
    frappe.db.commit()


def default_of(field: Any) -> str | None:
    """The column's own default: what a row gets that was inserted past the document."""
    default = field.get("default")
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


def wanted_columns(meta: Any) -> dict[str, str]:
    """Definitions of all columns of a DocType, by name."""
    dialect = frappe.db.dialect
    if meta.get("autoname") == "autoincrement":
        columns = {"name": "`name` integer primary key"}
    else:
        columns = {"name": dialect.define("name", "varchar(140)", None, True, False) + " primary key"}
    base = _BASE + (_CHILD if cint(meta.istable) else _OPTIONAL)
    if cint(meta.get("track_seen")):
        base += (("_seen", "text", None),)
    if cint(meta.get("is_tree")):
        base += (("lft", "int(11)", "0"), ("rgt", "int(11)", "0"), ("old_parent", "varchar(140)", None))
    for name, type_, default in base:
        columns[name] = dialect.define(name, type_, default, False, False)
    for field in meta.fields:
        type_ = column_type(field)
        if type_ is None or cint(field.get("is_virtual")) or field.fieldname in columns:
            continue
        columns[field.fieldname] = dialect.define(field.fieldname, type_, default_of(field), False, False)
    return columns


def sync_table(meta: Any) -> None:
    """Creates a DocType's table or adds what it lacks."""
    if cint(meta.issingle) or cint(meta.get("is_virtual")):
        return
    table, columns = f"tab{meta.name}", wanted_columns(meta)
    existing = set(frappe.db.get_db_table_columns(table))
    if not existing:
        frappe.db.sql(f"create table {identifier(table)} ({', '.join(columns.values())})")
    else:
        for name, definition in columns.items():
            if name not in existing:
                frappe.db.sql(f"alter table {identifier(table)} add column {definition}")
    frappe.db._columns.pop(meta.name, None)
    _sync_indexes(meta)


def _sync_indexes(meta: Any) -> None:
    """Indexes for sorting, parents and marked fields. Empty values do not collide with each other."""
    table = f"tab{meta.name}"
    known = {row[0] for row in frappe.db.sql(frappe.db.dialect.indexes(table))}
    wanted: dict[str, tuple[str, str, bool]] = {}
    prefix = frappe.scrub(meta.name)
    if cint(meta.istable):
        wanted[f"{prefix}_parent"] = ("`parent`, `idx`", "", False)
    else:
        wanted[f"{prefix}_modified"] = ("`modified`", "", False)
    if cint(meta.get("is_tree")):
        wanted[f"{prefix}_lft_rgt"] = ("`lft`, `rgt`", "", False)
    for field in meta.fields:
        if column_type(field) is None or cint(field.get("is_virtual")):
            continue
        if cint(field.get("unique")):
            where = "" if field.fieldtype in NUMBERS else f" where `{field.fieldname}` is not null"
            wanted[f"{prefix}_{field.fieldname}_unique"] = (f"`{field.fieldname}`", where, True)
        elif cint(field.get("search_index")):
            wanted[f"{prefix}_{field.fieldname}"] = (f"`{field.fieldname}`", "", False)
    for name, (columns, where, unique) in wanted.items():
        if name not in known:
            kind = "unique index" if unique else "index"
            frappe.db.sql(
                f"create {kind} if not exists {identifier(name)} on {identifier(table)} ({columns}){where}"
            )
