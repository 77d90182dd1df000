"""What storing a document asks of its metadata, worked out once per DocType instead of once per save."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from frappe.database.dialect import COLUMN_TYPES, NUMBERS
from frappe.utils import cint, cstr

if TYPE_CHECKING:
    from frappe.model.meta import DocField

#: Values of these are kept as they were written: code, files, secrets.
_NEVER_SANITIZED = frozenset(
    {"Code", "JSON", "Password", "HTML Editor", "Attach", "Attach Image", "Signature", "Barcode"}
)
_WHOLE = frozenset({"Check", "Int", "Long Int"})
_BROKEN = frozenset({"Float", "Percent", "Currency"})


class SavePlan:
    """Fields by the question that a save asks about them."""

    fields: list[DocField]

    def _those(self, wanted: Callable[[DocField], Any]) -> list[DocField]:
        return [field for field in self.fields if field.fieldname and wanted(field)]

    @cached_property
    def table_names(self) -> frozenset[str]:
        """Fields that hold rows, computed ones included."""
        return frozenset(
            field.fieldname for field in self.fields if field.fieldtype in ("Table", "Table MultiSelect")
        )

    @cached_property
    def mandatory(self) -> list[DocField]:
        """Fields that must have a value."""
        return self._those(lambda field: cint(field.reqd))

    @cached_property
    def limited(self) -> list[tuple[DocField, int]]:
        """Short text fields with the number of characters that they take."""
        found = []
        for field in self.fields:
            base, length = COLUMN_TYPES.get(field.fieldtype, ("", ""))
            if base == "varchar":
                found.append((field, cint(field.length) or cint(length)))
        return found

    @cached_property
    def never_negative(self) -> list[DocField]:
        """Numbers that have no sign."""
        return self._those(lambda field: cint(field.non_negative) and field.fieldtype in NUMBERS)

    @cached_property
    def of_a_form(self) -> list[DocField]:
        """Texts that must be an address, a name, a telephone number, JSON or code."""
        return self._those(
            lambda field: (
                field.fieldtype in {"JSON", "Phone"}
                or (field.fieldtype == "Data" and field.options in {"Email", "Phone", "URL", "Name"})
                or (field.fieldtype == "Code" and field.options in {"Python", "PythonExpression"})
            )
        )

    @cached_property
    def sanitized(self) -> list[DocField]:
        """Fields in which markup is made harmless."""
        return self._those(
            lambda field: (
                field.fieldtype not in _NEVER_SANITIZED
                and not cint(field.ignore_xss_filter)
                # "Name <address>" is no markup; what is not an address is refused anyway.
                and not (field.fieldtype == "Data" and field.options == "Email")
            )
        )

    @cached_property
    def whole_numbers(self) -> list[DocField]:
        """Fields that hold whole numbers."""
        return self._those(lambda field: field.fieldtype in _WHOLE)

    @cached_property
    def broken_numbers(self) -> list[DocField]:
        """Fields that hold numbers with decimals."""
        return self._those(lambda field: field.fieldtype in _BROKEN)

    @cached_property
    def passwords(self) -> list[DocField]:
        """Fields whose values are kept apart."""
        return self._those(lambda field: field.fieldtype == "Password")

    @cached_property
    def choices(self) -> list[tuple[DocField, frozenset[str]]]:
        """Fields with a list of options that has something in it."""
        found = []
        for field in self.fields:
            options = cstr(field.options)
            if field.fieldtype != "Select" or field.fieldname == "naming_series":
                continue
            if options not in {"[Select]", "Loading..."} and options.strip("\n"):
                found.append((field, frozenset(options.split("\n"))))
        return found

    @cached_property
    def set_once(self) -> list[DocField]:
        """Fields that do not change once they are set."""
        return self._those(lambda field: cint(field.set_only_once))

    @cached_property
    def dynamic_links(self) -> list[DocField]:
        """Links to a DocType named in another field."""
        return self._those(lambda field: field.fieldtype == "Dynamic Link")

    @cached_property
    def fetching(self) -> list[DocField]:
        """Fields that take their value from behind a link."""
        return self._those(lambda field: field.fetch_from and "." in field.fetch_from)

    @cached_property
    def with_default(self) -> list[DocField]:
        """Fields that a new document may find filled."""
        return self._those(
            lambda field: (
                field.fieldname not in self.table_names
                and (field.default not in (None, "") or field.fieldtype in {"Link", "Time"})
            )
        )
