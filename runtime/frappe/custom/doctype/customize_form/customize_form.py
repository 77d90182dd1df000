"""The form of a DocType as a site changes it: what differs becomes Property Setters, what is new Custom Fields."""

from __future__ import annotations

import json
from typing import Any

import frappe
from frappe import _
from frappe.core.doctype.doctype import checks
from frappe.custom.doctype.customize_form import properties, rows
from frappe.custom.doctype.property_setter.property_setter import make_property_setter
from frappe.model import display_fieldtypes, table_fields
from frappe.model.document import Document
from frappe.model.meta import Meta
from frappe.utils import cint, cstr

#: DocTypes that the host itself is built on.
_CORE = frozenset(
    {"DocType", "DocField", "DocPerm", "DocType Link", "DocType Action", "DocType State", "Custom Field", "Property Setter",
     "Customize Form", "Customize Form Field", "Custom DocPerm", "User", "Role", "Has Role", "DefaultValue", "Report", "Page",
     "Print Format", "Module Def", "Client Script"}
)  # fmt: skip
_NOT_LISTED = {*display_fieldtypes, *table_fields, "Attach Image", "Image", "Button"}


class CustomizeForm(Document):
    """The form that is being changed. It is filled, sent back and saved through its methods; nothing of it is stored."""

    @frappe.whitelist()
    def fetch_to_customize(self) -> None:
        """Fills the form with a DocType as the site has it now.

        :raises frappe.ValidationError: for DocTypes that no site changes
        """
        doctype = self.doc_type
        self._empty()
        if not doctype:
            return
        self.doc_type = doctype
        meta = self._meta()
        self.update({name: meta.get(name) for name in properties.DOCTYPE_PROPERTIES})
        self.label = _translated_name(doctype).get("translated_text") or ""
        for field in meta.fields:
            self.append("fields", _form_row(field))
        for part in rows.PARTS:
            for row in meta.get(part) or []:
                self.append(part, {**rows.values(row), "name": row.name, "custom": cint(row.custom)})

    @frappe.whitelist()
    def save_customization(self) -> None:
        """Stores what differs from the DocType's own definition; all of it is checked before anything is stored.

        :raises frappe.ValidationError: naming the field
        """
        if not self.doc_type:
            return
        meta, standard = self._meta(), Meta.load_standard(self.doc_type)
        self._leave_out_what_is_fixed(standard, meta)
        self._check_types(meta)
        self._check_result(meta)
        self._save_doctype_properties(meta, standard)
        self._remove_custom_fields(meta)
        self._save_fields(meta, standard)
        self._save_order()
        rows.save(self, meta)
        self._save_label()
        frappe.clear_cache(doctype=self.doc_type)
        frappe.msgprint(_("{0} updated").format(_(self.doc_type)), alert=True)
        self.fetch_to_customize()

    @frappe.whitelist()
    def reset_to_defaults(self) -> None:
        """Takes back what the site has changed, its own fields included; their columns stay."""
        if not self.doc_type:
            return
        reset_customization(self.doc_type)
        self.fetch_to_customize()

    def allow_fieldtype_change(self, old_value: str, new_value: str) -> bool:
        """Whether a field of one type may be shown as another."""
        return properties.may_become(old_value, new_value)

    def _empty(self) -> None:
        for field in self.meta.fields:
            self.set(field.fieldname, [] if field.fieldtype in table_fields else None)

    def _meta(self) -> Meta:
        """The DocType, if a site may change it."""
        meta = frappe.get_meta(self.doc_type, cached=False)
        if self.doc_type in _CORE:
            frappe.throw(_("Core DocTypes cannot be customized."))
        if cint(meta.issingle):
            frappe.throw(_("Single DocTypes cannot be customized."))
        if cint(meta.custom):
            frappe.throw(_("Only standard DocTypes are allowed to be customized from Customize Form."))
        return meta

    # -- what may not change

    def _leave_out_what_is_fixed(self, standard: Meta, meta: Meta) -> None:
        """Takes back single changes that standard fields do not bear, and says so."""
        for number, row in enumerate(self.fields, 1):
            field = standard.get_field(row.fieldname)
            if (
                cint(row.in_list_view)
                and row.fieldtype in _NOT_LISTED
                and not cint(field and field.in_list_view)
            ):
                frappe.msgprint(
                    _("'In List View' not allowed for type {0} in row {1}").format(row.fieldtype, number)
                )
                row.in_list_view = 0
            if field is None:
                continue
            if cint(field.reqd) and not cint(row.reqd):
                frappe.msgprint(
                    _("Row {0}: Not allowed to disable Mandatory for standard fields").format(number)
                )
                row.reqd = 1
            if cint(row.allow_on_submit) and not cint(field.allow_on_submit):
                frappe.msgprint(
                    _("Row {0}: Not allowed to enable Allow on Submit for standard fields").format(number)
                )
                row.allow_on_submit = 0
            if (
                _differs(row.options, now := meta.get_options(row.fieldname))
                and row.fieldtype not in properties.OPTIONS_MAY_CHANGE
            ):
                frappe.msgprint(
                    _("You can't set 'Options' for field {0}").format(_(row.label or row.fieldname))
                )
                row.options = now
            if (
                cint(row.translatable)
                and row.fieldtype not in properties.TRANSLATED
                and not cint(field.translatable)
            ):
                frappe.msgprint(
                    _("You can't set 'Translatable' for field {0}").format(_(row.label or row.fieldname))
                )
                row.translatable = 0

    def _check_types(self, meta: Meta) -> None:
        for number, row in enumerate(self.fields, 1):
            field = meta.get_field(row.fieldname)
            if field is not None and not self.allow_fieldtype_change(field.fieldtype, row.fieldtype):
                frappe.throw(
                    _("Fieldtype cannot be changed from {0} to {1} in row {2}").format(
                        field.fieldtype, row.fieldtype, number
                    )
                )

    def _check_result(self, meta: Meta) -> None:
        """The DocType as it would be, checked like one that is designed.

        :raises frappe.ValidationError: naming the field
        """
        result = frappe.new_doc("DocType")
        result.update({"name": self.doc_type, "autoname": meta.autoname, "module": meta.module})
        result.update({name: self.get(name) for name in properties.DOCTYPE_PROPERTIES})
        kept = {row.fieldname for row in self.fields}
        for field in [*self.fields, *(field for field in meta.fields if field.fieldname not in kept)]:
            if not field.fieldname and not field.label and field.fieldtype not in display_fieldtypes:
                frappe.throw(_("Label is mandatory"))
            values = {name: field.get(name) for name in properties.FIELD_PROPERTIES}
            now = meta.get_field(field.fieldname) if field.fieldname else None
            if now and cint(now.unique):
                # Apps make fields unique that nobody could make so in the browser.
                values["unique"] = 0
            result.append("fields", {**values, "fieldname": field.fieldname or _own_name(field)})
        result.check_fields()
        checks.check_settings(result)
        rows.check(self)

    # -- saving

    def _save_doctype_properties(self, meta: Meta, standard: Meta) -> None:
        for name, kind in properties.DOCTYPE_PROPERTIES.items():
            self._save_property(None, name, kind, self.get(name), meta.get(name), standard.get(name))

    def _save_fields(self, meta: Meta, standard: Meta) -> None:
        before = None
        for number, row in enumerate(self.fields, 1):
            field = meta.get_field(row.fieldname) if row.fieldname else None
            if field is None:
                if not cint(row.is_custom_field):
                    continue
                row.fieldname = self._add_custom_field(row, before, number)
            elif field.get("is_custom_field"):
                self._change_custom_field(row, field)
            else:
                own = standard.get_field(row.fieldname)
                for name, kind in properties.FIELD_PROPERTIES.items():
                    self._save_property(
                        row.fieldname, name, kind, row.get(name), field.get(name), own.get(name)
                    )
            before = row.fieldname

    def _save_property(
        self, field: str | None, name: str, kind: str, wanted: Any, now: Any, own: Any
    ) -> None:
        """One property: a setter where it differs from the definition, none where it does not."""
        if not _differs(wanted, now):
            return
        setter = f"{self.doc_type}-{field or 'main'}-{name}"
        if frappe.db.exists("Property Setter", setter):
            frappe.delete_doc("Property Setter", setter, ignore_permissions=True, force=True)
        if _differs(wanted, own):
            make_property_setter(
                self.doc_type,
                field,
                name,
                cstr(wanted),
                kind,
                for_doctype=not field,
                is_system_generated=False,
            )

    def _add_custom_field(self, row: Any, before: str | None, number: int) -> str:
        field = frappe.new_doc("Custom Field")
        field.update({name: row.get(name) for name in properties.FIELD_PROPERTIES})
        own = row.fieldname and (
            row.fieldname if row.fieldname.startswith("custom_") else f"custom_{row.fieldname}"
        )
        field.update({"dt": self.doc_type, "fieldname": own, "insert_after": before, "idx": number})
        return field.insert(ignore_permissions=True).fieldname

    def _change_custom_field(self, row: Any, field: Any) -> None:
        changed = {
            name: row.get(name)
            for name in properties.FIELD_PROPERTIES
            if _differs(row.get(name), field.get(name))
        }
        if not changed:
            return
        doc = frappe.get_doc("Custom Field", field.name)
        doc.update(changed)
        doc.save(ignore_permissions=True)

    def _remove_custom_fields(self, meta: Meta) -> None:
        """Fields of the site that are no longer in the form; those that apps made stay."""
        kept = {row.fieldname for row in self.fields}
        for field in meta.get_custom_fields():
            if field.fieldname not in kept and not cint(field.is_system_generated):
                frappe.delete_doc("Custom Field", field.name, ignore_permissions=True, force=True)

    def _save_order(self) -> None:
        setter = f"{self.doc_type}-main-field_order"
        if frappe.db.exists("Property Setter", setter):
            frappe.delete_doc("Property Setter", setter, ignore_permissions=True, force=True)
        natural = [field.fieldname for field in frappe.get_meta(self.doc_type, cached=False).fields]
        wanted = [row.fieldname for row in self.fields if row.fieldname in natural]
        if wanted != [name for name in natural if name in set(wanted)]:
            make_property_setter(
                self.doc_type,
                None,
                "field_order",
                json.dumps(wanted),
                "Data",
                for_doctype=True,
                is_system_generated=False,
            )

    def _save_label(self) -> None:
        """The DocType's name in the user's language, as the site calls it."""
        known = _translated_name(self.doc_type)
        if cstr(self.label) == cstr(known.get("translated_text")):
            return
        if not self.label:
            frappe.delete_doc("Translation", known["name"], ignore_permissions=True)
            return
        doc = frappe.get_doc("Translation", known["name"]) if known else frappe.new_doc("Translation")
        doc.update(
            {
                "source_text": self.doc_type,
                "translated_text": self.label,
                "language": frappe.local.lang or "en",
            }
        )
        doc.save(ignore_permissions=True)


