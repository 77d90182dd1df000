"""What an app ships as files becomes records of the site; unchanged files are skipped by their hash."""

from __future__ import annotations

import hashlib
import json
import os
from typing import Any

import frappe
from frappe.database.schema import sync_table
from frappe.model.meta import Meta
from frappe.utils import now

#: Kinds of documents in a module's folder, in the order in which they depend on each other.
IMPORTABLE_DOCTYPES = (
    ("core", "doctype"), ("core", "page"), ("core", "report"), ("desk", "dashboard_chart_source"),
    ("printing", "print_format"), ("email", "notification"), ("desk", "number_card"), ("desk", "dashboard_chart"),
    ("desk", "dashboard"), ("desk", "workspace"), ("custom", "client_script"), ("custom", "custom_field"),
    ("custom", "property_setter"),
)  # fmt: skip
_SWITCHES = {"Notification": "enabled", "Print Format": "disabled"}
_PARTS = {"fields": "DocField", "permissions": "DocPerm", "actions": "DocType Action", "links": "DocType Link",
          "states": "DocType State"}  # fmt: skip


def sync_for(app: str, force: bool = False) -> int:
    """Brings the records of an app's modules into line with its files; how many files were read."""
    count = 0
    for kind in IMPORTABLE_DOCTYPES:
        for module in frappe.get_module_list(app):
            count += _sync_folder(frappe.get_module_path(module, kind[1]), kind[1], force)
    frappe.db.commit()
    return count


def _sync_folder(folder: str, kind: str, force: bool) -> int:
    if not os.path.isdir(folder):
        return 0
    count = 0
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name, f"{name}.json")
        if os.path.isfile(path) and import_file(path, force=force):
            count += 1
    return count


def file_hash(path: str) -> str:
    """The fingerprint of a file's content."""
    with open(path, "rb") as file:
        return hashlib.md5(file.read(), usedforsecurity=False).hexdigest()


def import_file(path: str, force: bool = False) -> bool:
    """Reads one file's record; False when it has not changed since the last time."""
    with open(path, encoding="utf-8") as file:
        definition = json.load(file)
    definitions = definition if isinstance(definition, list) else [definition]
    changed = False
    for entry in definitions:
        if entry.get("doctype") == "DocType":
            changed |= import_doctype(entry, file_hash(path), force)
        else:
            changed |= import_record(entry, path, force)
    return changed


def import_doctype(definition: dict, fingerprint: str, force: bool = False) -> bool:
    """Writes a DocType's definition and brings its table into line."""
    name = definition["name"]
    known = frappe.db.sql("select `migration_hash` from `tabDocType` where `name` = %s", (name,))
    if known and known[0][0] == fingerprint and not force:
        return False
    write_definition(definition)
    frappe.model.meta.clear_meta_cache(name)
    meta = frappe.get_meta(name)
    sync_table(meta)
    if meta.issingle:
        _write_defaults(meta)
    # Last, because some databases make the definition lasting before they change the table: whoever is
    # interrupted between the two does both again.
    frappe.db.sql("update `tabDocType` set `migration_hash` = %s where `name` = %s", (fingerprint, name))
    return True


def _write_defaults(meta: Meta) -> None:
    """A single of an app has the values of its defaults from the beginning, not only after somebody has saved it."""
    if frappe.db.sql("select 1 from `tabSingles` where `doctype` = %s limit 1", (meta.name,)):
        return
    doc = frappe.new_doc(meta.name)
    values = {
        field.fieldname: doc.get(field.fieldname)
        for field in meta.fields
        if field.get("default") not in (None, "") and doc.get(field.fieldname) is not None
    }
    for fieldname, value in values.items():
        frappe.db.sql(
            "insert into `tabSingles` (`doctype`, `field`, `value`) values (%s, %s, %s)",
            (meta.name, fieldname, frappe.utils.cstr(value)),
        )


def write_definition(definition: dict, fingerprint: str = "") -> None:
    """Replaces the rows that define a DocType. Done past the documents: this is how documents come to be known."""
    name = definition["name"]
    frappe.db.sql("delete from `tabDocType` where `name` = %s", (name,))
    for table in _PARTS.values():
        frappe.db.sql(f"delete from `tab{table}` where `parent` = %s and `parenttype` = 'DocType'", (name,))
    moment = definition.get("modified") or now()
    base = {
        "creation": definition.get("creation") or moment, "modified": moment, "owner": "Administrator",
        "modified_by": "Administrator", "docstatus": 0, "idx": 0,
    }  # fmt: skip
    _insert_raw("DocType", {**definition, **base, "name": name, "migration_hash": fingerprint, "custom": 0})
    for part, table in _PARTS.items():
        for index, row in enumerate(definition.get(part) or [], start=1):
            values = {**row, **base, "name": frappe.generate_hash(length=10), "idx": index}
            values |= {"parent": name, "parenttype": "DocType", "parentfield": part}
            _insert_raw(table, values)


