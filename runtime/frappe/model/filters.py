"""Filters, fields and orders of lists, read from what callers send and written as SQL.

Nothing that a caller sends reaches SQL as text: names are looked up in the metadata, functions and operators in
short lists, values become parameters. What is not understood is refused.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass, field
from typing import Any

import frappe
from frappe.database.dialect import NULLABLE
from frappe.utils import cint, cstr, flt, get_datetime, get_timespan_date_range, getdate
from frappe.utils.caching import kept

STANDARD = {
    "name": "Data", "owner": "Link", "creation": "Datetime", "modified": "Datetime", "modified_by": "Link",
    "docstatus": "Int", "idx": "Int", "_user_tags": "Data", "_comments": "Text", "_assign": "Text", "_liked_by": "Data",
    "_seen": "Text",
}  # fmt: skip
CHILD = {"parent": "Data", "parentfield": "Data", "parenttype": "Data"}
NUMERIC = {"Int", "Check", "Float", "Currency", "Percent", "Long Int", "Rating", "Duration"}
_ALWAYS_THERE = frozenset({"name", "creation", "modified", "owner"})
OPERATORS = {
    "=", "!=", ">", "<", ">=", "<=", "like", "not like", "in", "not in", "between", "is", "timespan",
    "descendants of", "ancestors of", "not descendants of", "not ancestors of", "descendants of (inclusive)",
    "previous", "next",
}  # fmt: skip
#: How many arguments each function takes, at least and at most.
FUNCTIONS = {
    "count": (1, 1), "sum": (1, 1), "avg": (1, 1), "min": (1, 1), "max": (1, 1), "ifnull": (2, 2), "coalesce": (2, 9),
    "date": (1, 1), "year": (1, 1), "month": (1, 1), "lower": (1, 1), "upper": (1, 1), "abs": (1, 1),
}  # fmt: skip
_AGGREGATE = re.compile(r"\b(?:count|sum|avg|min|max)\(")
_LARGEST = 2**63 - 1
_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_COLUMN = re.compile(rf"^(?:`?tab(?P<table>[^`]+?)`?\.)?`?(?P<column>{_NAME}|\*)`?$")
_DOTTED = re.compile(rf"^`?(?P<link>{_NAME})`?\.`?(?P<column>{_NAME})`?$")
_ALIAS = re.compile(
    r"^(?P<expression>.+?)\s+as\s+[`'\"]?(?P<alias>[\w ]+?)[`'\"]?$", re.IGNORECASE | re.DOTALL
)
_FUNCTION = re.compile(r"^(?P<name>\w+)\s*\((?P<arguments>.*)\)$", re.DOTALL)
_LITERAL = re.compile(r"^(?:-?\d+(?:\.\d+)?|'[\w :.\-]*'|\"[\w :.\-]*\")$")


def refuse(what: Any) -> None:
    """Refuse a part of a request.

    :raises frappe.DataError: always
    """
    frappe.throw(
        frappe._("Not understood or not allowed in a list: {0}").format(cstr(what)[:140]), frappe.DataError
    )


@dataclass
class Column:
    """A column of a table: its SQL and what the metadata says of it."""

    sql: str
    doctype: str
    fieldname: str
    fieldtype: str

    def or_empty(self) -> str:
        """The column with a value where it has none; texts compare as the column itself does."""
        empty = fallback(self.fieldtype)
        collation = frappe.db.dialect.text_collation if empty == "''" else ""
        return f"ifnull({self.sql}, {empty}){collation}"


@dataclass
class Scope:
    """What a list may speak of: its DocType, tables joined so far, parameters collected so far."""

    doctype: str
    user: str
    check_levels: bool = True
    parent_doctype: str | None = None
    only: frozenset[str] | None = None
    joins: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    distinct: bool = False

    def parameter(self, value: Any) -> str:
        """A placeholder for a value."""
        name = f"v{len(self.values)}"
        self.values[name] = value
        return f"%({name})s"

    def readable(self, meta: Any) -> set[int] | None:
        """Levels that the user may read; None for all. A child table has its parent's levels."""
        if not self.check_levels or self.user == "Administrator":
            return None
        from frappe.permissions import levels_with

        if meta.istable:
            parent = self.parent_doctype or self.doctype
            if parent == meta.name:
                return {0}
            meta = frappe.get_meta(parent)
        return levels_with(meta, "read", self.user) | {0}

    def is_visible(self, doctype: str, fieldname: str) -> bool:
        """Whether a user with no more than the right to select sees the field of his DocType."""
        return self.only is None or doctype != self.doctype or fieldname in self.only

    def join_child(self, child: str) -> None:
        """Brings a child table in."""
        meta = frappe.get_meta(self.doctype)
        fields = [entry for entry in meta.get_table_fields() if entry.options == child]
        if not fields:
            refuse(child)
        levels = self.readable(meta)
        if levels is not None and not any(cint(entry.permlevel) in levels for entry in fields):
            refuse(child)
        if child not in self.joins:
            self.joins[child] = (
                f"left join `tab{child}` on (`tab{child}`.`parenttype` = {self.parameter(self.doctype)}"
                f" and `tab{child}`.`parent` = `tab{self.doctype}`.`name`)"
            )

    def join_link(self, link: Any) -> str:
        """Brings the table behind a link in, under a name of its own."""
        alias = f"link_{link.fieldname}"
        if alias not in self.joins:
            if self.check_levels and not frappe.has_permission(link.options, "read", user=self.user):
                from frappe.permissions import throw_permission_error

                throw_permission_error(link.options, "read")
            self.joins[alias] = (
                f"left join `tab{link.options}` as `{alias}`"
                f" on (`{alias}`.`name` = `tab{self.doctype}`.`{link.fieldname}`)"
            )
        return alias

    def column(self, text: str, doctype: str | None = None) -> Column:
        """The column that a name means: own, of a child table, or behind a link.

        :raises frappe.DataError: for an unknown one, or one of a level that the user may not read
        """
        match = _COLUMN.match(text.strip())
        if match and match["column"] != "*" and self._is_table(match["table"]):
            return self.own_column(match["table"] or doctype or self.doctype, match["column"])
        dotted = _DOTTED.match(text.strip())
        if not dotted:
            refuse(text)
        meta = frappe.get_meta(self.doctype)
        through = meta.get_field(dotted["link"])
        if through is not None and through.fieldtype in {"Table", "Table MultiSelect"}:
            return self.own_column(through.options, dotted["column"])
        if through is None or through.fieldtype != "Link":
            refuse(text)
        self.own_column(self.doctype, through.fieldname)
        fieldtype = self.checked_type(through.options, dotted["column"])
        alias = self.join_link(through)
        return Column(f"`{alias}`.`{dotted['column']}`", through.options, dotted["column"], fieldtype)

    def _is_table(self, table: str | None) -> bool:
        """Whether `tabX` means a table of this list; a link field may have a name that begins so."""
        return (
            not table
            or table == self.doctype
            or frappe.get_meta(self.doctype).get_field(f"tab{table}") is None
        )

    def own_column(self, doctype: str, fieldname: str) -> Column:
        """A column of the DocType or one of its child tables."""
        if doctype != self.doctype:
            self.join_child(doctype)
        return Column(
            f"`tab{doctype}`.`{fieldname}`", doctype, fieldname, self.checked_type(doctype, fieldname)
        )

    def checked_type(self, doctype: str, fieldname: str) -> str:
        """The type of a column that exists and may be read."""
        meta = frappe.get_meta(doctype)
        if not self.is_visible(doctype, fieldname):
            refuse(f"{doctype}.{fieldname}")
        if fieldname in STANDARD:
            if fieldname.startswith("_") and fieldname not in _optional_columns(meta):
                refuse(f"{doctype}.{fieldname}")
            return STANDARD[fieldname]
        if meta.istable and fieldname in CHILD:
            return CHILD[fieldname]
        entry = meta.get_field(fieldname)
        if entry is None or fieldname not in meta.get_valid_columns():
            if fieldname in {"lft", "rgt"} and meta.is_nested_set():
                return "Int"
            refuse(f"{doctype}.{fieldname}")
        levels = self.readable(meta)
        if levels is not None and cint(entry.permlevel) not in levels:
            refuse(f"{doctype}.{fieldname}")
        return entry.fieldtype


