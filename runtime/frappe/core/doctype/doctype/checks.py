"""Definitions that cannot be: fields that miss their partners, rights that make no sense."""

from __future__ import annotations

from typing import Any

import frappe
from frappe import _
from frappe.model import default_fields, display_fieldtypes, table_fields
from frappe.utils import cint, cstr


class InvalidFieldNameError(frappe.ValidationError):
    """A setting names a field that is not there."""


class HiddenAndMandatoryWithoutDefaultError(frappe.ValidationError):
    """Nobody could ever fill the field."""


class NonUniqueError(frappe.ValidationError):
    """The type of the field cannot be unique."""


#: What a list has no column for.
_NOT_LISTED = {*display_fieldtypes, *table_fields, "Attach Image", "Image", "Button"}


def check_field(field: Any, fields: list) -> None:
    """One field among the others of its DocType.

    :raises frappe.ValidationError: naming the field
    """
    label = field.label or field.fieldname
    if field.fieldtype == "Dynamic Link":
        partner = next((other for other in fields if other.fieldname == field.options), None)
        if partner is None or not (
            (partner.fieldtype == "Link" and partner.options == "DocType") or partner.fieldtype == "Select"
        ):
            frappe.throw(
                _(
                    "Options 'Dynamic Link' type of field must point to another Link Field with options as 'DocType'"
                )
            )
    if field.fieldtype == "Check" and cstr(field.default).isdigit() and field.default not in ("0", "1", 0, 1):
        frappe.throw(
            _("Default for 'Check' type of field {0} must be either '0' or '1'").format(
                frappe.bold(field.fieldname)
            )
        )
    if cint(field.hidden) and cint(field.reqd) and not field.default:
        frappe.throw(
            _("Field {0} in row {1} cannot be hidden and mandatory without default").format(label, field.idx),
            HiddenAndMandatoryWithoutDefaultError,
        )
    for flag, words, refused in (
        ("in_list_view", "In List View", _NOT_LISTED),
        ("in_global_search", "In Global Search", display_fieldtypes),
    ):
        if cint(field.get(flag)) and field.fieldtype in refused:
            frappe.throw(
                _("'{0}' not allowed for type {1} in row {2}").format(_(words), field.fieldtype, field.idx)
            )


def check_settings(doc: Any) -> None:
    """Settings of a DocType that name its fields.

    :raises frappe.ValidationError: for one that is not there
    """
    kinds = {field.fieldname: field.fieldtype for field in doc.fields}
    for name in cstr(doc.search_fields).split(",") if doc.search_fields else []:
        if name.strip() not in kinds or kinds[name.strip()] in display_fieldtypes:
            frappe.throw(_("Search field {0} is not valid").format(name.strip()))
    autoname = cstr(doc.autoname)
    if autoname.startswith("field:") and autoname[6:] not in kinds:
        frappe.throw(_("Invalid fieldname '{0}' in autoname").format(autoname[6:]))
    if autoname.startswith("naming_series:") and "naming_series" not in kinds:
        frappe.throw(
            _("Fieldname called {0} must exist to enable autonaming").format(frappe.bold("naming_series"))
        )
    if doc.sort_field:
        for part in cstr(doc.sort_field).split(","):
            name = part.strip().split(" ")[0].strip("`")
            if name not in kinds and name not in default_fields:
                frappe.throw(
                    _("Sort field {0} must be a valid fieldname").format(name), InvalidFieldNameError
                )
    if doc.title_field and doc.title_field not in kinds:
        frappe.throw(_("Title field must be a valid fieldname"), InvalidFieldNameError)
    if doc.image_field and doc.image_field not in kinds:
        frappe.throw(_("Image field must be a valid fieldname"), InvalidFieldNameError)
    if doc.image_field and kinds[doc.image_field] != "Attach Image":
        frappe.throw(_("Image field must be of type {0}").format("Attach Image"), InvalidFieldNameError)
    if doc.timeline_field and kinds.get(doc.timeline_field) not in {"Link", "Dynamic Link"}:
        frappe.throw(_("Timeline field must be a Link or Dynamic Link"), InvalidFieldNameError)


def check_rules(doc: Any) -> None:
    """The permission rules of a DocType.

    :raises frappe.ValidationError: naming the rule
    """
    seen: set[tuple] = set()
    grounds = {rule.role for rule in doc.permissions if not cint(rule.permlevel)}
    for number, rule in enumerate(doc.permissions, 1):
        where = _("For {0} at level {1} in {2} in row {3}:").format(
            rule.role, cint(rule.permlevel), doc.name, number
        )
        key = (rule.role, cint(rule.permlevel), cint(rule.if_owner))
        if key in seen:
            frappe.throw(f"{where} " + _("Only one rule allowed with the same Role, Level and If Owner"))
        seen.add(key)
        if cint(rule.permlevel) and rule.role not in grounds:
            frappe.throw(f"{where} " + _("Permission at level 0 must be set before higher levels are set"))
        if cint(rule.cancel) and not cint(rule.submit):
            frappe.throw(f"{where} " + _("Cannot set Cancel without Submit"))
        for right in ("submit", "cancel", "amend"):
            if cint(rule.get(right)) and not cint(doc.is_submittable):
                frappe.throw(
                    f"{where} " + _("Cannot set Assign {0} if not Submittable").format(right.title())
                )
        if cint(rule.get("import")) and not cint(doc.allow_import):
            frappe.throw(f"{where} " + _("Cannot set import as {0} is not importable").format(doc.name))
