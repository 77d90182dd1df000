"""Metadata of DocTypes: compiled once from the stored definition and the site's customisations, then kept."""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any

import frappe
from frappe.database.dialect import COLUMN_TYPES
from frappe.model.save_plan import SavePlan
from frappe.types.frappedict import _dict
from frappe.utils import cint, cstr, flt
from frappe.utils.caching import kept

_PARTS = (
    ("fields", "DocField"),
    ("permissions", "DocPerm"),
    ("actions", "DocType Action"),
    ("links", "DocType Link"),
    ("states", "DocType State"),
)
_ORDERS = {f"{part}_order": part for part, _table in _PARTS[2:]}
_TYPED = {"Check": cint, "Int": cint, "Float": flt, "Percent": flt}


class DocField(_dict):
    """A field. What is not set is None."""


def get_meta(doctype: Any, cached: bool = True) -> Meta:
    """The metadata of a DocType.

    :raises frappe.DoesNotExistError: when there is none
    """
    name = doctype if isinstance(doctype, str) else getattr(doctype, "name", None)
    if not isinstance(name, str) or not name:
        raise frappe.DoesNotExistError(frappe._("DocType {0} not found").format(str(doctype)[:140]))
    if not cached:
        return Meta.load(name)
    return kept(("meta", name), lambda: Meta.load(name))


def load_meta(doctype: str) -> Meta:
    """The metadata, read anew."""
    return Meta.load(doctype)


def get_parent_dt(dt: str) -> str:
    """A DocType that has `dt` as a child table."""
    return frappe.db.get_value(
        "DocField", {"fieldtype": ("in", ("Table", "Table MultiSelect")), "options": dt}, "parent"
    )


def set_fieldname(field_id: int, fieldname: str) -> None:
    """Names a field."""
    frappe.db.set_value("DocField", field_id, "fieldname", fieldname)


def is_single(doctype: str) -> bool:
    """Whether a DocType has one document only."""
    return bool(cint(get_meta(doctype).issingle))


