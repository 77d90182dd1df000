"""Which field a column of a file holds, by its head."""

from __future__ import annotations

import datetime
from collections import Counter
from typing import Any

import frappe
from frappe import _
from frappe.model import no_value_fields, table_fields
from frappe.utils import cint, cstr

DO_NOT_IMPORT = "Don't Import"
_STANDARD = {"owner": "Link", "creation": "Datetime", "modified": "Datetime", "modified_by": "Link", "docstatus": "Int",
             "idx": "Int", "parent": "Data", "parentfield": "Data", "parenttype": "Data"}  # fmt: skip
_DATES = ("%Y-%m-%d", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y.%m.%d",
          "%m.%d.%Y", "%d/%m/%y", "%d-%m-%y")  # fmt: skip
_TIMES = ("%H:%M:%S", "%H:%M:%S.%f", "%H:%M", "%I:%M:%S %p", "%I:%M %p")
_DEFAULTS = {"Date": "%Y-%m-%d", "Datetime": "%Y-%m-%d %H:%M:%S", "Time": "%H:%M:%S"}
_PICTURE = (("%Y", "yyyy"), ("%y", "yy"), ("%m", "mm"), ("%d", "dd"), ("%H", "HH"), ("%I", "hh"), ("%M", "mm"),
            ("%S", "ss"), ("%f", "ffffff"), ("%p", "AM/PM"))  # fmt: skip


def id_field(doctype: str) -> frappe._dict:
    """The field that the column "ID" holds: the one that a document is named by, else its name."""
    meta = frappe.get_meta(doctype)
    named_by = cstr(meta.autoname)
    if named_by.lower().startswith("field:"):
        field = meta.get_field(named_by[6:])
        if field is not None:
            return _described(field, doctype)
    return _name_field(doctype)


def _name_field(doctype: str) -> frappe._dict:
    return frappe._dict(
        fieldtype="Data", fieldname="name", label="ID", options=None, parent=doctype, reqd=1, default=None, read_only=0
    )  # fmt: skip


def _described(field: Any, doctype: str) -> frappe._dict:
    return frappe._dict(
        fieldtype=field.fieldtype, fieldname=field.fieldname, label=field.label, options=field.options, parent=doctype,
        reqd=cint(field.reqd), default=field.default, read_only=cint(field.read_only),
    )  # fmt: skip


def importable_fields(doctype: str) -> list[frappe._dict]:
    """Fields of a DocType that a file may hold, its child tables not among them."""
    return [
        _described(field, doctype)
        for field in frappe.get_meta(doctype).fields
        if field.fieldtype not in no_value_fields and field.fieldtype not in table_fields
    ]


def headings(doctype: str) -> dict[str, tuple[frappe._dict, Any]]:
    """Every head that is understood, with its field and the table field through which it is reached."""
    meta = frappe.get_meta(doctype)
    known: dict[str, tuple[frappe._dict, Any]] = {}
    tables = [(None, doctype)] + [(field, field.options) for field in meta.get_table_fields()]
    for table, owner in tables:
        fields = importable_fields(owner)
        labels = Counter(field.label for field in fields)
        ids = id_field(owner) if table is None else _name_field(owner)
        for label in ("ID", _("ID")):
            known.setdefault(_head(label, table), (ids, table))
        known.setdefault(_path("name", table), (_name_field(owner), table))
        for name, kind in _STANDARD.items():
            described = frappe._dict(_name_field(owner), fieldname=name, fieldtype=kind, label=name, reqd=0)
            described.options = "User" if kind == "Link" else None
            known.setdefault(_path(name, table), (described, table))
        for field in fields:
            names = {_path(field.fieldname, table)}
            for label in filter(None, (field.label, _(field.label) if field.label else None)):
                names |= {f"{label} ({field.fieldname})"} if table is None else set()
                names |= {_head(label, table)} if labels[field.label] == 1 or table is None else set()
                if table is not None:
                    names.add(f"{label} ({field.fieldname}) ({table.label})")
                    names.add(_head(f"{label} ({field.fieldname})", table))
            for name in names:
                known.setdefault(name, (field, table))
    return known


def _head(label: str, table: Any) -> str:
    return f"{label} ({_(table.label)})" if table is not None else label


def _path(fieldname: str, table: Any) -> str:
    return f"{table.fieldname}.{fieldname}" if table is not None else fieldname


