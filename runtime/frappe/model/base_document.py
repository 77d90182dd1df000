"""What a document and a row of a child table have in common: values, children, checks, writing to the database."""

from __future__ import annotations

import datetime
import json
from typing import Any

import frappe
from frappe.database.dialect import COLUMN_TYPES, NUMBERS
from frappe.model import default_fields, display_fieldtypes, table_fields
from frappe.model.meta import Meta, get_meta
from frappe.types.frappedict import _dict
from frappe.utils import cint, cstr, flt, get_datetime, getdate, now, strip_html, to_timedelta

_controllers: dict[tuple[str, str], type] = {}
_RESERVED = frozenset({"_meta", "flags", "_table_fields"})


def get_controller(doctype: str) -> type:
    """The class of a DocType's documents: an app's override, the module's class, else `Document`."""
    key = (frappe.local.site or "", doctype)
    if key not in _controllers:
        _controllers[key] = import_controller(doctype)
    return _controllers[key]


def import_controller(doctype: str) -> type:
    """Finds the class of a DocType's documents."""
    from frappe.model.document import Document

    override = (frappe.get_hooks("override_doctype_class") or {}).get(doctype)
    if override:
        return frappe.get_attr(override[-1])
    rows = frappe.db.sql(
        "select `module`, `custom`, `is_tree` from `tabDocType` where `name` = %s", (doctype,)
    )
    if rows and cint(rows[0][1]) and cint(rows[0][2]):
        from frappe.utils.nestedset import NestedSet

        return NestedSet
    if not rows or cint(rows[0][1]):
        return Document
    from frappe.modules import load_doctype_module

    try:
        module = load_doctype_module(doctype, rows[0][0])
    except ImportError:
        return Document
    wanted = doctype.replace(" ", "").replace("-", "")
    found = getattr(module, wanted, None)
    return found if isinstance(found, type) and issubclass(found, BaseDocument) else Document


def clear_controllers() -> None:
    """Classes are found anew after an app was installed or a DocType changed."""
    _controllers.clear()


