"""The tables that belong to no DocType."""

from __future__ import annotations

import frappe
from frappe.database.dialect import Column, Index, Table

SYSTEM_TABLES = (
    Table(
        "tabSingles",
        (Column("doctype", "varchar(140)"), Column("field", "varchar(140)"), Column("value", "longtext")),
        indexes=(Index("doctype_field", ("doctype", "field")),),
    ),
    Table("tabSeries", (Column("name", "varchar(140)", not_null=True), Column("current", "int(10)", "0", True)), ("name",)),
    Table(
        "__Auth",
        (
            Column("doctype", "varchar(140)", not_null=True), Column("name", "varchar(255)", not_null=True),
            Column("fieldname", "varchar(140)", not_null=True), Column("password", "text"),
            Column("encrypted", "tinyint(4)", "0", True),
        ),
        ("doctype", "name", "fieldname"),
    ),
    Table(
        "tabSessions",
        (
            Column("user", "varchar(255)"), Column("sid", "varchar(255)", not_null=True), Column("sessiondata", "longtext"),
            Column("ipaddress", "varchar(45)"), Column("lastupdate", "datetime(6)"), Column("status", "varchar(20)"),
        ),
        ("sid",),
        (Index("user", ("user",)),),
    ),
    Table(
        "__UserSettings",
        (
            Column("user", "varchar(180)", not_null=True), Column("doctype", "varchar(180)", not_null=True),
            Column("data", "text"),
        ),
        ("user", "doctype"),
    ),
    Table(
        "__jobs",
        (
            Column("id", "serial", primary=True), Column("job_id", "varchar(255)"), Column("queue", "varchar(40)"),
            Column("method", "text"), Column("payload", "longblob"), Column("status", "varchar(20)"),
            Column("claimed_until", "double"), Column("worker", "varchar(140)"), Column("tries", "int(11)", "0"),
            Column("created", "double"), Column("front", "int(11)", "0"),
        ),
        indexes=(Index("status", ("status", "queue", "front", "id")),),
    ),
    Table(
        "__global_search",
        (
            Column("doctype", "varchar(100)", not_null=True), Column("name", "varchar(140)", not_null=True),
            Column("title", "varchar(140)"), Column("content", "text"), Column("route", "varchar(140)"),
            Column("published", "int(1)", "0", True),
        ),
        ("doctype", "name"),
    ),
    Table("__versions", (Column("topic", "varchar(140)", not_null=True), Column("version", "int(11)", "0", True)), ("topic",)),
)  # fmt: skip


def create_system_tables() -> None:
    """Makes those that are missing."""
    known = set(frappe.db.get_tables(cached=False))
    for table in SYSTEM_TABLES:
        if table.name not in known:
            frappe.db.change_structure(frappe.db.dialect.create_table(table))
    frappe.db.commit()