class Column:
    """A column of the file: its head, its field, what it is read as, and what is wrong with it."""

    def __init__(self, index: int, title: Any, doctype: str) -> None:
        self.index, self.number = index, index + 1
        self.title, self.doctype = title, doctype
        self.map_to: str | None = None
        self.df: frappe._dict | None = None
        self.table: Any = None
        self.skip = False
        self.date_format: str | None = None
        self.warnings: list[dict] = []
        self.formats: Counter = Counter()
        self.missing: dict[str, None] = {}

    def as_json(self) -> dict[str, Any]:
        """The column as a page shows it."""
        answer = {
            "index": self.index, "column_number": self.number, "doctype": self.doctype, "header_title": self.title,
            "map_to_field": self.map_to, "date_format": self.date_format, "df": self.df, "skip_import": self.skip,
            "warnings": self.warnings,
        }  # fmt: skip
        if self.table is not None and not self.skip:
            answer["is_child_table_field"] = True
            answer["child_table_df"] = {
                key: self.table.get(key) for key in ("fieldname", "fieldtype", "label", "options")
            }
        return answer

    @property
    def field(self) -> dict[str, Any]:
        """The field as a warning names it."""
        return {key: self.df.get(key) for key in ("fieldname", "fieldtype", "label", "options", "parent", "default")}  # type: ignore[union-attr]  # fmt: skip

    def warn(self, message: str, kind: str | None = "info", as_text: bool = False) -> None:
        """Notes what is wrong; `info` does not stop the import."""
        warning: dict[str, Any] = {"col": cstr(self.number) if as_text else self.number, "message": message}
        if kind:
            warning["type"] = kind
        self.warnings.append(warning)


def match(titles: list, doctype: str, mapping: dict[str, str]) -> tuple[list[Column], list[dict]]:
    """The columns of a head row, and what there is to say about the mapping that the user chose.

    :param mapping: number of a column, from 0, → field, `table.field` or "Don't Import"
    """
    known = headings(doctype)
    columns, notes, seen = [], [], set()
    for index, title in enumerate(titles):
        column = Column(index, title if title is None else cstr(title), doctype)
        column.map_to = mapping.get(cstr(index))
        columns.append(column)
        chosen = column.map_to if column.map_to and column.map_to != DO_NOT_IMPORT else column.title
        found = known.get(chosen) if chosen else None
        if found:
            column.df, column.table = found
        if column.map_to == DO_NOT_IMPORT:
            column.skip = True
            column.warn(_("Skipping column {0}").format(frappe.bold(_safe(title))), as_text=True)
        elif not chosen:
            column.skip = True
            column.warn(_("Skipping Untitled Column"), as_text=True)
        elif not found:
            column.skip = True
            column.warn(
                _("Cannot match column {0} with any field").format(frappe.bold(_safe(title))), as_text=True
            )
        elif chosen in seen:
            column.df, column.skip = None, True
            column.warn(_("Skipping Duplicate Column {0}").format(frappe.bold(_safe(title))), as_text=True)
        elif column.map_to:
            words = frappe.bold(_safe(title)), frappe.bold(column.df.label)  # type: ignore[union-attr]
            notes.append({"message": _("Mapping column {0} to field {1}").format(*words), "type": "info"})
        if chosen:
            seen.add(chosen)
    return columns, notes


def _safe(value: Any) -> str:
    return frappe.utils.escape_html(cstr(value)[:140])


# -- dates


def guess_format(kind: str, text: str) -> str | None:
    """The format in which a text is a date, time or both; None when there is none.

    :param kind: Date, Datetime or Time
    """
    if kind == "Time":
        return _first(text, _TIMES)
    if kind == "Date":
        return _first(text, _dates())
    day, separator, moment = text.partition("T" if "T" in text else " ")
    date = _first(day, _dates())
    time = _first(moment, _TIMES)
    return f"{date}{separator}{time}" if date and time else date if date and not moment else None


def _dates() -> tuple[str, ...]:
    """Formats by which dates are known, the site's first where a date could be read in two ways."""
    own = cstr(frappe.get_system_settings("date_format"))
    own = own.replace("yyyy", "%Y").replace("mm", "%m").replace("dd", "%d")
    return (_DATES[0], own, *_DATES[1:]) if own in _DATES else _DATES


def _first(text: str, formats: tuple[str, ...]) -> str | None:
    return next((entry for entry in formats if read_moment(text, entry) is not None), None)


def read_moment(text: str, form: str) -> datetime.datetime | None:
    """What a text says in a format, None when it says nothing."""
    try:
        return datetime.datetime.strptime(text, form)
    except ValueError:
        return None


def settle_format(column: Column) -> None:
    """Chooses the format that most values of the column have."""
    kind = column.df.fieldtype  # type: ignore[union-attr]
    named = {form: count for form, count in column.formats.items() if form}
    column.date_format = max(named, key=named.__getitem__) if named else _DEFAULTS[kind]
    shown = frappe.bold(picture(column.date_format))
    if len(named) > 1:
        column.warn(
            _("The column {0} has {1} different date formats. {2} is used because it is the most common; "
              "please change the other values.").format(frappe.bold(_safe(column.title)), len(named), shown)
        )  # fmt: skip
    elif not named and column.formats:
        column.warn(
            _("No format of the kind {0} fits the values of this column. {1} is assumed.").format(
                _(kind), shown
            )
        )


def picture(form: str) -> str:
    """A format as users write it: `yyyy-mm-dd`."""
    for code, letters in _PICTURE:
        form = form.replace(code, letters)
    return form