def _optional_columns(meta: Any) -> frozenset[str]:
    """Standard columns that not every table has: tags, comments, assignments, …"""
    if meta.issingle:
        return frozenset()
    return kept(("columns", meta.name), lambda: frozenset(frappe.db.get_table_columns(meta.name)))


# -- expressions


def expression(scope: Scope, text: str, depth: int = 0) -> str:
    """SQL of a column, or of one of a few functions over columns and plain values."""
    text = text.strip()
    function = _FUNCTION.match(text)
    if not function:
        return scope.column(text).sql
    name = function["name"].lower()
    if name not in FUNCTIONS or depth > 2:
        refuse(text)
    inner = function["arguments"].strip()
    prefix = ""
    if inner.lower().startswith("distinct "):
        prefix, inner = "distinct ", inner[9:]
    if inner == "*" and name == "count":
        return "count(*)"
    parts = [_argument(scope, part, depth) for part in _split(inner)]
    least, most = FUNCTIONS[name]
    if not least <= len(parts) <= most or (prefix and name != "count"):
        refuse(text)
    if is_aggregate(f"{name}(") and any(map(is_aggregate, parts)):
        refuse(text)
    return f"{name}({prefix}{', '.join(parts)})"


def is_aggregate(sql: str) -> bool:
    """Whether an expression counts or sums over rows."""
    return bool(_AGGREGATE.search(sql))


