"""The values of one record: as columns hold them, as people read them, and whether they are allowed."""

from __future__ import annotations

import json
from typing import Any

import frappe
from frappe.database.dialect import NULLABLE, NUMBERS
from frappe.model import display_fieldtypes, table_fields
from frappe.utils import (
    cint,
    cstr,
    flt,
    get_datetime,
    getdate,
    sanitize_html,
    strip_html,
    to_timedelta,
    validate_email_address,
    validate_name,
    validate_phone_number,
    validate_phone_number_with_country_code,
    validate_python_code,
    validate_url,
)
from frappe.utils._numbers import cut


class FieldChecks:
    """Checks and conversions of a record's own fields."""

    def _get_missing_mandatory_fields(self) -> list[tuple[str, str]]:
        missing = []
        for name, field in self.meta.mandatory:
            value = self.__dict__.get(name)
            if type(value) is str and value.isalnum():
                continue
            value = self.get(name)
            if field.fieldtype in table_fields:
                if not value:
                    missing.append(
                        (
                            field.fieldname,
                            f"{frappe._('Error: Data missing in table')}: {frappe._(field.label)}",
                        )
                    )
            elif value is None or (
                isinstance(value, str) and not strip_html(value).strip() and "<img" not in value
            ):
                where = f" {frappe._('Row')} #{self.idx}:" if self.get("parentfield") else ""
                missing.append(
                    (field.fieldname, f"{frappe._('Error: Value missing for')} {frappe._(self.doctype)}:{where} {frappe._(field.label or field.fieldname)}")
                )  # fmt: skip
        return missing

    def _validate_selects(self) -> None:
        if frappe.local.flags.in_import:
            return
        for name, field, options in self.meta.choices:
            value = self.get(name)
            if not value or (type(value) is str and value in options):
                continue
            self.set(name, cstr(value).strip())
            if cstr(value).strip() not in options:
                words = '", "'.join(frappe._(option) for option in field.options.split("\n") if option)
                frappe.throw(
                    frappe._('{0} {1} cannot be "{2}". It should be one of "{3}"').format(
                        self._row_prefix(), frappe._(field.label or field.fieldname), frappe._(value), words
                    )
                )

    def _row_prefix(self) -> str:
        return f"{frappe._('Row')} #{self.idx}:" if self.get("parentfield") else ""

    def _validate_texts(self) -> None:
        """No text is longer than its column; markup in it is made harmless."""
        values, cleaning = self.__dict__, not frappe.local.flags.in_install
        for name, limit, clean, field in self.meta.texts:
            value = values.get(name)
            if not isinstance(value, str):
                continue
            if len(value) > limit:
                self._throw_too_long(field, value[:60] + "…", limit)
            if clean and cleaning and "<" in value:
                self.set(name, sanitize_html(value, always_sanitize=field.fieldtype == "Text Editor"))

    def _throw_too_long(self, field: Any, value: Any, limit: int) -> None:
        frappe.throw(
            frappe._("{0}: '{1}' ({3}) will get truncated, as max characters allowed is {2}").format(
                self._row_prefix() or frappe._(self.doctype), frappe._(field.label), limit, value
            ),
            frappe.CharacterLengthExceededError,
            title=frappe._("Value too big"),
        )

    def _validate_non_negative(self) -> None:
        for field in self.meta.never_negative:
            if flt(self.get(field.fieldname)) < 0:
                frappe.throw(
                    frappe._("{0} Value cannot be negative for {1}").format(
                        self._row_prefix(), frappe.bold(frappe._(field.label))
                    ),
                    frappe.NonNegativeError,
                    title=frappe._("Negative Value"),
                )

    def _validate_data_fields(self) -> None:
        for field in self.meta.of_a_form:
            value = self.__dict__.get(field.fieldname)
            if field.fieldtype == "Data" and value:
                _FORMS[field.options](value, throw=True)
            elif field.fieldtype == "Phone" and value:
                validate_phone_number_with_country_code(value, field.fieldname)
            elif field.fieldtype == "Code" and value:
                validate_python_code(
                    value, fieldname=field.label, is_expression=field.options == "PythonExpression"
                )
            elif field.fieldtype == "JSON" and isinstance(value, str) and value.strip():
                try:
                    json.loads(value)
                except ValueError:
                    frappe.throw(
                        frappe._("{0} is not valid JSON").format(frappe._(field.label or field.fieldname))
                    )

    def _fix_numeric_types(self) -> None:
        values = self.__dict__
        for name, field in self.meta.whole_numbers:
            value = values.get(name)
            if type(value) is int and -_LARGEST <= value <= _LARGEST:
                continue
            if value is not None:
                number = cint(value)
                if (
                    not -_LARGEST <= number <= _LARGEST
                    and field.fieldtype == "Int"
                    and cint(field.length) <= 11
                ):
                    self._throw_too_long(field, number, 11)
                self.set(name, number)
            elif field.fieldtype == "Check":
                self.set(name, cint(field.default) if self.is_new() else 0)
        for name, field in self.meta.broken_numbers:
            value = values.get(name)
            if field.fieldtype == "Rating":
                self.set(name, min(max(flt(value), 0), 1))
            elif value is not None and type(value) is not float:
                self.set(name, flt(value))

    def set_fetch_from_value(self, fields: list) -> None:
        """Takes values from linked documents, one question per link."""
        by_link: dict[str, list] = {}
        for field in fields:
            link, _, source = field.fetch_from.partition(".")
            if cint(field.fetch_if_empty) and self.get(field.fieldname):
                continue
            by_link.setdefault(link, []).append((field, source))
        for link, wanted in by_link.items():
            link_field, name = self.meta.get_field(link), self.get(link)
            if link_field is None or not name:
                continue
            target = link_field.options if link_field.fieldtype == "Link" else self.get(link_field.options)
            values = frappe.db.get_value(target, name, [source for _, source in wanted], as_dict=True) or {}
            for field, source in wanted:
                self.set(field.fieldname, values.get(source))

    def get_invalid_links(self, is_submittable: bool = False) -> tuple[list, list]:
        """Links to documents that do not exist, and links to cancelled ones."""
        missing, cancelled = [], []
        for field in self.meta.all_links:
            name = self.get(field.fieldname)
            if not name or cint(field.is_virtual):
                continue
            target = field.options if field.fieldtype == "Link" else self.get(field.options)
            if not target:
                frappe.throw(
                    frappe._("{0} must be set first").format(frappe._(self.meta.get_label(field.options)))
                )
            meta = frappe.get_meta(target)
            if cint(meta.issingle) or cint(meta.get("is_virtual")):
                continue
            found = frappe.db.get_value(target, name, ["name", "docstatus"], cache=True)
            label = f"{self._row_prefix()} {frappe._(field.label or field.fieldname)}: {name}".strip()
            if not found:
                missing.append((field.fieldname, name, label))
                continue
            if found[0] != name:
                self.set(field.fieldname, found[0])
            if (
                cint(found[1]) == 2
                and is_submittable
                and field.fieldname != "amended_from"
                and cint(meta.is_submittable)
            ):
                cancelled.append((field.fieldname, name, label))
        return missing, cancelled

    def get_formatted(
        self,
        fieldname: str,
        doc: Any = None,
        currency: Any = None,
        absolute_value: bool = False,
        translated: bool = False,
        format: Any = None,
    ) -> str:
        """A value as people read it."""
        from frappe.model.meta import get_default_df
        from frappe.utils.formatters import format_value

        field = self.meta.get_field(fieldname) or get_default_df(fieldname)
        value = self.get(fieldname)
        if translated:
            value = frappe._(value)
        if absolute_value and isinstance(value, int | float):
            value = abs(value)
        return format_value(value, field, doc=doc or self, currency=currency, format=format)

    def precision(self, fieldname: str, parentfield: str | None = None) -> int | None:
        """Decimals of a number field."""
        from frappe.model.meta import get_field_precision

        meta = self.meta
        if parentfield and meta.has_field(parentfield):
            meta = frappe.get_meta(meta.get_field(parentfield).options)
        field = meta.get_field(fieldname)
        return get_field_precision(field, self) if field is not None and field.fieldtype in NUMBERS else None

    def in_format_data(self, fieldname: str) -> bool:
        """Whether a print format shows a field."""
        return True

    def reset_values_if_no_permlevel_access(
        self, has_access_to: list[int], high_permlevel_fields: list
    ) -> None:
        """Values on levels that the user may not write go back to what is stored."""
        hidden = [field.fieldname for field in high_permlevel_fields
                  if cint(field.permlevel) not in has_access_to and field.fieldtype not in display_fieldtypes]  # fmt: skip
        if not hidden:
            return
        if self.is_new():
            for name in hidden:
                field = self.meta.get_field(name)
                self.set(name, [] if field.fieldtype in table_fields else field.default)
            return
        stored = [name for name in hidden if self.meta.get_field(name).fieldtype not in table_fields]
        values = frappe.db.get_value(self.doctype, self.name, stored, as_dict=True) if stored else {}
        for name in stored:
            self.set(name, (values or {}).get(name))


