"""Lists: one statement from a DocType, fields, filters, order and the user's rights."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.model import filters as parsing
from frappe.utils import cint, cstr


class DatabaseQuery:
    """A list of a DocType for a user."""

    def __init__(self, doctype: str, user: str | None = None) -> None:
        self.doctype = doctype
        self.user = user or frappe.session.user

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
        if user:
            self.user = user
        meta = frappe.get_meta(self.doctype)
        if meta.get("is_virtual"):
            return self._virtual(
                filters, fields, as_list, pluck, limit_start or start, limit or limit_page_length
            )
        if pluck:
            fields = [pluck]
        self._may_read(meta, ignore_permissions, parent_doctype)
        fields, filters, or_filters = self._decode(fields), self._decode(filters), self._decode(or_filters)
        scope = parsing.Scope(
            self.doctype, self.user, check_levels=not ignore_permissions, distinct=bool(distinct)
        )
        selected = parsing.select_list(scope, fields or ["name"])
        if not selected:
            return []
        where = self._where(scope, meta, filters, or_filters, docstatus, ignore_permissions)
        aliases = {name: sql for sql, name in selected}
        grouping = parsing.group_list(scope, group_by, aliases)
        order = self._order(scope, meta, order_by, aliases, bool(group_by))
        length = _first(limit_page_length, page_length, limit)
        query = self._compose(scope, selected, where, grouping, order, _first(limit_start, start), length)
        if not run:
            return query
        if debug:
            frappe.log(query)
        rows = frappe.db.sql(query, scope.values, as_dict=not (as_list or pluck), update=update)
        if with_childnames:
            self._add_child_names(meta, rows)
        return [row[0] for row in rows] if pluck else rows

    def _may_read(self, meta: Any, ignore_permissions: bool, parent_doctype: str | None) -> None:
        if ignore_permissions or self.user == "Administrator":
            return
        from frappe.permissions import has_permission, throw_permission_error

        if meta.istable:
            if not has_permission(self.doctype, "read", user=self.user, parent_doctype=parent_doctype):
                throw_permission_error(self.doctype, "read")
            return
        readable = has_permission(self.doctype, "read", user=self.user)
        if not readable and not has_permission(self.doctype, "select", user=self.user):
            throw_permission_error(self.doctype, "read")

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

            rows, values = row_condition(self.doctype, self.user) if not meta.istable else ("", {})
            if rows:
                scope.values.update(values)
                conditions.append(f"({rows})")
        return " and ".join(conditions)

    def _order(
        self, scope: parsing.Scope, meta: Any, order_by: str | None, aliases: dict[str, str], grouped: bool
    ) -> str:
        if order_by != "KEEP_DEFAULT_ORDERING":
            return parsing.order_list(scope, order_by, aliases)
        if grouped or any("(" in sql for sql in aliases.values()):
            return ""
        field = meta.get("sort_field") or "modified"
        if "," in field:
            return parsing.order_list(scope, field, aliases)
        return parsing.order_list(
            scope, f"`tab{self.doctype}`.`{field}` {meta.get('sort_order') or 'desc'}", {}
        )

    def _compose(
        self,
        scope: parsing.Scope,
        selected: list[tuple[str, str]],
        where: str,
        grouping: str,
        order: str,
        start: Any,
        length: Any,
    ) -> str:
        columns = ", ".join(
            sql if sql.endswith(f".`{name}`") else f"{sql} as `{name}`"
            for sql, name in ((s, n) for s, n in selected)
        )
        query = f"select {'distinct ' if scope.distinct else ''}{columns} from `tab{self.doctype}`"
        for join in scope.joins.values():
            query += f" {join}"
        if where:
            query += f" where {where}"
        if grouping:
            query += f" group by {grouping}"
        if order:
            query += f" order by {order}"
        count = cint(length)
        if count:
            query += f" limit {count} offset {cint(start)}"
        return query

    def _virtual(
        self, filters: Any, fields: Any, as_list: bool, pluck: str | None, start: Any, length: Any
    ) -> list:
        from frappe.model.base_document import get_controller

        frappe.has_permission(self.doctype, "read", user=self.user, throw=True)
        rows = get_controller(self.doctype).get_list(
            frappe._dict(filters=filters, fields=fields, start=cint(start), page_length=cint(length))
        )
        if pluck:
            return [row.get(pluck) for row in rows]
        return [list(row.values()) for row in rows] if as_list else rows

    def _add_child_names(self, meta: Any, rows: list) -> None:
        for row in rows:
            for field in meta.get_table_fields():
                row[field.fieldname] = frappe.get_all(
                    field.options,
                    fields=["name"],
                    filters={"parent": row.name, "parentfield": field.fieldname, "parenttype": self.doctype},
                    order_by="idx",
                )

    # Names by which apps know parts of a list.

    def build_match_conditions(self, as_condition: bool = True) -> Any:
        """The condition for rows that the user may see, with values written into it."""
        from frappe.permissions import row_condition

        condition, values = row_condition(self.doctype, self.user)
        if not condition:
            return ""
        return condition % {name: frappe.db.literal(value) for name, value in values.items()}


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
