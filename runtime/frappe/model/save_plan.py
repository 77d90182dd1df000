"""What storing a document asks of its metadata, worked out once per DocType instead of once per save."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from frappe.database.dialect import COLUMN_TYPES, NUMBERS
from frappe.utils import cint, cstr

if TYPE_CHECKING:
    from frappe.model.meta import DocField

#: Values of these are kept as they were written: code, files, secrets.
_NEVER_SANITIZED = frozenset(
    {"Code", "JSON", "Password", "HTML Editor", "Attach", "Attach Image", "Signature", "Barcode"}
)
_ENDLESS = 2**31
_WHOLE = frozenset({"Check", "Int", "Long Int"})
_BROKEN = frozenset({"Float", "Percent", "Currency", "Rating"})
_MOMENTS = frozenset({"Date", "Datetime", "Time"})


def _named(fields: list[DocField]) -> list[tuple[str, DocField]]:
    return [(field.fieldname, field) for field in fields]


def _taken_as_it_is(field: DocField) -> type | None:
    if field.fieldtype in _WHOLE:
        return int
    if field.fieldtype in _BROKEN - {"Rating"}:
        return float
    asked = field.fieldtype in _MOMENTS | {"Rating", "Duration"} or cint(field.unique)
    return None if asked else str


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
    def stored_tables(self) -> list[DocField]:
        """Fields with rows that are stored."""
        return [
            field
            for field in self.fields
            if field.fieldname in self.table_names and not cint(field.is_virtual)
        ]

    @cached_property
    def _plain_names(self) -> dict[type, frozenset[str]]:
        return {}

    def plain_names(self, controller: type) -> frozenset[str]:
        """Fields whose value of a class's documents is just kept: neither rows, nor computed, nor a method's name."""
        found = self._plain_names.get(controller)
        if found is None:
            taken = {*dir(controller), "meta", "flags", "_table_fields"} | self.table_names
            names = {field.fieldname for field in self.fields if field.fieldname} - taken
            found = self._plain_names[controller] = frozenset(names)
        return found

    @cached_property
    def column_plan(self) -> list[tuple[str, DocField | None, type | None]]:
        """Each column with its field, and the type whose values it takes as they are (None: ask `column_value`)."""
        found = []
        for name in self.get_valid_columns():  # type: ignore[attr-defined]
            field = self.get_field(name)  # type: ignore[attr-defined]
            found.append((name, field, _taken_as_it_is(field) if field is not None else None))
        return found

    @cached_property
    def _inserts(self) -> dict[tuple[str, ...], str]:
        return {}

    def insert_statement(self, columns: tuple[str, ...]) -> str:
        """The statement that inserts a row of these columns."""
        known = self._inserts
        statement = known.get(columns)
        if statement is None:
            names, marks = ", ".join(f"`{name}`" for name in columns), ", ".join(["%s"] * len(columns))
            statement = f"insert into `tab{self.name}` ({names}) values ({marks})"  # type: ignore[attr-defined]
            if len(known) < 100:
                known[columns] = statement
        return statement

    @cached_property
    def mandatory(self) -> list[tuple[str, DocField]]:
        """Fields that must have a value."""
        return _named(self._those(lambda field: cint(field.reqd)))

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
    def texts(self) -> list[tuple[str, int, bool, DocField]]:
        """Fields that may hold text: name, how many characters they take, whether markup is made harmless in them."""
        found = []
        for field in self._those(lambda field: field.fieldtype not in _WHOLE | _BROKEN):
            base, length = COLUMN_TYPES.get(field.fieldtype, ("", ""))
            limit = cint(field.length) or cint(length) if base == "varchar" else _ENDLESS
            clean = (
                field.fieldtype not in _NEVER_SANITIZED
                and not cint(field.ignore_xss_filter)
                # "Name <address>" is no markup; what is not an address is refused anyway.
                and not (field.fieldtype == "Data" and field.options == "Email")
            )
            if clean or limit < _ENDLESS:
                found.append((field.fieldname, limit, clean, field))
        return found

    @cached_property
    def whole_numbers(self) -> list[tuple[str, DocField]]:
        """Fields that hold whole numbers."""
        return _named(self._those(lambda field: field.fieldtype in _WHOLE))

    @cached_property
    def broken_numbers(self) -> list[tuple[str, DocField]]:
        """Fields that hold numbers with decimals."""
        return _named(self._those(lambda field: field.fieldtype in _BROKEN))

    @cached_property
    def passwords(self) -> list[DocField]:
        """Fields whose values are kept apart."""
        return self._those(lambda field: field.fieldtype == "Password")

    @cached_property
    def choices(self) -> list[tuple[str, DocField, frozenset[str]]]:
        """Fields with a list of options that has something in it."""
        found = []
        for field in self.fields:
            options = cstr(field.options)
            if field.fieldtype != "Select" or field.fieldname == "naming_series":
                continue
            if options not in {"[Select]", "Loading..."} and options.strip("\n"):
                found.append((field.fieldname, field, frozenset(options.split("\n"))))
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
    def all_links(self) -> list[DocField]:
        """Links to a fixed DocType, then those to a DocType named in another field."""
        return [*self.get_link_fields(), *self.dynamic_links]  # type: ignore[attr-defined]

    @cached_property
    def fetching(self) -> list[DocField]:
        """Fields that take their value from behind a link."""
        return self._those(lambda field: field.fetch_from and "." in field.fetch_from)

    @cached_property
    def default_plan(self) -> DefaultPlan:
        """The defaults of a new document: those that are the same for everybody at any time, and the others."""
        from frappe.model.create_new import static_default

        asked = [field for field in self.with_default if _depends(field)]
        always = {
            field.fieldname: static_default(field) for field in self.with_default if not _depends(field)
        }
        return DefaultPlan({name: value for name, value in always.items() if value is not None}, asked)

    @cached_property
    def with_default(self) -> list[DocField]:
        """Fields that a new document may find filled."""
        return self._those(
            lambda field: (
                field.fieldname not in self.table_names
                and (
                    field.default not in (None, "")
                    or field.fieldtype in {"Link", "Time"}
                    or first_choice(field)
                )
            )
        )


class DefaultPlan(NamedTuple):
    """Values by field, and fields whose default depends on the user or the moment."""

    always: dict[str, Any]
    asked: list[DocField]


def _depends(field: DocField) -> bool:
    if field.default in (None, ""):
        return not first_choice(field)
    word = cstr(field.default).lower()
    return (
        field.fieldtype in {"Date", "Datetime", "Time"} or word in {"__user", "user"} or word.startswith(":")
    )


def first_choice(field: Any) -> str | None:
    """The choice that a new document begins with: the first one, unless it is empty."""
    if field.fieldtype != "Select" or field.fieldname == "naming_series":
        return None
    first = cstr(field.options).split("\n", 1)[0].strip()
    return first if first and first not in {"[Select]", "Loading..."} else None
