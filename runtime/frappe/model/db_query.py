"""Lists: one statement from a DocType, fields, filters, order and the user's rights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import frappe
from frappe.model import filters as parsing
from frappe.utils import cint, cstr
from frappe.utils.caching import kept, put_few

_LARGEST = 2**62


class DatabaseQuery:
    """A list of a DocType for a user."""

    def __init__(self, doctype: str, user: str | None = None) -> None:
        self.doctype = doctype
        self.user = user or frappe.session.user
        self.reference_doctype: str | None = None
        self.columns: list[str] = []

    def execute(
        self,
        fields: Any = None,
        filters: Any = None,
        or_filters: Any = None,
        docstatus: Any = None,
        group_by: str | None = None,
        order_by: str | None = "KEEP_DEFAULT_ORDERING",
        limit_start: Any = False,
        limit_page_length: Any = None,
        as_list: bool = False,
        with_childnames: bool = False,
        debug: bool = False,
        ignore_permissions: bool = False,
        user: str | None = None,
        with_comment_count: bool = False,
        join: str = "left join",
        distinct: bool = False,
        start: Any = None,
        page_length: Any = None,
        limit: Any = None,
        ignore_ifnull: bool = False,
        save_user_settings: bool = False,
        save_user_settings_fields: bool = False,
        update: dict | None = None,
        user_settings: str | None = None,
        reference_doctype: str | None = None,
        run: bool = True,
        strict: bool = True,
        pluck: str | None = None,
        ignore_ddl: bool = False,
        *,
        parent_doctype: str | None = None,
        view: str | None = None,
    ) -> Any:
        """The rows, as dictionaries, lists (`as_list`) or values of one field (`pluck`).

        :raises frappe.PermissionError: when the user may not read the DocType
        :raises frappe.DataError: for a field, filter or order that is not understood
        """
        fields, filters = _in_order(fields, filters)
        arguments = {
            "fields": [pluck] if pluck else fields, "filters": filters, "or_filters": or_filters,
            "docstatus": docstatus, "group_by": group_by, "order_by": order_by, "distinct": distinct,
            "limit_start": _first(limit_start, start), "limit_page_length": _first(limit_page_length, page_length, limit),
            "ignore_permissions": ignore_permissions, "user": user, "parent_doctype": parent_doctype,
            "reference_doctype": reference_doctype,
        }  # fmt: skip
        if frappe.get_meta(self.doctype).get("is_virtual"):
            return self._virtual(arguments, as_list, pluck)
        query, values = self._statement(**arguments)
        if not (query and run):
            return query or []
        if debug:
            frappe.log(query)
        if pluck:
            return frappe.db.sql(query, values, pluck=True)
        rows = frappe.db.sql(query, values, as_dict=not as_list, update=update)
        return self._completed(rows, with_childnames, with_comment_count and not as_list)

    def _completed(self, rows: Any, with_childnames: bool, with_comment_count: bool) -> Any:
        """The rows with what is not in their own table."""
        if with_childnames:
            self._add_child_names(rows)
        if with_comment_count:
            _add_comment_count(rows)
        return rows

    def stream(self, **arguments: Any) -> Iterator[tuple]:
        """The rows one after the other, for tables too long to hold. `columns` has the types of the columns."""
        query, values = self._statement(**arguments)
        return iter(frappe.db.sql(query, values, as_iterator=True)) if query else iter(())

    def _statement(
        self,
        fields: Any = None,
        filters: Any = None,
        or_filters: Any = None,
        docstatus: Any = None,
        group_by: str | None = None,
        order_by: str | None = "KEEP_DEFAULT_ORDERING",
        distinct: bool = False,
        limit_start: Any = None,
        limit_page_length: Any = None,
        ignore_permissions: bool = False,
        user: str | None = None,
        parent_doctype: str | None = None,
        reference_doctype: str | None = None,
    ) -> tuple[str, dict[str, Any]]:
        """The statement and its values; an empty one when the user may read none of the fields."""
        self.user = user or self.user
        self.reference_doctype = reference_doctype
        meta = frappe.get_meta(self.doctype)
        for text in (group_by, order_by):
            if not (text is None or isinstance(text, str)):
                parsing.refuse(text)
        fields, filters, or_filters = self._decode(fields), self._decode(filters), self._decode(or_filters)
        if cint(meta.issingle):
            frappe.throw(frappe._("{0} is a single record and has no list").format(frappe._(self.doctype)))
        scope = parsing.Scope(
            self.doctype, self.user, check_levels=not ignore_permissions, distinct=bool(distinct),
            parent_doctype=parent_doctype, only=self._may_read(meta, ignore_permissions, parent_doctype),
        )  # fmt: skip
        selected, columns, tail, self.columns = self._head(scope, meta, fields, group_by, order_by)
        if not selected:
            return "", {}
        where = self._where(scope, meta, filters, or_filters, docstatus, ignore_permissions)
        query = f"select {'distinct ' if scope.distinct else ''}{columns} from `tab{self.doctype}`"
        if scope.joins:
            query += " " + " ".join(scope.joins.values())
        if where:
            query += f" where {where}"
        query += tail
        count = min(cint(limit_page_length), _LARGEST)
        if count > 0:
            query += f" limit {count} offset {max(0, min(cint(limit_start), _LARGEST))}"
        return query, scope.values or {"none": None}

    def _head(
        self, scope: parsing.Scope, meta: Any, fields: Any, group_by: str | None, order_by: str | None
    ) -> tuple[Any, str, str, list[str]]:
        """Fields, grouping and order. What needs neither joins nor values is compiled once and kept."""
        key = None
        if not fields or isinstance(fields, str | list | tuple):
            levels = scope.readable(meta)
            named = tuple(map(str, fields)) if isinstance(fields, list | tuple) else fields or None
            key = (self.doctype, named, group_by, order_by, scope.only, levels and frozenset(levels))
            known = kept("compiled lists", dict).get(key)
            if known:
                scope.distinct = scope.distinct or known[1]
                return known[0]
        selected = parsing.select_list(scope, fields or ["name"])
        aliases = {name: sql for sql, name in selected}
        grouping = parsing.group_list(scope, group_by, aliases)
        order = self._order(scope, meta, order_by, aliases, bool(group_by))
        columns = ", ".join(
            sql if sql.endswith(f".`{name}`") else f"{sql} as {parsing.quoted(name)}"
            for sql, name in selected
        )
        tail = (f" group by {grouping}" if grouping else "") + (f" order by {order}" if order else "")
        answer = (selected, columns, tail, [_type_of(meta, sql, name) for sql, name in selected])
        if key and not scope.joins and not scope.values:
            # Callers choose fields and order: without a bound they would fill the memory.
            put_few(kept("compiled lists", dict), key, (answer, scope.distinct))
        return answer

    def _may_read(
        self, meta: Any, ignore_permissions: bool, parent_doctype: str | None
    ) -> frozenset[str] | None:
        """The fields that a user with no more than the right to select may see; None for all.

        :raises frappe.PermissionError: when the user may neither read nor select
        """
        if ignore_permissions or self.user == "Administrator":
            return None
        from frappe.permissions import has_permission, throw_permission_error

        if has_permission(self.doctype, "read", user=self.user, parent_doctype=parent_doctype):
            return None
        if meta.istable or not has_permission(self.doctype, "select", user=self.user):
            throw_permission_error(self.doctype, "read")
        return frozenset({*meta.get_search_fields(), meta.get_title_field(), "name"})

    @staticmethod
    def _decode(value: Any) -> Any:
        if isinstance(value, str) and value[:1] in "[{":
            try:
                return frappe.parse_json(value)
            except ValueError:
                parsing.refuse(value)
        return value

    def _where(
        self,
        scope: parsing.Scope,
        meta: Any,
        filters: Any,
        or_filters: Any,
        docstatus: Any,
        ignore_permissions: bool,
    ) -> str:
        conditions = [parsing.condition(scope, row) for row in parsing.normalize(self.doctype, filters)]
        either = [parsing.condition(scope, row) for row in parsing.normalize(self.doctype, or_filters)]
        if either:
            conditions.append(f"({' or '.join(either)})")
        if docstatus:
            states = docstatus if isinstance(docstatus, list | tuple) else [docstatus]
            conditions.append(
                f"`tab{self.doctype}`.`docstatus` in {scope.parameter(tuple(map(cint, states)))}"
            )
        if not ignore_permissions:
            from frappe.permissions import row_condition

            rows, values = row_condition(self.doctype, self.user, self.reference_doctype)
            if rows:
                scope.values.update(values)
                conditions.append(f"({rows})")
        return " and ".join(conditions)

    def _order(
        self, scope: parsing.Scope, meta: Any, order_by: str | None, aliases: dict[str, str], grouped: bool
    ) -> str:
        if order_by != "KEEP_DEFAULT_ORDERING":
            return parsing.order_list(scope, order_by, aliases, grouped)
        if grouped or any("(" in sql for sql in aliases.values()):
            return ""
        field = meta.get("sort_field") or "modified"
        # The DocType's own order tells nobody anything, whatever columns it uses.
        scope = replace(scope, only=None)
        if "," in field:
            return parsing.order_list(scope, field, aliases)
        return parsing.order_list(
            scope, f"`tab{self.doctype}`.`{field}` {meta.get('sort_order') or 'desc'}", {}
        )

    def _virtual(self, arguments: dict[str, Any], as_list: bool, pluck: str | None) -> list:
        from frappe.model.base_document import get_controller

        if not arguments["ignore_permissions"]:
            frappe.has_permission(self.doctype, "read", user=self.user, throw=True)
        asked = frappe._dict(doctype=self.doctype, **arguments)
        asked.update(start=cint(asked.limit_start), page_length=cint(asked.limit_page_length))
        rows = frappe.call(get_controller(self.doctype).get_list, asked, **asked)
        if pluck:
            return [row.get(pluck) for row in rows]
        return [list(row.values()) for row in rows] if as_list else rows

    def _add_child_names(self, rows: list) -> None:
        names = [row.name for row in rows]
        for field in frappe.get_meta(self.doctype).get_table_fields():
            found: dict[str, list] = {}
            children = frappe.get_all(
                field.options,
                fields=["name", "parent"],
                filters={"parent": ("in", names), "parentfield": field.fieldname, "parenttype": self.doctype},
                order_by="idx",
            )
            for child in children:
                found.setdefault(child.pop("parent"), []).append(child)
            for row in rows:
                row[field.fieldname] = found.get(row.name, [])

    # Names by which apps know parts of a list.

    def build_match_conditions(self, as_condition: bool = True) -> Any:
        """The condition for rows that the user may see, with values written into it."""
        from frappe.permissions import get_row_filter

        return get_row_filter(self.doctype, self.user)


def _type_of(meta: Any, sql: str, name: str) -> str:
    entry = meta.get_field(name) if sql == f"`tab{meta.name}`.`{name}`" else None
    return entry.fieldtype if entry is not None else ""


def _add_comment_count(rows: list) -> None:
    for row in rows:
        comments = frappe.parse_json(row.get("_comments") or "[]")
        row["_comment_count"] = len(comments) if isinstance(comments, list) else 0


def _first(*values: Any) -> Any:
    return next((value for value in values if value is not None and value is not False), None)


def get_match_cond(doctype: str, as_condition: bool = True) -> str:
    """The user's condition with a leading `and`, as reports append it."""
    condition = DatabaseQuery(doctype).build_match_conditions(as_condition)
    return f" and {condition}" if condition else ""


def build_match_conditions(doctype: str, user: str | None = None, as_condition: bool = True) -> str:
    """The condition for rows that a user may see."""
    return DatabaseQuery(doctype, user=user).build_match_conditions(as_condition)


def get_order_by(doctype: str, meta: Any = None) -> str:
    """The order of a DocType's list."""
    meta = meta or frappe.get_meta(doctype)
    return f"`tab{doctype}`.`{meta.get('sort_field') or 'modified'}` {meta.get('sort_order') or 'desc'}"


def check_parent_permission(parent: str | None, child_doctype: str) -> None:
    """Rows of a child table are read through a parent that the user may read.

    :raises frappe.PermissionError: when there is no such parent
    """
    from frappe.permissions import has_permission, throw_permission_error

    if not parent or not has_permission(child_doctype, "read", parent_doctype=cstr(parent)):
        throw_permission_error(child_doctype, "read")


def _in_order(fields: Any, filters: Any) -> tuple[Any, Any]:
    """Fields and filters; callers may give the filters first and the fields after them."""
    swapped = isinstance(fields, dict) or (
        isinstance(fields, list) and fields and isinstance(fields[0], list)
    )
    return (filters, fields) if swapped else (fields, filters)