def _argument(scope: Scope, text: str, depth: int) -> str:
    text = text.strip()
    if _LITERAL.match(text):
        return scope.parameter(flt(text) if text[0] not in "'\"" else text[1:-1])
    return expression(scope, text, depth + 1)


def _split(text: str) -> list[str]:
    """Parts between commas that stand outside brackets and quotes."""
    parts, depth, quote, start = [], 0, "", 0
    for index, char in enumerate(text):
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"`":
            quote = char
        elif char in "([":
            depth += 1
        elif char in ")]":
            depth -= 1
        elif char == "," and depth == 0:
            parts.append(text[start:index])
            start = index + 1
    return [part for part in [*parts, text[start:]] if part.strip()]


def select_list(scope: Scope, fields: Any) -> list[tuple[str, str]]:
    """Pairs of SQL and name for the fields of a list; fields that the user may not read are left out."""
    if isinstance(fields, str):
        fields = ["*"] if fields == "*" else _split(fields)
    if fields and not isinstance(fields, list | tuple | set):
        refuse(fields)
    result: dict[str, str] = {}
    for entry in fields or ["name"]:
        if not isinstance(entry, str):
            refuse(entry)
        for sql, name in _select(scope, entry.strip()):
            result.setdefault(name, sql)
    return [(sql, name) for name, sql in result.items()]


def _select(scope: Scope, text: str) -> list[tuple[str, str]]:
    star = _COLUMN.match(text)
    if star and star["column"] == "*":
        return _all_columns(scope, star["table"] or scope.doctype)
    alias = _ALIAS.match(text)
    body = alias["expression"].strip() if alias else text
    if body.lower().startswith("distinct "):
        scope.distinct, body = True, body[9:].strip()
    if _is_hidden_column(scope, body):
        return []
    sql = _argument(scope, body, 0) if alias and _LITERAL.match(body) else expression(scope, body)
    return [(sql, alias["alias"] if alias else _default_name(body))]


def quoted(name: str) -> str:
    """The name of a result's column, quoted."""
    return "`" + name.replace("`", "``") + "`"