class Meta(SavePlan, _dict):
    """A DocType with its fields, permissions and customisations. Read-only by agreement: it is shared."""

    @classmethod
    def load(cls, name: str) -> Meta:
        """Reads a DocType's definition from the database, with what the site has changed."""
        return cls._read(name, ("DocType", "Customize Form")).customised()

    @classmethod
    def load_standard(cls, name: str) -> Meta:
        """Reads a DocType's own definition from the database."""
        return cls._read(name, ("DocType",))

    @classmethod
    def _read(cls, name: str, sources: tuple[str, ...]) -> Meta:
        """The definition's rows, and with "Customize Form" the links, actions and states that the site has added."""
        rows = frappe.db.sql("select * from `tabDocType` where `name` = %s", (name,), as_dict=True)
        if not rows:
            frappe.throw(
                frappe._("DocType {0} not found").format(frappe.bold(name)), frappe.DoesNotExistError
            )
        meta = cls(rows[0])
        meta.doctype = "DocType"
        for part, table in _PARTS:
            found = frappe.db.sql(
                f"select * from `tab{table}` where `parent` = %s and `parenttype` in %s order by `parenttype` desc, `idx`",
                (name, sources),
                as_dict=True,
            )
            meta[part] = [DocField(row, doctype=table) for row in found]
        return meta

    @classmethod
    def from_dict(cls, definition: dict) -> Meta:
        """Metadata of a definition that is in no database yet."""
        meta = cls({key: value for key, value in definition.items() if key not in dict(_PARTS)})
        for part, table in _PARTS:
            meta[part] = [DocField(row, doctype=table) for row in definition.get(part, [])]
        return meta

    def customised(self) -> Meta:
        """This metadata with custom fields, property setters and custom permissions."""
        if self.name in {"DocType", "DocField", "DocPerm", "Custom Field", "Property Setter", "Custom DocPerm",
                         "DocType Action", "DocType Link", "DocType State", "Module Def"}:  # fmt: skip
            return self
        self._add_custom_fields()
        self._apply_property_setters()
        self._replace_permissions()
        return self

    def _add_custom_fields(self) -> None:
        custom = frappe.db.sql(
            "select * from `tabCustom Field` where `dt` = %s order by `idx`, `creation`",
            (self.name,),
            as_dict=True,
        )
        for row in custom:
            field = DocField(row, doctype="DocField", parent=self.name, is_custom_field=1)
            names = [entry.fieldname for entry in self.fields]
            position = names.index(row.insert_after) + 1 if row.insert_after in names else len(names)
            self.fields.insert(position, field)

    def _apply_property_setters(self) -> None:
        setters = frappe.db.sql(
            "select * from `tabProperty Setter` where `doc_type` = %s", (self.name,), as_dict=True
        )
        rows = {row.name: row for part, _table in _PARTS[2:] for row in self[part]}
        by_name = {field.fieldname: field for field in self.fields}
        for setter in setters:
            value = _TYPED.get(setter.property_type, cstr)(setter.value)
            if setter.doctype_or_field == "DocType" and setter.property == "field_order":
                self._reorder(json.loads(setter.value or "[]"))
            elif setter.doctype_or_field == "DocType" and setter.property in _ORDERS:
                order = json.loads(setter.value or "[]")
                self[_ORDERS[setter.property]].sort(key=lambda row, order=order: _place(row.name, order))
            elif setter.doctype_or_field == "DocType":
                self[setter.property] = value
            elif setter.row_name in rows:
                rows[setter.row_name][setter.property] = value
            elif setter.field_name in by_name:
                by_name[setter.field_name][setter.property] = value

    def _reorder(self, order: list[str]) -> None:
        """Fields in the site's order; one that it does not know yet stays behind the one that it stood behind."""
        known, position = set(order), (0, 0)
        places: dict[str, tuple[int, int]] = {}
        for field in self.fields:
            new = field.fieldname not in known
            position = (position[0], position[1] + 1) if new else (order.index(field.fieldname) + 1, 0)
            places[field.fieldname] = position
        self.fields.sort(key=lambda field: places[field.fieldname])

    def _replace_permissions(self) -> None:
        rows = frappe.db.sql(
            "select * from `tabCustom DocPerm` where `parent` = %s order by `permlevel`, `creation`",
            (self.name,),
            as_dict=True,
        )
        if rows:
            self.permissions = [DocField(row, doctype="DocPerm") for row in rows]

    # -- questions

    @cached_property
    def _fields(self) -> dict[str, DocField]:
        return {field.fieldname: field for field in self.fields if field.fieldname}

    def get_field(self, fieldname: str) -> DocField | None:
        """A field by its name."""
        return self._fields.get(fieldname)

    def has_field(self, fieldname: str) -> bool:
        """Whether there is a field of this name."""
        return fieldname in self._fields

    def get_label(self, fieldname: str) -> str:
        """The label of a field, of a standard field too."""
        field = self.get_field(fieldname)
        if field is not None:
            return field.label or fieldname
        standard = {"name": "ID", "owner": "Created By", "modified_by": "Last Updated By", "creation": "Created On",
                    "modified": "Last Updated On", "docstatus": "Document Status", "idx": "Index",
                    "_assign": "Assigned To", "_user_tags": "Tags", "_comments": "Comments"}  # fmt: skip
        return standard.get(fieldname, fieldname)

    def get_options(self, fieldname: str) -> str | None:
        """The options of a field."""
        field = self.get_field(fieldname)
        return field.options if field else None

    def get(self, key: Any, default: Any = None, limit: int | None = None) -> Any:  # type: ignore[override]
        """A value; with a dictionary as `default`, the rows that fit it (`meta.get("fields", {"fieldtype": …})`)."""
        value = dict.get(self, key)
        if isinstance(default, dict):
            rows = [row for row in value or [] if _fits(row, default)]
            return rows[:limit] if limit else rows
        return default if value is None else value

    @cached_property
    def _columns(self) -> list[str]:
        base = ["name", "owner", "creation", "modified", "modified_by", "docstatus", "idx"]
        base += ["parent", "parentfield", "parenttype"] if cint(self.istable) else []
        own = [
            field.fieldname
            for field in self.fields
            if field.fieldtype in COLUMN_TYPES and not cint(field.is_virtual) and field.fieldname not in base
        ]
        return base + own

    def get_valid_columns(self) -> list[str]:
        """Columns of the table that hold a document's values."""
        return self._columns

    def get_valid_fields(self) -> list[str]:
        """Fields that hold a value, single DocTypes included."""
        return self._columns

    @cached_property
    def _tables(self) -> list[DocField]:
        return [field for field in self.fields if field.fieldtype in ("Table", "Table MultiSelect")]

    def get_table_fields(self, include_computed: bool = False) -> list[DocField]:
        """Fields that hold child tables."""
        return self._tables if include_computed else self.stored_tables

    def get_table_field_doctype(self, fieldname: str) -> str | None:
        """The DocType of a child table."""
        field = self.get_field(fieldname)
        return field.options if field else None

    @cached_property
    def _links(self) -> list[DocField]:
        return [
            field
            for field in self.fields
            if field.fieldtype == "Link" and field.options and field.options != "[Select]"
        ]

    def get_link_fields(self) -> list[DocField]:
        """Fields that link to a fixed DocType."""
        return self._links

    def get_dynamic_link_fields(self) -> list[DocField]:
        """Fields that link to a DocType named in another field."""
        return self.dynamic_links

    def get_select_fields(self) -> list[DocField]:
        """Fields with a list of options."""
        return self.get("fields", {"fieldtype": "Select", "options": ["not in", ["[Select]", "Loading..."]]})

    def get_image_fields(self) -> list[DocField]:
        """Fields that hold pictures."""
        return self.get("fields", {"fieldtype": "Attach Image"})

    def get_code_fields(self) -> list[DocField]:
        """Fields that hold code."""
        return self.get("fields", {"fieldtype": "Code"})

    def get_data_fields(self) -> list[DocField]:
        """Plain text fields."""
        return self.get("fields", {"fieldtype": "Data"})

    def get_translatable_fields(self) -> list[str]:
        """Names of fields whose values are translated."""
        return [field.fieldname for field in self.fields if cint(field.translatable)]

    def get_set_only_once_fields(self) -> list[DocField]:
        """Fields that do not change once they are set."""
        return self.set_once

    def get_global_search_fields(self) -> list[DocField]:
        """Fields that the global search looks into."""
        return [field for field in self.fields if cint(field.in_global_search)]

    def get_fetch_fields(self) -> list[DocField]:
        """Fields that take their value from a linked document."""
        return [field for field in self.fields if field.fetch_from]

    def get_fields_to_fetch(self, link_fieldname: str | None = None) -> list[DocField]:
        """Fields that take their value from behind one link, or from behind any."""
        if not link_fieldname:
            return self.fetching
        return [field for field in self.fetching if field.fetch_from.startswith(f"{link_fieldname}.")]

    def get_title_field(self) -> str:
        """The field by which people know a document."""
        title = self.title_field
        if not title and self.has_field("title"):
            title = "title"
        return title or "name"

    def get_search_fields(self) -> list[str]:
        """Fields that a link search looks into."""
        names = [name.strip() for name in cstr(self.search_fields or "name").split(",") if name.strip()]
        return names if "name" in names else [*names, "name"]

    def get_list_fields(self) -> list[str]:
        """Columns of the list."""
        names = ["name"] + [
            field.fieldname
            for field in self.fields
            if cint(field.in_list_view) and field.fieldtype in COLUMN_TYPES
        ]
        return names + ([self.title_field] if self.title_field and self.title_field not in names else [])

    def get_workflow(self) -> str | None:
        """The active workflow of the DocType."""
        from frappe.model.workflow import get_workflow_name

        return get_workflow_name(self.name)

    def get_permissions(self, parenttype: str | None = None) -> list[DocField]:
        """Permission rules, of the parent for a child table."""
        if cint(self.istable) and parenttype:
            return get_meta(parenttype).permissions
        return self.permissions

    def get_permlevel_access(
        self, permission_type: str = "read", parenttype: str | None = None, *, user: str | None = None
    ):
        """Levels on which the user has a right."""
        from frappe.permissions import levels_with

        meta = get_meta(parenttype) if cint(self.istable) and parenttype else self
        return sorted(levels_with(meta, permission_type, user))

    def get_permitted_fieldnames(
        self, parenttype: str | None = None, *, user: str | None = None, permission_type="read"
    ):
        """Fields that the user may read."""
        from frappe.model import get_permitted_fields

        return get_permitted_fields(self.name, parenttype, user, permission_type)

    def get_high_permlevel_fields(self) -> list[DocField]:
        """Fields above level 0."""
        return [field for field in self.fields if cint(field.permlevel) > 0]

    def get_dashboard_data(self) -> Any:
        """What a form shows of linked records: the DocType's `<name>_dashboard.py`, then the apps' overrides."""
        from frappe.model.dashboard import get_dashboard_data

        return get_dashboard_data(self)

    def is_nested_set(self) -> bool:
        """Whether documents form a tree."""
        return bool(cint(self.is_tree)) or (self.has_field("lft") and self.has_field("rgt"))

    def get_naming_series_options(self) -> list[str]:
        """The series that a user may choose from."""
        field = self.get_field("naming_series")
        return [option for option in cstr(field.options if field else "").split("\n") if option]

    def get_custom_fields(self) -> list[DocField]:
        """Fields that the site has added."""
        return [field for field in self.fields if field.get("is_custom_field")]

    def is_translatable(self, fieldname: str) -> bool:
        """Whether the values of a field are translated."""
        field = self.get_field(fieldname)
        return bool(field and cint(field.translatable))

    def as_dict(self, no_nulls: bool = False) -> dict:
        """The metadata as JSON can hold it."""
        return {
            key: [dict(row) for row in value] if isinstance(value, list) else value
            for key, value in self.items()
            if not (no_nulls and value is None)
        }

    def __hash__(self) -> int:
        return hash(self.name)


