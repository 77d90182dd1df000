"""New kinds of records that a hospital makes for itself, with a title to begin with; fields are added afterwards."""

import re

import frappe

from medaffairs.face.changes import record

MODULE = "Organization"
_NAME = re.compile(r"[A-Z][A-Za-z0-9]*( [A-Za-z0-9]+)*")
_FULL = {
    right: 1
    for right in ("read", "write", "create", "delete", "print", "report", "export", "import", "share")
}
_ROLES = ("System Manager", "Medical Affairs Manager")


def add_kind(name: str, label: str, title: str) -> str:
    """Make a kind of record: its name in English, what people call it, and what its title is called.

    :raises frappe.ValidationError: when the name is none or taken, or a label is missing
    """
    name, label, title = name.strip(), label.strip(), title.strip()
    if not _NAME.fullmatch(name) or len(name) > 60:
        frappe.throw(
            frappe._("The name has to be English words that begin with a capital letter."),
            frappe.ValidationError,
        )
    if not label or not title:
        frappe.throw(frappe._("A kind of record and its title need a label."), frappe.ValidationError)
    if frappe.db.exists("DocType", name):
        frappe.throw(frappe._("There already is a kind of record {0}.").format(name), frappe.ValidationError)
    frappe.get_doc(
        {
            "doctype": "DocType",
            "name": name,
            "module": MODULE,
            "custom": 1,
            "autoname": "hash",
            "track_changes": 1,
            "allow_import": 1,
            "title_field": "title",
            "search_fields": "title",
            "show_title_field_in_link": 1,
            "fields": [
                {
                    "fieldname": "title",
                    "fieldtype": "Data",
                    "label": title,
                    "reqd": 1,
                    "in_list_view": 1,
                    "in_global_search": 1,
                }
            ],
            "permissions": [{"role": role, **_FULL} for role in _ROLES],
        }
    ).insert()
    _call(name, label)
    record(name, "kind", label, None, name)
    return name


def _call(name: str, label: str) -> None:
    """What people call the kind stands among the hospital's translations."""
    if not frappe.db.exists("Translation", {"language": "zh", "source_text": name}):
        frappe.get_doc(
            {"doctype": "Translation", "language": "zh", "source_text": name, "translated_text": label}
        ).insert()


def remove_kind(name: str) -> None:
    """Take a kind away that was made here and has no records.

    :raises frappe.ValidationError: for a kind of the app, or one with records
    """
    if not frappe.db.get_value("DocType", name, "custom"):
        frappe.throw(
            frappe._("Only kinds of records that were made here can be removed."), frappe.ValidationError
        )
    if frappe.db.count(name):
        frappe.throw(frappe._("There are records of this kind. Delete them first."), frappe.ValidationError)
    frappe.delete_doc("DocType", name)
