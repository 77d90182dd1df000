"""Properties of fields and DocTypes that a site changes."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.database.schema import sync_table
from frappe.model.document import Document


class PropertySetter(Document):
    """One changed property."""

    def autoname(self) -> None:
        """`<DocType>-<field or main>-<property>`."""
        self.name = f"{self.doc_type}-{self.field_name or self.row_name or 'main'}-{self.property}"

    def validate(self) -> None:
        """One property is changed once.

        :raises frappe.ValidationError: for a field that the DocType does not have
        """
        if self.doctype_or_field == "DocField" and not frappe.get_meta(self.doc_type).has_field(
            self.field_name
        ):
            frappe.throw(frappe._("Field {0} does not exist on {1}").format(self.field_name, self.doc_type))
        if self.is_new() and frappe.db.exists("Property Setter", self.name):
            frappe.delete_doc("Property Setter", self.name, ignore_permissions=True, force=True)

    def on_update(self) -> None:
        """The table follows; every process reads the metadata anew."""
        frappe.clear_cache(doctype=self.doc_type)
        sync_table(frappe.get_meta(self.doc_type, cached=False))

    def on_trash(self) -> None:
        """Every process reads the metadata anew."""
        frappe.clear_cache(doctype=self.doc_type)

    def after_delete(self) -> None:
        """Every process reads the metadata anew."""
        frappe.clear_cache(doctype=self.doc_type)


def make_property_setter(
    doctype: str,
    fieldname: str | None,
    property: str,
    value: Any,
    property_type: str | None = None,
    for_doctype: bool = False,
    validate_fields_for_doctype: bool = True,
    is_system_generated: bool = True,
) -> Document:
    """Changes a property of a field, or of the DocType."""
    return frappe.get_doc(
        doctype="Property Setter", doctype_or_field="DocType" if for_doctype else "DocField", doc_type=doctype,
        field_name=fieldname, property=property, value=str(value), property_type=property_type,
        is_system_generated=int(is_system_generated),
    ).insert(ignore_permissions=True)  # fmt: skip


def delete_property_setter(doc_type: str, property: str | None = None, field_name: str | None = None) -> None:
    """Takes changed properties back."""
    filters = {"doc_type": doc_type}
    filters |= {"property": property} if property else {}
    filters |= {"field_name": field_name} if field_name else {}
    for name in frappe.get_all("Property Setter", filters=filters, pluck="name"):
        frappe.delete_doc("Property Setter", name, ignore_permissions=True, force=True)


def make_from_arguments(args: dict, ignore_validate: bool, is_system_generated: bool) -> None:
    """See `frappe.make_property_setter`."""
    given = frappe._dict(args)
    of_doctype = given.doctype_or_field == "DocType" or not given.fieldname
    doctypes = [given.doctype] if given.doctype else _with_field(given.fieldname)
    kind = given.property_type or _type_of(given.property, of_doctype)
    for doctype in doctypes:
        setter = frappe.get_doc(
            doctype="Property Setter", doctype_or_field="DocType" if of_doctype else "DocField", doc_type=doctype,
            field_name=None if of_doctype else given.fieldname, row_name=given.row_name, property=given.property,
            value=frappe.utils.cstr(given.value), property_type=kind, is_system_generated=int(is_system_generated),
        )  # fmt: skip
        setter.flags.ignore_permissions = True
        setter.flags.ignore_validate = ignore_validate
        setter.insert()


def _type_of(property: str, of_doctype: bool) -> str:
    field = frappe.get_meta("DocType" if of_doctype else "DocField").get_field(property)
    return field.fieldtype if field else "Data"


def _with_field(fieldname: str) -> list[str]:
    return frappe.get_all("DocField", filters={"fieldname": fieldname}, pluck="parent", distinct=True)