class BaseDocument:
    """A record with its fields as attributes."""

    def __init__(self, d: dict) -> None:
        values = self.__dict__
        if d.get("doctype"):
            values["doctype"] = d["doctype"]
        values["flags"] = _dict()
        for field in self.meta.get_table_fields():
            values.setdefault(field.fieldname, [])
        self.update(d)
        values.setdefault("docstatus", 0)

    def __getattr__(self, key: str) -> Any:
        if key.startswith("__") or key == "doctype":
            raise AttributeError(key)
        field = self.meta.get_field(key)
        if field is not None or key in self.meta.get_valid_columns() or key in default_fields:
            return [] if field is not None and field.fieldtype in table_fields else None
        raise AttributeError(f"{self.doctype!r} has no field or attribute {key!r}")

    def __getstate__(self) -> dict:
        return {
            key: value for key, value in self.__dict__.items() if key not in {"_meta", "_doc_before_save"}
        }

    def __setstate__(self, state: dict) -> None:
        self.__dict__.update(state)

    @property
    def meta(self) -> Meta:
        """The DocType's metadata."""
        found = self.__dict__.get("_meta")
        if found is None:
            found = self.__dict__["_meta"] = get_meta(self.doctype)
        return found

    # -- values

    def get(self, key: Any, filters: Any = None, limit: int | None = None, default: Any = None) -> Any:
        """A value; for a child table, rows that fit `filters`. A second value that is no filter is the default."""
        if isinstance(key, dict):
            return _filter(self.get_all_children(), key, limit)
        if filters is not None:
            if isinstance(filters, dict):
                return _filter(self.__dict__.get(key) or [], filters, limit)
            default = filters
        value = self.__dict__.get(key)
        if value is None:
            attribute = getattr(type(self), key, None) if isinstance(key, str) else None
            if isinstance(attribute, property) and key not in _RESERVED:
                value = getattr(self, key)
        if value is None:
            return default
        return value[:limit] if limit and isinstance(value, list) else value

    def getone(self, key: str, filters: Any = None) -> Any:
        """The first row that fits."""
        rows = self.get(key, filters=filters, limit=1)
        return rows[0] if rows else None

    def set(self, key: str, value: Any, as_value: bool = False) -> None:
        """Sets a value; rows of a child table become documents."""
        if key in _RESERVED:
            if key == "flags":
                self.flags.update(value or {})
            return
        field = self.meta.get_field(key)
        if not as_value and field is not None and field.fieldtype in table_fields:
            self.__dict__[key] = []
            self.extend(key, value or [])
            return
        attribute = getattr(type(self), key, None)
        if isinstance(attribute, property):
            if attribute.fset:
                setattr(self, key, value)
            return
        self.__dict__[key] = value

    def update(self, d: Any) -> BaseDocument:
        """Sets several values, the name first."""
        if "name" in d:
            self.__dict__["name"] = d.get("name")
        for key, value in list(d.items()):
            if key != "doctype":
                self.set(key, value)
        return self

    def update_if_missing(self, d: Any) -> None:
        """Sets values that are still missing."""
        for key, value in d.items() if isinstance(d, dict) else d.__dict__.items():
            if value is not None and self.get(key) is None and key not in _RESERVED:
                self.set(key, value)

    def append(self, key: str, value: Any = None, position: int = -1) -> BaseDocument:
        """Adds a row to a child table."""
        row = self._init_child(value or {}, key)
        rows = self.__dict__.setdefault(key, [])
        if position < 0 or position >= len(rows):
            rows.append(row)
        else:
            rows.insert(position, row)
            for index, entry in enumerate(rows):
                entry.idx = index + 1
        return row

    def extend(self, key: str, value: Any) -> None:
        """Adds rows to a child table.

        :raises ValueError: when something else than rows is given
        """
        if not isinstance(value, list | tuple):
            raise ValueError(f"{key} takes a list of rows")
        for row in value:
            self.append(key, row)

    def remove(self, doc: BaseDocument) -> None:
        """Takes a row out of its child table."""
        if doc.get("parentfield"):
            self.get(doc.parentfield).remove(doc)
            for index, row in enumerate(self.get(doc.parentfield)):
                row.idx = index + 1

    def _init_child(self, value: Any, key: str) -> BaseDocument:
        field = self.meta.get_field(key)
        if field is None or not field.options:
            raise AttributeError(f"{key} is no child table of {self.doctype}")
        if isinstance(value, BaseDocument):
            child = value
        else:
            child = get_controller(field.options)({**value, "doctype": field.options})
        child.__dict__.update(
            {"parent": self.get("name"), "parenttype": self.doctype, "parentfield": key, "parent_doc": self}
        )
        if child.get("docstatus") is None:
            child.docstatus = 0
        if not child.get("idx"):
            child.idx = len(self.__dict__.get(key) or []) + 1
        if not child.get("name"):
            child.__dict__["__islocal"] = 1
        return child

    def get_all_children(self, parenttype: str | None = None) -> list:
        """Rows of all child tables."""
        return [
            row
            for field in self.meta.get_table_fields()
            if not parenttype or field.options == parenttype
            for row in self.__dict__.get(field.fieldname) or []
        ]

    def is_new(self) -> bool:
        """Whether the document is not stored yet."""
        return bool(self.__dict__.get("__islocal"))

    def get_valid_dict(
        self,
        sanitize: bool = True,
        convert_dates_to_str: bool = False,
        ignore_nulls: bool = False,
        ignore_virtual=False,
    ) -> dict:
        """Values by column, in the types of the columns."""
        values = _dict()
        for name in self.meta.get_valid_columns():
            value = self.__dict__.get(name)
            field = self.meta.get_field(name)
            value = column_value(field, value) if field is not None else value
            if convert_dates_to_str and isinstance(value, datetime.date | datetime.time | datetime.timedelta):
                value = str(value)
            if not (ignore_nulls and value is None):
                values[name] = value
        return values

    def as_dict(
        self,
        no_nulls: bool = False,
        no_default_fields: bool = False,
        convert_dates_to_str: bool = False,
        no_child_table_fields: bool = False,
        no_private_properties: bool = False,
    ) -> dict:
        """The document with its rows as dictionaries."""
        values = self.get_valid_dict(convert_dates_to_str=convert_dates_to_str, ignore_nulls=no_nulls)
        values["doctype"] = self.doctype
        for field in self.meta.fields:
            if cint(field.is_virtual) and field.fieldtype not in display_fieldtypes:
                values[field.fieldname] = self.get(field.fieldname)
        for field in self.meta.get_table_fields():
            values[field.fieldname] = [
                row.as_dict(no_nulls, no_default_fields, convert_dates_to_str, no_child_table_fields)
                for row in self.__dict__.get(field.fieldname) or []
            ]
        if no_default_fields:
            for key in default_fields:
                values.pop(key, None)
        if no_child_table_fields and cint(self.meta.istable):
            for key in ("parent", "parentfield", "parenttype"):
                values.pop(key, None)
        if not no_private_properties:
            for key in ("__islocal", "__onload", "__unsaved", "__run_link_triggers"):
                if self.__dict__.get(key) is not None:
                    values[key] = self.__dict__[key]
        return values

    def as_json(self) -> str:
        """The document as JSON text."""
        return frappe.as_json(self.as_dict())

    def get_label_from_fieldname(self, fieldname: str) -> str:
        """The translated label of a field."""
        return frappe._(self.meta.get_label(fieldname))

    # -- database

    def db_insert(self, ignore_if_duplicate: bool = False) -> None:
        """Writes a new row.

        :raises frappe.DuplicateEntryError: when the name exists
        :raises frappe.UniqueValidationError: when a unique value exists
        """
        if not self.get("name"):
            from frappe.model.naming import set_new_name

            set_new_name(self)
        if not self.get("creation"):
            self.creation = self.modified = now()
            self.owner = self.modified_by = frappe.session.user
        values = self.get_valid_dict(ignore_nulls=self.doctype in {"DocType", "DocField", "DocPerm"})
        columns = ", ".join(f"`{name}`" for name in values)
        marks = ", ".join(["%s"] * len(values))
        try:
            frappe.db.sql(
                f"insert into `tab{self.doctype}` ({columns}) values ({marks})",
                list(values.values()),
            )
        except frappe.UniqueValidationError as error:
            self._explain_duplicate(error, ignore_if_duplicate)
            return
        self.__dict__.pop("__islocal", None)
        self.__dict__["__unsaved"] = None

    def _explain_duplicate(self, error: Exception, ignore: bool) -> None:
        text = str(error)
        columns = [part.rsplit(".", 1)[-1] for part in text.split(":", 1)[-1].split(",")]
        taken = frappe.db.sql(f"select 1 from `tab{self.doctype}` where `name` = %s", (self.name,))
        if taken or [name.strip() for name in columns] == ["name"]:
            if ignore:
                return
            if self.meta.autoname == "hash" or cint(self.meta.istable):
                self.flags.retries = cint(self.flags.retries) + 1
                if self.flags.retries < 5:
                    self.name = frappe.generate_hash(length=10)
                    self.db_insert()
                    return
            frappe.msgprint(frappe._("{0} {1} already exists").format(frappe._(self.doctype), frappe.bold(self.name)), title=frappe._("Duplicate Name"), indicator="red")  # fmt: skip
            raise frappe.DuplicateEntryError(self.doctype, self.name, error) from error
        labels = ", ".join(frappe._(self.meta.get_label(name.strip())) for name in columns)
        values = ", ".join(cstr(self.get(name.strip())) for name in columns)
        frappe.msgprint(frappe._("{0} must be unique").format(f"{labels} ({values})"), title=frappe._("Duplicate Entry"), indicator="red")  # fmt: skip
        raise frappe.UniqueValidationError(self.doctype, self.name, error) from error

    def db_update(self) -> None:
        """Writes an existing row."""
        if self.__dict__.get("__islocal") or not self.get("name"):
            self.db_insert()
            return
        values = self.get_valid_dict()
        name = values.pop("name")
        assignments = ", ".join(f"`{column}` = %s" for column in values)
        try:
            frappe.db.sql(
                f"update `tab{self.doctype}` set {assignments} where `name` = %s",
                [*values.values(), name],
            )
        except frappe.UniqueValidationError as error:
            self._explain_duplicate(error, False)

    def db_update_all(self) -> None:
        """Writes the document and its rows."""
        self.db_update()
        for row in self.get_all_children():
            row.db_update()

    def show_unique_validation_message(self, error: Exception) -> None:
        """Says which value exists already."""
        self._explain_duplicate(error, False)

    # -- checks

    def _get_missing_mandatory_fields(self) -> list[tuple[str, str]]:
        missing = []
        for field in self.meta.fields:
            if not cint(field.reqd):
                continue
            value = self.get(field.fieldname)
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
        if frappe.flags.in_import:
            return
        for field in self.meta.get_select_fields():
            value = self.get(field.fieldname)
            if field.fieldname == "naming_series" or not value or not field.options:
                continue
            options = cstr(field.options).split("\n")
            if not any(options):
                continue
            self.set(field.fieldname, cstr(value).strip())
            if cstr(value).strip() not in options and not (frappe.flags.in_test and value == "_T-"):
                words = '", "'.join(frappe._(option) for option in options if option)
                frappe.throw(
                    frappe._('{0} {1} cannot be "{2}". It should be one of "{3}"').format(
                        self._row_prefix(), frappe._(field.label or field.fieldname), frappe._(value), words
                    )
                )

    def _row_prefix(self) -> str:
        return f"{frappe._('Row')} #{self.idx}:" if self.get("parentfield") else ""

    def _validate_length(self) -> None:
        for field in self.meta.fields:
            base, length = COLUMN_TYPES.get(field.fieldtype, ("", ""))
            value = self.__dict__.get(field.fieldname)
            if base != "varchar" or not isinstance(value, str):
                continue
            limit = cint(field.length) or cint(length)
            if len(value) > limit:
                frappe.throw(
                    frappe._("{0}: '{1}' ({3}) will get truncated, as max characters allowed is {2}").format(
                        self._row_prefix() or frappe._(self.doctype),
                        frappe._(field.label),
                        limit,
                        value[:60] + "…",
                    ),
                    frappe.CharacterLengthExceededError,
                    title=frappe._("Value too big"),
                )

    def _validate_non_negative(self) -> None:
        for field in self.meta.fields:
            if cint(field.non_negative) and field.fieldtype in NUMBERS and flt(self.get(field.fieldname)) < 0:
                frappe.throw(
                    frappe._("{0} Value cannot be negative for {1}").format(
                        self._row_prefix(), frappe.bold(frappe._(field.label))
                    ),
                    frappe.NonNegativeError,
                    title=frappe._("Negative Value"),
                )

    def _validate_data_fields(self) -> None:
        from frappe.utils import validate_email_address, validate_phone_number, validate_url

        checks = {"Email": validate_email_address, "Phone": validate_phone_number, "URL": validate_url}
        for field in self.meta.fields:
            value = self.__dict__.get(field.fieldname)
            if field.fieldtype == "Data" and field.options in checks and value:
                checks[field.options](value, throw=True)
            elif field.fieldtype == "JSON" and isinstance(value, str) and value.strip():
                try:
                    json.loads(value)
                except ValueError:
                    frappe.throw(
                        frappe._("{0} is not valid JSON").format(frappe._(field.label or field.fieldname))
                    )

    def _sanitize_content(self) -> None:
        from frappe.utils import sanitize_html

        if frappe.flags.in_install:
            return
        for field in self.meta.fields:
            value = self.__dict__.get(field.fieldname)
            if not isinstance(value, str) or "<" not in value or cint(field.ignore_xss_filter):
                continue
            if field.fieldtype in {
                "Code",
                "JSON",
                "Password",
                "HTML Editor",
                "Attach",
                "Attach Image",
                "Signature",
            }:
                continue
            self.set(field.fieldname, sanitize_html(value, always_sanitize=field.fieldtype == "Text Editor"))

    def _fix_numeric_types(self) -> None:
        for field in self.meta.fields:
            if field.fieldtype in {"Check", "Int", "Long Int"}:
                if self.__dict__.get(field.fieldname) is not None:
                    self.set(field.fieldname, cint(self.get(field.fieldname)))
                elif field.fieldtype == "Check":
                    self.set(field.fieldname, cint(field.default) if self.is_new() else 0)
            elif (
                field.fieldtype in {"Float", "Percent", "Currency"}
                and self.__dict__.get(field.fieldname) is not None
            ):
                self.set(field.fieldname, flt(self.get(field.fieldname)))

    def set_fetch_from_value(self, fields: list) -> None:
        """Takes values from linked documents, one question per link."""
        by_link: dict[str, list] = {}
        for field in fields:
            link, _, source = field.fetch_from.partition(".")
            if cint(field.fetch_if_empty) and self.get(field.fieldname):
                continue
            by_link.setdefault(link, []).append((field, source))
        for link, wanted in by_link.items():
            link_field = self.meta.get_field(link)
            if link_field is None:
                continue
            name = self.get(link)
            target = link_field.options if link_field.fieldtype == "Link" else self.get(link_field.options)
            values = (
                frappe.db.get_value(target, name, [source for _, source in wanted], as_dict=True)
                if name
                else None
            )
            for field, source in wanted:
                self.set(field.fieldname, (values or {}).get(source))

    def get_invalid_links(self, is_submittable: bool = False) -> tuple[list, list]:
        """Links to documents that do not exist, and links to cancelled ones."""
        missing, cancelled = [], []
        for field in [*self.meta.get_link_fields(), *self.meta.get_dynamic_link_fields()]:
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

        field = self.meta.get_field(fieldname)
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


def _filter(rows: list, filters: dict, limit: int | None = None) -> list:
    from frappe.utils.data import compare, make_filter_tuple

    found = []
    for row in rows:
        conditions = [make_filter_tuple(None, key, value) for key, value in filters.items()]
        if all(compare(row.get(entry[1]), entry[2], entry[3]) for entry in conditions):
            found.append(row)
            if limit and len(found) >= limit:
                break
    return found


def column_value(field: Any, value: Any) -> Any:
    """A value as the column of a field stores it."""
    kind = field.fieldtype
    if kind in {"Check", "Int", "Long Int"}:
        return cint(value)
    if kind in {"Float", "Currency", "Percent", "Rating", "Duration"}:
        return flt(value)
    if value is None:
        return None
    if kind == "Date":
        return getdate(value) if value != "" else None
    if kind == "Datetime":
        return get_datetime(value) if value != "" else None
    if kind == "Time":
        return to_timedelta(value) if value != "" else None
    if kind == "JSON" and not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    if isinstance(value, list | dict):
        frappe.throw(frappe._("{0} cannot hold a list").format(frappe._(field.label or field.fieldname)))
    if cint(field.unique) and value == "":
        return None
    return value