def _default_name(body: str) -> str:
    match = _COLUMN.match(body) or _DOTTED.match(body)
    return match["column"] if match else body


def _is_hidden_column(scope: Scope, body: str) -> bool:
    """Whether the column exists, but the user may not read it: it is left out without a word."""
    match = _COLUMN.match(body)
    if not match or not scope.check_levels or scope.user == "Administrator":
        return False
    doctype = match["table"] or scope.doctype
    if doctype != scope.doctype and not any(
        entry.options == doctype for entry in frappe.get_meta(scope.doctype).get_table_fields()
    ):
        return False
    meta = frappe.get_meta(doctype)
    entry = meta.get_field(match["column"])
    if not scope.is_visible(doctype, match["column"]):
        return entry is not None or match["column"] in STANDARD
    return entry is not None and cint(entry.permlevel) not in (
        scope.readable(meta) or {cint(entry.permlevel)}
    )


def _all_columns(scope: Scope, doctype: str) -> list[tuple[str, str]]:
    meta = frappe.get_meta(doctype)
    if doctype != scope.doctype:
        scope.join_child(doctype)
    levels = scope.readable(meta)
    names = []
    for name in meta.get_valid_columns():
        entry = meta.get_field(name)
        allowed = levels is None or entry is None or cint(entry.permlevel) in levels
        if allowed and scope.is_visible(doctype, name):
            names.append(name)
    return [(f"`tab{doctype}`.`{name}`", name) for name in names]


def order_list(
    scope: Scope, text: str | None, aliases: dict[str, str], grouped: bool = False, direction: str = "asc"
) -> str:
    """SQL of an order such as `modified desc, name`; aliases of the selected fields may be used.

    A count or a sum puts rows in order only where rows are `grouped`.

    :param direction: what is meant where neither `asc` nor `desc` is said
    """
    parts = []
    for part in _split(text or ""):
        match = re.match(
            r"^(?P<body>.+?)(?:\s+(?P<direction>asc|desc))?$", part.strip(), re.IGNORECASE | re.DOTALL
        )
        body, way = match["body"].strip(), (match["direction"] or direction).lower()
        plain = body.strip("`")
        selected = aliases.get(plain, "")
        # The bare name of a column would mean that of a joined table as well.
        sql = (quoted(plain) if "(" in selected else selected) or expression(scope, body)
        if is_aggregate(sql) and not grouped and not any(map(is_aggregate, aliases.values())):
            refuse(body)
        parts.append(f"{sql} {way}")
    return ", ".join(parts)


def group_list(scope: Scope, text: str | None, aliases: dict[str, str]) -> str:
    """SQL of a grouping."""
    parts = []
    for part in _split(text or ""):
        plain = part.strip().strip("`")
        sql = quoted(plain) if "(" in aliases.get(plain, "") else expression(scope, part)
        if is_aggregate(sql) or is_aggregate(aliases.get(plain, "")):
            refuse(part)
        parts.append(sql)
    return ", ".join(parts)


# -- conditions


def normalize(doctype: str, filters: Any) -> list[tuple[str, str, str, Any]]:
    """Filters in any of their forms as rows of doctype, field, operator, value."""
    if not filters:
        return []
    if isinstance(filters, str | int):
        return [(doctype, "name", "=", filters)]
    if not isinstance(filters, dict | list | tuple | set | frozenset):
        refuse(filters)
    if isinstance(filters, dict):
        return [_from_pair(doctype, key, value) for key, value in filters.items()]
    if isinstance(filters, list | tuple) and filters and isinstance(filters[0], str):
        if (len(filters) in (2, 3, 4) and not all(_looks_like_name(entry) for entry in filters)) or (
            len(filters) == 3 and cstr(filters[1]).lower() in OPERATORS
        ):
            filters = [filters]
        else:
            return [(doctype, "name", "in", list(filters))]
    rows = []
    for entry in filters:
        if isinstance(entry, dict):
            rows += [_from_pair(doctype, key, value) for key, value in entry.items()]
        elif isinstance(entry, list | tuple):
            rows.append(_from_list(doctype, list(entry)))
        else:
            refuse(entry)
    return rows


