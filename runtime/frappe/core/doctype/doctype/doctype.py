"""DocTypes: checked when they are designed; the table follows at once."""

from __future__ import annotations

import re

import frappe
from frappe.core.doctype.doctype import checks
from frappe.database.dialect import COLUMN_TYPES
from frappe.model import default_fields, optional_fields, table_fields
from frappe.model.document import Document
from frappe.utils import cint, cstr, flt

_RESERVED = {*default_fields, *optional_fields, "flags", "meta", "_meta", "parent_doc"}
_NAME = re.compile(r"^(?![\W])[^\d_\s][\w -]+$", re.UNICODE)
_FIELDNAME = re.compile(r"^[a-z_][a-z0-9_]*$")
#: What every database takes as the name of a column.
_LONGEST = 64


class DocType(Document):
    """The definition of a kind of records."""

    def validate(self) -> None:
        """Names, types, links, permissions.

        :raises frappe.ValidationError: naming the field
        """
        if not _NAME.match(cstr(self.name)):
            frappe.throw(frappe._("DocType's name should start with a letter and can only consist of letters, numbers, spaces, underscores and hyphens"), frappe.NameError)  # fmt: skip
        if (
            not cint(self.custom)
            and not frappe.flags.in_install
            and not frappe.local.conf.get("developer_mode")
        ) and self.is_new():
            frappe.throw(
                frappe._("Not in Developer Mode! Set in site_config.json or make 'Custom' DocType."),
                frappe.CannotCreateStandardDoctypeError,
            )
        if cint(self.custom) and cint(self.is_virtual) and not frappe.flags.in_test:
            # Its records are kept by a controller, which an app alone can bring.
            frappe.throw(
                frappe._("Not allowed to create custom Virtual DocType."),
                frappe.CannotCreateStandardDoctypeError,
            )
        self._name_fields()
        self.check_fields()
        self._add_default_permissions()
        if not (frappe.flags.in_install or frappe.flags.in_migrate or frappe.flags.in_import):
            checks.check_settings(self)
            checks.check_rules(self)

    def _name_fields(self) -> None:
        taken = {field.fieldname for field in self.fields if field.fieldname}
        for field in self.fields:
            if field.fieldname:
                field.fieldname = field.fieldname.strip().lower()
                continue
            base = re.sub(r"\W+", "_", frappe.scrub(field.label or field.fieldtype)).strip("_") or "field"
            if not base.isascii() or base[0].isdigit():
                base = frappe.scrub(field.fieldtype)
            name, number = base, 1
            while name in taken or name in _RESERVED:
                number += 1
                name = f"{base}_{number}"
            field.fieldname = name
            taken.add(name)

    def check_fields(self) -> None:
        """Names, types, targets and defaults of the fields.

        :raises frappe.ValidationError: naming the field
        """
        seen: set[str] = set()
        for field in self.fields:
            where = f"{frappe._('Row')} {field.idx} ({field.label or field.fieldname})"
            if not _FIELDNAME.match(field.fieldname) or field.fieldname in _RESERVED - {"parent_doc"}:
                frappe.throw(frappe._("{0}: Fieldname {1} cannot be used").format(where, field.fieldname))
            if len(field.fieldname) > _LONGEST:
                frappe.throw(frappe._("{0}: Fieldname is limited to {1} characters").format(where, _LONGEST))
            self._check_default(field, where)
            if field.fieldname in seen:
                frappe.throw(
                    frappe._("{0}: Fieldname {1} appears multiple times").format(where, field.fieldname)
                )
            seen.add(field.fieldname)
            if field.fieldtype in ("Link", *table_fields):
                self._check_target(field, where)
            if cint(field.unique) and COLUMN_TYPES.get(field.fieldtype, ("",))[0] not in {
                "varchar",
                "int",
                "bigint",
            }:
                frappe.throw(
                    frappe._("{0}: Fieldtype {1} cannot be unique").format(where, field.fieldtype),
                    checks.NonUniqueError,
                )
        if not (frappe.flags.in_install or frappe.flags.in_migrate or frappe.flags.in_import):
            for field in self.fields:
                checks.check_field(field, self.fields)

    def _check_default(self, field: Document, where: str) -> None:
        if field.fieldtype != "Select" or not field.default or not field.options:
            return
        if field.default not in field.options.split("\n"):
            frappe.throw(
                frappe._("{0}: Default {1} is none of the options").format(where, frappe.bold(field.default))
            )

    def _check_target(self, field: Document, where: str) -> None:
        if not field.options:
            frappe.throw(frappe._("{0}: Options required for {1} field").format(where, field.fieldtype))
        if field.options == self.name:
            return
        found = frappe.db.get_value("DocType", field.options, ["name", "istable"])
        if not found:
            frappe.throw(frappe._("{0}: Options must be a valid DocType: {1}").format(where, field.options))
        if field.fieldtype in table_fields and not cint(found[1]):
            frappe.throw(frappe._("{0}: {1} is no child table").format(where, field.options))

    def _add_default_permissions(self) -> None:
        if not self.permissions and not cint(self.istable) and cint(self.custom):
            rights = dict.fromkeys(
                ("read", "write", "create", "delete", "report", "export", "print", "email", "share"), 1
            )
            self.append("permissions", {"role": "System Manager", **rights})

    def on_update(self) -> None:
        """The table follows the definition; every process reads it anew."""
        from frappe.database.schema import sync_table
        from frappe.model.base_document import clear_controllers
        from frappe.model.meta import clear_meta_cache

        clear_meta_cache(self.name)
        clear_controllers()
        sync_table(frappe.get_meta(self.name, cached=False))

    def before_rename(self, old: str, new: str, merge: bool = False) -> None:
        """Only standard DocTypes under development and those of the site change their names.

        :raises frappe.ValidationError: for a merge, which would mix two kinds of records
        """
        if merge:
            frappe.throw(frappe._("DocType can not be merged"))

    def after_rename(self, old: str, new: str, merge: bool = False) -> None:
        """Rows and what refers to them follow."""
        if cint(self.issingle):
            frappe.db.sql("update `tabSingles` set `doctype` = %s where `doctype` = %s", (new, old))
        elif not cint(self.is_virtual):
            frappe.db.rename_table(old, new)
        for table, column in (
            ("Custom Field", "dt"),
            ("Property Setter", "doc_type"),
            ("Custom DocPerm", "parent"),
        ):
            frappe.db.sql(f"update `tab{table}` set `{column}` = %s where `{column}` = %s", (new, old))
        for table in ("DocField", "Custom Field"):
            frappe.db.sql(
                f"update `tab{table}` set `options` = %s where `options` = %s"
                " and `fieldtype` in ('Link', 'Table', 'Table MultiSelect')",
                (new, old),
            )
        if cint(self.istable):
            return
        for field in self.fields:
            if field.fieldtype in table_fields:
                frappe.db.sql(
                    f"update `tab{field.options}` set `parenttype` = %s where `parenttype` = %s", (new, old)
                )
        self.on_update()

    def on_trash(self) -> None:
        """Customisations go with a DocType; its table stays, so that nothing is lost by mistake."""
        for table, field in (
            ("Custom Field", "dt"),
            ("Property Setter", "doc_type"),
            ("Custom DocPerm", "parent"),
        ):
            frappe.db.sql(f"delete from `tab{table}` where `{field}` = %s", (self.name,))
        frappe.clear_cache(doctype=self.name)

    def after_delete(self) -> None:
        """Nobody knows the DocType any longer."""
        frappe.clear_cache(doctype=self.name)


@frappe.whitelist()
def get_row_size_utilization(doctype: str) -> float:
    """How much of the room of a row the columns of a DocType take, in per cent.

    :raises frappe.PermissionError: for who may not read DocTypes
    """
    frappe.has_permission("DocType", throw=True)
    return flt(frappe.db.get_row_size(doctype) / frappe.db.MAX_ROW_SIZE_LIMIT * 100, 2)
