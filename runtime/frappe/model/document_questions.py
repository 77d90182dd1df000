"""What code asks a document about its rights, its fields and what is stored of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import frappe
from frappe.utils import cast as cast_value
from frappe.utils import cint, flt

if TYPE_CHECKING:
    from frappe.model.base_document import BaseDocument

#: Kinds of fields whose digits are cut.
_BROKEN = ("Currency", "Float", "Percent")


class DocumentQuestions:
    """Questions about levels, columns and stored values."""

    def get_permissions(self) -> list:
        """The rules that decide about the document; those of its parent for a row."""
        if cint(self.meta.istable):
            return frappe.get_meta(self.parenttype).permissions
        return self.meta.permissions

    def get_permlevel_access(self, permission_type: str = "write") -> list[int]:
        """Levels of fields that the user may read or write."""
        roles = set(frappe.get_roles())
        rules = self.get_permissions()
        allowed = {
            cint(rule.permlevel) for rule in rules if cint(rule.get(permission_type)) and rule.role in roles
        }
        if frappe.session.user == "Administrator":
            allowed |= {cint(rule.permlevel) for rule in rules} | {0}
        return sorted(allowed)

    def has_permlevel_access_to(self, fieldname: str, df: Any = None, permission_type: str = "read") -> bool:
        """Whether the user may read or write a field's level."""
        field = df or self.meta.get_field(fieldname)
        return cint(field.permlevel) in self.get_permlevel_access(permission_type)

    def get_valid_columns(self) -> list[str]:
        """Columns of the document's table."""
        return list(self.meta.get_valid_columns())

    def get_db_value(self, key: str) -> Any:
        """A value as it is stored."""
        return frappe.db.get_value(self.doctype, self.name, key)

    def get_value(self, fieldname: str) -> Any:
        """A value as its field holds it."""
        field = self.meta.get_field(fieldname)
        value = self.get(fieldname)
        return self.cast(value, field) if field else value

    def cast(self, value: Any, df: Any) -> Any:
        """A value in the type of a field."""
        return cast_value(df.fieldtype, value)

    def round_floats_in(self, doc: BaseDocument, fieldnames: list[str] | None = None) -> None:
        """Cuts the digits of numbers of the document, or of one of its rows, as their fields show them."""
        names = fieldnames or [
            field.fieldname for field in doc.meta.get("fields", {"fieldtype": ["in", _BROKEN]})
        ]
        for name in names:
            doc.set(name, flt(doc.get(name), self.precision(name, doc.get("parentfield"))))

    def is_child_table_same(self, fieldname: str) -> bool:
        """Whether the rows of a table are as they were before this save."""
        before = self.get_doc_before_save()
        old = before.get(fieldname) if before else []
        new = self.get(fieldname) or []

        def plain(rows: list) -> list[dict]:
            return [row.as_dict(convert_dates_to_str=True, no_default_fields=True) for row in rows]

        return len(old) == len(new) and plain(old) == plain(new)