def _looks_like_name(entry: Any) -> bool:
    return isinstance(entry, str) and entry.lower() not in OPERATORS


def _from_pair(doctype: str, key: str, value: Any) -> tuple[str, str, str, Any]:
    if isinstance(value, list | tuple) and len(value) == 2 and cstr(value[0]).lower() in OPERATORS:
        return doctype, key, cstr(value[0]).lower(), value[1]
    if isinstance(value, list | tuple | set):
        if isinstance(value, list | tuple) and len(value) == 2 and isinstance(value[0], str):
            refuse(value[0])
        return doctype, key, "in", list(value)
    return doctype, key, "=", value


def _from_list(doctype: str, entry: list) -> tuple[str, str, str, Any]:
    if len(entry) == 2:
        return _from_pair(doctype, entry[0], entry[1])
    if len(entry) == 3:
        entry = [doctype, *entry]
    if len(entry) not in (4, 5) or not isinstance(entry[1], str):
        refuse(entry)
    operator = cstr(entry[2]).strip().lower()
    if operator not in OPERATORS:
        refuse(operator)
    return entry[0] or doctype, entry[1], operator, entry[3]


def condition(scope: Scope, row: tuple[str, str, str, Any]) -> str:
    """SQL of one filter.

    :raises frappe.DataError: for a field, operator or value that is not understood
    """
    if not (isinstance(row[0], str) and isinstance(row[1], str)):
        refuse(row)
    try:
        return _condition(scope, *row)
    except (TypeError, ValueError, OverflowError):
        refuse(row[3])


def _condition(scope: Scope, doctype: str, fieldname: str, operator: str, value: Any) -> str:
    column = scope.column(fieldname, doctype) if "." not in fieldname else scope.column(fieldname)
    if operator not in OPERATORS:
        refuse(operator)
    if operator == "is":
        return _is_set(column, value)
    if operator.endswith(("of", "(inclusive)")):
        return _tree(scope, column, operator, value)
    if operator in {"in", "not in"}:
        return _membership(scope, column, operator, value)
    if operator in {"between", "timespan", "previous", "next"}:
        return _between(scope, column, operator, value)
    return _comparison(scope, column, operator, value)


def fallback(fieldtype: str) -> str:
    """What an empty column counts as when it is compared."""
    if fieldtype in NUMERIC:
        return "0"
    return {"Date": "'0001-01-01'", "Datetime": "'0001-01-01 00:00:00.000000'", "Time": "'00:00:00'"}.get(
        fieldtype, "''"
    )


def _is_set(column: Column, value: Any) -> str:
    word = cstr(value).strip().lower()
    if word not in {"set", "not set"}:
        refuse(value)
    if column.fieldtype in NUMERIC:
        # As on Frappe a nought is neither: it is no value that somebody has set, and it is there.
        return f"ifnull({column.sql}, 0) != 0" if word == "set" else f"{column.sql} is null"
    return f"ifnull({column.sql}, '') {'!=' if word == 'set' else '='} ''"


def adapt(column: Column, value: Any) -> Any:
    """A value as the column's type stores it."""
    if column.fieldtype in {"Int", "Check", "Long Int"}:
        number = value if isinstance(value, float) else cint(value)
        if isinstance(number, int) and abs(number) > _LARGEST:
            refuse(value)
        return number
    if column.fieldtype in NUMERIC:
        return flt(value)
    if column.fieldtype == "Date":
        date = getdate(value) if value not in (None, "") else None
        return date.isoformat() if date else "0001-01-01"
    if column.fieldtype == "Datetime":
        if value in (None, ""):
            return "0001-01-01 00:00:00.000000"
        return get_datetime(value).strftime("%Y-%m-%d %H:%M:%S.%f")
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float):
        return cstr(value)
    if isinstance(value, dict | list | tuple | set):
        refuse(value)
    return _storable("" if value is None else cstr(value))