def reset_customization(doctype: str) -> None:
    """Takes back what the site has changed of a DocType; what apps have changed stays, and options and series."""
    setters = {"doc_type": doctype, "is_system_generated": 0, "property": ("!=", "options")}
    for name in frappe.get_all("Property Setter", filters=setters, pluck="name"):
        frappe.delete_doc("Property Setter", name, ignore_permissions=True, force=True)
    for name in frappe.get_all(
        "Custom Field", filters={"dt": doctype, "is_system_generated": 0}, pluck="name"
    ):
        frappe.delete_doc("Custom Field", name, ignore_permissions=True, force=True)
    frappe.clear_cache(doctype=doctype)


def _form_row(field: Any) -> dict[str, Any]:
    row = {name: field.get(name) for name in properties.FIELD_PROPERTIES}
    return {**row, "fieldname": field.fieldname, "name": field.name, "is_custom_field": cint(field.get("is_custom_field")),
            "is_system_generated": cint(field.get("is_system_generated"))}  # fmt: skip


def _own_name(row: Any) -> str:
    """A name that stands for a field which has none yet."""
    return f"custom_field_{row.idx}"


def _differs(one: Any, other: Any) -> bool:
    """Whether two values of a property are different: nothing, zero and an empty text are the same."""
    return cstr(one or "") != cstr(other or "") and not (cstr(one) in {"0", ""} and cstr(other) in {"0", ""})


def _translated_name(doctype: str) -> dict[str, str]:
    found = frappe.db.get_value(
        "Translation",
        {"source_text": doctype, "language": frappe.local.lang or "en"},
        ["name", "translated_text"],
        as_dict=True,
    )
    return found or {}
