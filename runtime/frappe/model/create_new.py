"""New documents: defaults and copies."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.model import table_fields
from frappe.model.save_plan import first_choice
from frappe.utils import cint, cstr, flt, now_datetime, nowdate, nowtime


def get_new_doc(
    doctype: str, parent_doc: Any = None, parentfield: str | None = None, as_dict: bool = False
) -> Any:
    """A new document with its defaults, not stored."""
    values = {"doctype": doctype, "__islocal": 1, "owner": frappe.session.user, "docstatus": 0}
    values |= default_values(doctype, parent_doc)
    if parent_doc is not None:
        values |= {"parent": parent_doc.name, "parenttype": parent_doc.doctype, "parentfield": parentfield}
    return frappe._dict(values) if as_dict else frappe.get_doc(values)


def default_values(doctype: str, parent_doc: Any = None, meta: Any = None) -> dict[str, Any]:
    """Values that the metadata, and the user's defaults, give a new document."""
    plan = (meta or frappe.get_meta(doctype)).default_plan
    values = dict(plan.always)
    for field in plan.asked:
        value = static_default(field)
        if value is not None:
            values[field.fieldname] = value
    return values


def static_default(field: Any) -> Any:
    """A field's default; words such as `Today` and `user` are replaced."""
    given = field.default
    if given in (None, ""):
        # A time that nobody has entered is the present one, a choice that nobody has made the first one, as on Frappe.
        return nowtime() if field.fieldtype == "Time" else first_choice(field) or _user_default(field)
    word = cstr(given).lower()
    if field.fieldtype == "Date" and word in {"today", "__today"}:
        return nowdate()
    if field.fieldtype == "Datetime" and word in {"now", "today"}:
        return str(now_datetime())
    if field.fieldtype == "Time" and word in {"now", "today"}:
        return nowtime()
    if word in {"__user", "user"}:
        return frappe.session.user
    if cstr(given).startswith(":"):
        return None
    if field.fieldtype in {"Check", "Int", "Long Int"}:
        return cint(given)
    if field.fieldtype in {"Float", "Percent", "Currency", "Rating", "Duration"}:
        return flt(given)
    return given


def _user_default(field: Any) -> str | None:
    """A link to which the user is limited, when it is his default or his only one."""
    if field.fieldtype != "Link":
        return None
    if cint(field.ignore_user_permissions) or frappe.session.user in {"Administrator", "Guest"}:
        return None
    from frappe.permissions import get_user_permissions

    preset = frappe.defaults.get_user_default(field.fieldname)
    if isinstance(preset, str) and preset and frappe.db.exists(field.options, preset):
        return preset
    rows = get_user_permissions().get(field.options) or []
    defaults = [row.doc for row in rows if cint(row.is_default)]
    if defaults:
        return defaults[0]
    return rows[0].doc if len(rows) == 1 and not rows[0].applicable_for else None


def copy_doc(doc: Any, ignore_no_copy: bool = True) -> Any:
    """A new document with the values of another; names, times and states are left behind.

    :param ignore_no_copy: copy fields that are marked as not to be copied, too
    """
    values = doc if isinstance(doc, dict) else doc.as_dict(no_private_properties=True)
    fresh = frappe.get_doc(_without_identity(dict(values)))
    fresh.__dict__["__islocal"] = 1
    fresh.docstatus = 0
    for entry in [fresh, *fresh.get_all_children()]:
        entry.__dict__["__islocal"] = 1
        for field in entry.meta.fields:
            if cint(field.no_copy) and not ignore_no_copy:
                entry.set(field.fieldname, [] if field.fieldtype in table_fields else None)
    return fresh


def _without_identity(values: dict) -> dict:
    dropped = ("name", "creation", "modified", "modified_by", "owner", "docstatus", "amended_from", "parent",
               "__islocal", "__onload", "__unsaved", "_user_tags", "_comments", "_assign", "_liked_by", "_seen")  # fmt: skip
    cleaned = {key: value for key, value in values.items() if key not in dropped}
    for key, value in cleaned.items():
        if isinstance(value, list):
            cleaned[key] = [_without_identity(dict(row)) for row in value if isinstance(row, dict)]
    return cleaned
