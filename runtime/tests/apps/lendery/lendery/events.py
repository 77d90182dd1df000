"""Events of documents of others."""

import frappe

from lendery.trace import note


def on_any_update(doc, method=None):
    if doc.doctype in ("Lending Item", "ToDo"):
        note("doc_events *", doctype=doc.doctype, name=doc.name, method=method)


def on_any_trash(doc, method=None):
    if doc.doctype in ("Lending Item", "ToDo"):
        note("doc_events *", doctype=doc.doctype, name=doc.name, method=method)


def validate_user(doc, method=None):
    if "lendery-banned" in (doc.first_name or ""):
        frappe.throw("This name is banned from the library")


def after_user(doc, method=None):
    note("doc_events User", name=doc.name, method=method)


def before_note_or_todo(doc, method=None):
    note("doc_events tuple", doctype=doc.doctype, method=method)


def part_of_name(doc=None, variable=None):
    return f"{variable[0]}{len(doc.get('items') or []) if doc else 0}"