def _moment(field: Any, value: Any) -> Any:
    try:
        return _MOMENTS[field.fieldtype](value)
    except (TypeError, ValueError, OverflowError):
        label = frappe._(field.label or field.fieldname)
        text = frappe._("{0}: {1} is not a valid date").format(label, frappe.utils.cstr(value)[:60])
        frappe.throw(frappe.utils.escape_html(text))


def column_value(field: Any, value: Any) -> Any:
    """A value as the column of a field stores it."""
    kind = field.fieldtype
    if kind in _WHOLE:
        return cint(value)
    if kind in _BROKEN:
        return decimal_value(kind, value)
    if value is None:
        return None
    if kind in _MOMENTS:
        return _moment(field, value) if value != "" else None
    if kind == "JSON" and isinstance(value, dict):
        return json.dumps(value, separators=(",", ":"), default=str)
    if isinstance(value, list | dict):
        frappe.throw(frappe._("{0} cannot hold a list").format(frappe._(field.label or field.fieldname)))
    if value == "" and cint(field.unique):
        return None
    return value


def decimal_value(kind: str, value: Any) -> float | None:
    """A number with as many decimals as its column has: nine; two between 0 and 1 for a rating."""
    if kind in NULLABLE and value in (None, ""):
        return None
    number = flt(value)
    if kind == "Rating":
        return cut(min(max(number, 0.0), 1.0), 2)
    return cut(number)


#: What a whole number of four bytes holds.
_LARGEST = 2**31 - 1
_WHOLE = frozenset({"Check", "Int", "Long Int"})
_BROKEN = frozenset({"Float", "Currency", "Percent", "Rating", "Duration"})
_MOMENTS = {"Date": getdate, "Datetime": get_datetime, "Time": to_timedelta}
_FORMS = {
    "Email": validate_email_address,
    "Phone": validate_phone_number,
    "URL": validate_url,
    "Name": validate_name,
}
