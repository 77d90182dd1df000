"""Fields that a site adds to DocTypes of apps."""

from __future__ import annotations

import re

import frappe
from frappe.database.schema import sync_table
from frappe.model.document import Document


class CustomField(Document):
    """A field of the site's own."""

    def autoname(self) -> None:
        """`<DocType>-<fieldname>`."""
        self.set_fieldname()
        self.name = f"{self.dt}-{self.fieldname}"

    def set_fieldname(self) -> None:
        """A name from the label; Chinese labels get a number."""
        if self.fieldname:
            self.fieldname = frappe.scrub(self.fieldname)
            return
        base = re.sub(r"[^a-z0-9_]", "", frappe.scrub(self.label or "")) or frappe.scrub(self.fieldtype)
        name, number = f"custom_{base.strip('_')}", 1
        while frappe.get_meta(self.dt).has_field(name):
            number += 1
            name = f"custom_{base.strip('_')}_{number}"
        self.fieldname = name

    def before_insert(self) -> None:
        """A field is added once.

        :raises frappe.ValidationError: when the DocType has it
        """
        self.set_fieldname()
        if frappe.get_meta(self.dt, cached=False).has_field(self.fieldname):
            frappe.throw(
                frappe._("A field with the name {0} already exists in {1}").format(
                    frappe.bold(self.fieldname), self.dt
                )
            )

    def validate(self) -> None:
        """The place and the target.

        :raises frappe.ValidationError: for a link without a target
        """
        if self.fieldtype in {"Link", "Table", "Table MultiSelect"} and not frappe.db.exists(
            "DocType", self.options
        ):
            frappe.throw(frappe._("Options must be a valid DocType: {0}").format(self.options))
        if not self.insert_after:
            fields = frappe.get_meta(self.dt).fields
            self.insert_after = fields[-1].fieldname if fields else None

    def on_update(self) -> None:
        """The table follows; every process reads the metadata anew."""
        frappe.clear_cache(doctype=self.dt)
        sync_table(frappe.get_meta(self.dt, cached=False))

    def on_trash(self) -> None:
        """The column stays, so that nothing is lost by mistake."""
        frappe.clear_cache(doctype=self.dt)

    def after_delete(self) -> None:
        """Every process reads the metadata anew."""
        frappe.clear_cache(doctype=self.dt)


def create_custom_field(
    doctype: str, df: dict, ignore_validate: bool = False, is_system_generated: bool = True
):
    """Adds a field unless it is there."""
    if frappe.get_meta(doctype, cached=False).has_field(df.get("fieldname")):
        return None
    field = frappe.get_doc(
        doctype="Custom Field",
        dt=doctype,
        is_system_generated=int(is_system_generated),
        **{"fieldtype": "Data", **df},
    )
    field.flags.ignore_validate = ignore_validate
    return field.insert(ignore_permissions=True)


def create_custom_fields(custom_fields: dict, ignore_validate: bool = False, update: bool = True) -> None:
    """Adds fields to several DocTypes; those that are there are changed."""
    for doctypes, fields in custom_fields.items():
        for doctype in doctypes if isinstance(doctypes, tuple | list) else (doctypes,):
            for df in fields if isinstance(fields, list | tuple) else [fields]:
                known = frappe.db.get_value("Custom Field", {"dt": doctype, "fieldname": df["fieldname"]})
                if not known:
                    create_custom_field(doctype, df, ignore_validate=ignore_validate)
                elif update:
                    doc = frappe.get_doc("Custom Field", known)
                    doc.update(df)
                    doc.flags.ignore_validate = ignore_validate
                    doc.save(ignore_permissions=True)