def _place(name: str, order: list[str]) -> int:
    return order.index(name) if name in order else len(order)


def _fits(row: dict, wanted: dict) -> bool:
    for key, value in wanted.items():
        actual = row.get(key)
        if isinstance(value, list | tuple) and len(value) == 2 and value[0] in ("in", "not in", "=", "!="):
            operator, value = value
            inside = actual in value if operator.endswith("in") else actual == value
            if inside == (operator.startswith("not") or operator == "!="):
                return False
        elif isinstance(value, bool):
            if bool(actual) != value:
                return False
        elif actual != value:
            return False
    return True


def get_field_precision(df: Any, doc: Any = None, currency: str | None = None) -> int:
    """Decimals of a number field."""
    if df.get("precision"):
        return cint(df.precision)
    setting = "currency_precision" if df.fieldtype == "Currency" else "float_precision"
    return cint(frappe.get_system_settings(setting)) or (2 if df.fieldtype == "Currency" else 3)


def get_default_df(fieldname: str) -> DocField | None:
    """The description of a standard field."""
    if fieldname in {"creation", "modified"}:
        return DocField(fieldname=fieldname, fieldtype="Datetime")
    if fieldname in {"idx", "docstatus"}:
        return DocField(fieldname=fieldname, fieldtype="Int")
    if fieldname in {"owner", "modified_by"}:
        return DocField(fieldname=fieldname, fieldtype="Link", options="User")
    return DocField(fieldname=fieldname, fieldtype="Data") if fieldname in {"name", "parent"} else None


def clear_meta_cache(doctype: str = "*") -> None:
    """Every process reads metadata anew."""
    from frappe.utils.caching import invalidate

    invalidate()
