"""What a document and a row of a child table have in common: values, children, checks, writing to the database."""

from __future__ import annotations

import datetime
from functools import cache
from typing import Any

import frappe
from frappe.model import default_fields, display_fieldtypes, table_fields
from frappe.model.docstatus import DocStatus
from frappe.model.document_questions import DocumentQuestions
from frappe.model.field_checks import FieldChecks, column_value
from frappe.model.meta import Meta, get_meta
from frappe.types.frappedict import _dict
from frappe.utils import cint, cstr, now

_controllers: dict[tuple[str, str], type] = {}
_RESERVED = frozenset({"meta", "flags", "_table_fields"})
_ROWS = (list, dict)
#: What describes metadata: an empty value of it is one that the column's own default replaces.
_NEVER_NULL = frozenset({"DocType", "DocField", "DocPerm"})


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


@cache
def _properties(controller: type) -> dict[str, property]:
    """Values that a class computes."""
    return {
        name: attribute
        for owner in reversed(controller.__mro__)
        for name, attribute in vars(owner).items()
        if isinstance(attribute, property)
    }


@cache
def _abilities(controller: type) -> frozenset[str]:
    """Names of a class's methods, private ones included."""
    return frozenset(name for name in dir(controller) if callable(getattr(controller, name, None)))


def clear_controllers() -> None:
    """Classes are found anew after an app was installed or a DocType changed."""
    _controllers.clear()


class _MetaOnce:
    """The DocType's metadata, looked up when a document first asks. (`cached_property` takes a lock for that.)"""

    def __get__(self, doc: Any, owner: type | None = None) -> Meta:
        if doc is None:
            return self  # type: ignore[return-value]
        meta = doc.__dict__["meta"] = get_meta(doc.doctype)
        return meta


@cache
def _plain_set(controller: type) -> bool:
    """Whether setting a value means no more than it says: some controllers have a say in it."""
    return controller.set is BaseDocument.set


class BaseDocument(DocumentQuestions, FieldChecks):
    """A record with its fields as attributes."""

    def __init__(self, d: dict) -> None:
        values = self.__dict__
        if d.get("doctype"):
            values["doctype"] = d["doctype"]
        values["flags"] = _dict()
        for field in self.meta.stored_tables:
            values.setdefault(field.fieldname, [])
        self.update(d)
        values.setdefault("docstatus", 0)

    @property
    def docstatus(self) -> DocStatus:
        """Where the document stands: 0 draft, 1 submitted, 2 cancelled."""
        return DocStatus(cint(self.__dict__.get("docstatus")))

    @docstatus.setter
    def docstatus(self, value: Any) -> None:
        self.__dict__["docstatus"] = value if value is None else cint(value)

    def __getattr__(self, key: str) -> Any:
        if key.startswith("__") or key == "doctype":
            raise AttributeError(key)
        field = self.meta.get_field(key)
        if field is not None or key in self.meta.get_valid_columns() or key in default_fields:
            return [] if field is not None and field.fieldtype in table_fields else None
        raise AttributeError(f"{self.doctype!r} has no field or attribute {key!r}")

    def __getstate__(self) -> dict:
        return {key: value for key, value in self.__dict__.items() if key not in {"meta", "_doc_before_save"}}

    def __setstate__(self, state: dict) -> None:
        self.__dict__.update(state)

    meta = _MetaOnce()

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
        if value is None and key in _properties(type(self)) and key not in _RESERVED:
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
        if key in _RESERVED or (key in _abilities(type(self)) and not self.meta.has_field(key)):
            # Values come from callers, too: they say nothing about how a document behaves.
            return
        if not as_value and key in self.meta.table_names:
            self.__dict__[key] = []
            self.extend(key, value or [])
            return
        computed = _properties(type(self)).get(key)
        if computed is not None:
            if computed.fset:
                setattr(self, key, value)
            return
        self.__dict__[key] = value

    def update(self, d: Any) -> BaseDocument:
        """Sets several values, the name first."""
        own = self.__dict__
        if "name" in d:
            own["name"] = d.get("name")
        plain = self.meta.plain_names(type(self)) if _plain_set(type(self)) else ()
        for key, value in list(d.items()):
            if key in plain:
                own[key] = value
            elif key != "doctype":
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
            raise frappe.BadDocumentError(f"{key} takes a list of rows")
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
        elif not isinstance(value, dict):
            raise frappe.BadDocumentError(f"{key} takes a list of rows")
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
        tables = self.meta.stored_tables
        if not tables:
            return []
        return [
            row
            for field in tables
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
        values, own = _dict(), self.__dict__
        for name, field, kind in self.meta.column_plan:
            value = own.get(name)
            if field is None:
                if isinstance(value, _ROWS):
                    frappe.throw(frappe._("{0} cannot hold a list").format(name), frappe.DataError)
            elif type(value) is not kind or (kind is float and round(value, 9) != value):
                value = column_value(field, value)
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
        values = self.get_valid_dict(ignore_nulls=self.doctype in _NEVER_NULL)
        try:
            frappe.local.db.sql(self.meta.insert_statement(tuple(values)), list(values.values()))
        except frappe.UniqueValidationError as error:
            self._explain_duplicate(error, ignore_if_duplicate)
            return
        self.__dict__.pop("__islocal", None)
        self.__dict__["__unsaved"] = None

    def _explain_duplicate(self, error: Exception, ignore: bool, inserting: bool = True) -> None:
        columns = frappe.db.duplicate_columns(error, self.doctype)
        taken = inserting and frappe.db.sql(
            f"select 1 from `tab{self.doctype}` where `name` = %s", (self.name,)
        )
        if taken or columns == ["name"]:
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
        labels = ", ".join(frappe._(self.meta.get_label(name)) for name in columns)
        values = ", ".join(cstr(self.get(name)) for name in columns)
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
            self._explain_duplicate(error, False, inserting=False)

    def db_update_all(self) -> None:
        """Writes the document and its rows."""
        self.db_update()
        for row in self.get_all_children():
            row.db_update()

    def show_unique_validation_message(self, error: Exception) -> None:
        """Says which value exists already."""
        self._explain_duplicate(error, False, inserting=False)


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