def _insert_raw(doctype: str, values: dict[str, Any]) -> None:
    columns = frappe.db.get_table_columns(doctype)
    row = {
        key: value for key, value in values.items() if key in columns and not isinstance(value, list | dict)
    }
    names = ", ".join(f"`{key}`" for key in row)
    marks = ", ".join(["%s"] * len(row))
    frappe.db.sql(f"insert into `tab{doctype}` ({names}) values ({marks})", list(row.values()))


def import_record(definition: dict, path: str, force: bool = False) -> bool:
    """Writes any other standard record, unless the site's is newer or changed by the site."""
    doctype, name = definition["doctype"], definition.get("name")
    key = f"file::{doctype}::{name}"
    fingerprint = file_hash(path)
    if not force and frappe.db.get_global(key) == fingerprint and frappe.db.exists(doctype, name):
        return False
    values = dict(definition)
    if frappe.db.exists(doctype, name):
        if doctype in _SWITCHES:
            # Whether the site uses a record is the site's affair.
            values[_SWITCHES[doctype]] = frappe.db.get_value(doctype, name, _SWITCHES[doctype])
        frappe.delete_doc(doctype, name, force=True, ignore_permissions=True, for_reload=True)
    doc = frappe.get_doc(values)
    doc.flags.update(
        ignore_permissions=True, ignore_mandatory=True, ignore_links=True, ignore_version=True, ignore_validate=True,
        keep_creation=True,
    )  # fmt: skip
    doc.insert(set_name=name)
    frappe.db.set_global(key, fingerprint)
    return True


def sync_fixtures(app: str) -> None:
    """Reads an app's `fixtures/*.json`; a record that exists is brought into line."""
    folder = frappe.get_app_path(app, "fixtures")
    if not os.path.isdir(folder):
        return
    for file_name in sorted(os.listdir(folder)):
        if not file_name.endswith(".json"):
            continue
        path = os.path.join(folder, file_name)
        key, fingerprint = f"fixture::{app}::{file_name}", file_hash(path)
        if frappe.db.get_global(key) == fingerprint:
            continue
        with open(path, encoding="utf-8") as file:
            for definition in json.load(file):
                _import_fixture(definition)
        frappe.db.set_global(key, fingerprint)
    frappe.db.commit()


def _import_fixture(definition: dict) -> None:
    doctype, name = definition["doctype"], definition.get("name")
    if name and frappe.db.exists(doctype, name):
        doc = frappe.get_doc(doctype, name)
        doc.update(
            {key: value for key, value in definition.items() if key not in {"modified", "creation", "owner"}}
        )
    else:
        doc = frappe.get_doc(dict(definition))
    doc.flags.update(ignore_permissions=True, ignore_links=True, ignore_mandatory=True, ignore_version=True)
    if doc.is_new() or not (name and frappe.db.exists(doctype, name)):
        doc.insert(set_name=name)
    else:
        doc.save()


def bootstrap(folder: str) -> None:
    """The first tables and definitions of a new site: those by which all others are known."""
    definitions = list(_definitions(folder))
    first = {"DocType", *_PARTS.values(), "Custom Field", "Property Setter", "Custom DocPerm", "Module Def"}
    for definition, _ in definitions:
        if definition["name"] in first:
            sync_table(Meta.from_dict({**definition, "doctype": "DocType"}))
    for definition, fingerprint in definitions:
        write_definition(definition, fingerprint)
    for definition, _ in definitions:
        if definition["name"] not in first:
            sync_table(Meta.from_dict(definition))
    frappe.db.commit()


def _definitions(folder: str) -> Any:
    for root, _, files in os.walk(folder):
        if os.path.basename(os.path.dirname(root)) != "doctype":
            continue
        path = os.path.join(root, f"{os.path.basename(root)}.json")
        if os.path.basename(path) in files:
            with open(path, encoding="utf-8") as file:
                yield json.load(file), file_hash(path)