def _storable(text: str) -> str:
    """The text itself; half of a surrogate pair cannot be stored.

    :raises ValueError: for such a half
    """
    text.encode()
    return text


def _comparison(scope: Scope, column: Column, operator: str, value: Any) -> str:
    if isinstance(value, list | tuple | set):
        refuse(value)
    never_null = column.fieldtype in NUMERIC - NULLABLE or column.fieldname in _ALWAYS_THERE
    if operator in {"like", "not like"}:
        placeholder = scope.parameter(_storable(cstr(value)))
    else:
        placeholder = scope.parameter(adapt(column, value))
    plain = never_null or (operator in {"=", "like"} and value not in (None, "", 0))
    left = column.sql if plain else column.or_empty()
    return f"{left} {operator} {placeholder}"


def _membership(scope: Scope, column: Column, operator: str, value: Any) -> str:
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",")]
    values = list(value or [])
    if any(isinstance(entry, list | dict | tuple | set) for entry in values):
        refuse(value)
    empty_counts = operator == "not in" or not values or any(entry in (None, "") for entry in values)
    left = column.or_empty() if empty_counts else column.sql
    if not values:
        return f"{left} {operator} ({fallback(column.fieldtype)})"
    placeholder = scope.parameter(tuple(adapt(column, entry) for entry in values))
    return f"{left} {operator} {placeholder}"


def _between(scope: Scope, column: Column, operator: str, value: Any) -> str:
    if operator in {"timespan", "previous", "next"}:
        words = cstr(value).lower()
        if operator != "timespan":
            words = f"{'last' if operator == 'previous' else 'next'} {words.removeprefix('1 ')}"
        bounds = get_timespan_date_range(words)
        if not bounds:
            refuse(value)
    else:
        bounds = value
    if not isinstance(bounds, list | tuple) or len(bounds) not in (1, 2):
        refuse(value)
    first, last = bounds[0], bounds[-1]
    if column.fieldtype in {"Date", "Datetime"}:
        first, last = first or getdate(), last or getdate()
    if column.fieldtype == "Datetime" and _is_whole_day(last):
        last = datetime.datetime.combine(getdate(last), datetime.time.max)
    low, high = scope.parameter(adapt(column, first)), scope.parameter(adapt(column, last))
    return f"({column.sql} >= {low} and {column.sql} <= {high})"


def _is_whole_day(value: Any) -> bool:
    return (isinstance(value, datetime.date) and not isinstance(value, datetime.datetime)) or (
        isinstance(value, str) and len(value.strip()) <= 10
    )


def _tree(scope: Scope, column: Column, operator: str, value: Any) -> str:
    meta = frappe.get_meta(column.doctype)
    entry = meta.get_field(column.fieldname)
    target = entry.options if entry is not None and entry.fieldtype == "Link" else column.doctype
    if not frappe.get_meta(target).is_nested_set():
        refuse(operator)
    if isinstance(value, list | tuple | set | dict):
        refuse(value)
    if "ancestors" in operator:
        inner = "`node`.`lft` < `root`.`lft` and `node`.`rgt` > `root`.`rgt`"
    elif operator.endswith("(inclusive)"):
        inner = "`node`.`lft` >= `root`.`lft` and `node`.`rgt` <= `root`.`rgt`"
    else:
        inner = "`node`.`lft` > `root`.`lft` and `node`.`rgt` < `root`.`rgt`"
    word = "not in" if operator.startswith("not") else "in"
    left = column.or_empty() if word == "not in" else column.sql
    return (
        f"{left} {word} (select `node`.`name` from `tab{target}` as `root` join `tab{target}` as `node` on {inner}"
        f" where `root`.`name` = {scope.parameter(_storable(cstr(value)))})"
    )
