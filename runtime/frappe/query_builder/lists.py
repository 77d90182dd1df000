"""`frappe.qb.get_query`: a list of a DocType as a query that can be widened."""

from __future__ import annotations

from typing import Any

import frappe


def get_query(
    table: Any,
    fields: Any = None,
    filters: dict | list | None = None,
    order_by: str | None = None,
    group_by: str | None = None,
    limit: int | None = None,
    offset: int | None = None,
    distinct: bool = False,
    for_update: bool = False,
    **kwargs: Any,
) -> Any:
    """A query over a DocType with plain fields and equality or operator filters."""
    from frappe.model.filters import normalize
    from frappe.query_builder import DocType

    doctype = table if isinstance(table, str) else table._table_name.removeprefix("tab")
    source = DocType(doctype)
    names = [fields] if isinstance(fields, str) else list(fields or ["name"])
    query = frappe.qb.from_(source).select(
        *[source[name] if isinstance(name, str) else name for name in names]
    )
    comparisons = {
        "=": lambda a, b: a == b, "!=": lambda a, b: a != b, ">": lambda a, b: a > b, "<": lambda a, b: a < b,
        ">=": lambda a, b: a >= b, "<=": lambda a, b: a <= b, "in": lambda a, b: a.isin(b),
        "not in": lambda a, b: a.notin(b), "like": lambda a, b: a.like(b), "not like": lambda a, b: a.not_like(b),
        "between": lambda a, b: a[b[0] : b[1]],
    }  # fmt: skip
    for _, fieldname, operator, value in normalize(doctype, filters):
        if operator == "is":
            query = query.where(
                source[fieldname].isnotnull() if value == "set" else source[fieldname].isnull()
            )
        elif operator in comparisons:
            query = query.where(comparisons[operator](source[fieldname], value))
        else:
            frappe.throw(
                frappe._("Not understood or not allowed in a list: {0}").format(operator), frappe.DataError
            )
    for part in (order_by or "").split(","):
        name, _, direction = part.strip().partition(" ")
        if name:
            order = frappe.qb.desc if direction.strip().lower() == "desc" else frappe.qb.asc
            query = query.orderby(source[name.strip("`")], order=order)
    if group_by:
        query = query.groupby(*[source[name.strip()] for name in group_by.split(",")])
    if limit:
        query = query.limit(limit)
    if offset:
        query = query.offset(offset)
    return query.distinct() if distinct else query
