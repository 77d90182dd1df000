"""What an app has brought into a site, found and taken out again."""

from __future__ import annotations

from collections.abc import Iterator

import click

import frappe


def show(app: str) -> None:
    """Prints what a removal would delete."""
    modules = _modules(app)
    for doctype in _doctypes(modules):
        click.echo(f"DocType {doctype.name}")
    for kind, name in _standard_records(modules):
        click.echo(f"{kind} {name}")


def remove_records(app: str) -> None:
    """Deletes an app's DocTypes with their tables, what belongs to its modules, its scheduled jobs and its notes.

    Records that the app has put into other apps' DocTypes without a module (roles, say) stay: users may hold them.
    """
    modules = _modules(app)
    doctypes = _doctypes(modules)
    for kind, name in list(_standard_records(modules)):
        _delete(kind, name)
    for doctype in doctypes:
        _delete("DocType", doctype.name)
        if doctype.issingle:
            frappe.db.delete("Singles", {"doctype": doctype.name})
        frappe.db.sql_ddl(f"drop table if exists `tab{doctype.name}`")
    for module in modules:
        _delete("Module Def", module)
    for job in frappe.get_all("Scheduled Job Type", {"method": ("like", f"{app}.%")}, pluck="name"):
        _delete("Scheduled Job Type", job)
    frappe.db.delete("Patch Log", {"patch": ("like", f"{app}.%")})
    _forget_files(app, [doctype.name for doctype in doctypes], modules)


def _modules(app: str) -> list[str]:
    return frappe.get_all("Module Def", filters={"app_name": app}, pluck="name")


def _doctypes(modules: list[str]) -> list[frappe._dict]:
    if not modules:
        return []
    return frappe.get_all("DocType", filters={"module": ("in", modules)}, fields=["name", "issingle"])


def _standard_records(modules: list[str]) -> Iterator[tuple[str, str]]:
    """Records of other DocTypes that name one of the modules: reports, formats, custom fields, setters, …"""
    if not modules:
        return
    holders = frappe.get_all(
        "DocField",
        filters={"fieldtype": "Link", "options": "Module Def", "parent": ("!=", "DocType")},
        fields=["parent", "fieldname"],
    )
    for holder in holders:
        meta = frappe.get_meta(holder.parent)
        if meta.issingle or meta.istable or meta.get("is_virtual") or meta.module in modules:
            continue
        for name in frappe.get_all(holder.parent, {holder.fieldname: ("in", modules)}, pluck="name"):
            yield holder.parent, name


def _forget_files(app: str, doctypes: list[str], modules: list[str]) -> None:
    """What synchronisation has noted of the app's files: a later installation reads them anew."""
    marks = frappe.qb.DocType("DefaultValue")
    frappe.qb.from_(marks).delete().where(marks.defkey.like(f"fixture::{app}::%")).run()
    for row in frappe.get_all("DefaultValue", {"defkey": ("like", "file::%")}, ["name", "defkey"]):
        _, kind, name = row.defkey.split("::", 2)
        if not frappe.db.exists(kind, name):
            frappe.db.delete("DefaultValue", {"name": row.name})


def _delete(doctype: str, name: str) -> None:
    frappe.delete_doc(
        doctype, name, force=True, ignore_permissions=True, ignore_on_trash=True, ignore_missing=True
    )
