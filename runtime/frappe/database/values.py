"""Values in and out of tables past the documents: `frappe.db.get_value` and its family."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from itertools import islice
from typing import Any

import frappe
from frappe.database.names import identifier
from frappe.types.frappedict import _dict
from frappe.utils import cint, cstr, now, to_timedelta
from frappe.utils._numbers import cut


class Values:
    """Reading, writing, counting and deleting by conditions."""

    def get_value(
        self,
        doctype: str,
        filters: Any = None,
        fieldname: Any = "name",
        ignore: Any = None,
        as_dict: bool = False,
        debug: bool = False,
        order_by: str | None = "KEEP_DEFAULT_ORDERING",
        cache: bool = False,
        for_update: bool = False,
        *,
        run: bool = True,
        pluck: bool = False,
        distinct: bool = False,
        skip_locked: bool = False,
        wait: bool = True,
    ) -> Any:
        """A value of the first document that fits, a list for several fields, a dictionary with `as_dict`.

        :param filters: a name, or conditions
        :param order_by: fields with `asc` or `desc`; without a word the greatest comes first, unlike in lists
        :param cache: answer again from memory within this request
        :param for_update: lock the rows until the transaction ends; with `skip_locked` pass over those that
            somebody else has locked, without `wait` fail at once because of them
        :returns: None when nothing fits
        """
        rows = self.get_values(
            doctype, filters, fieldname, as_dict=as_dict, debug=debug, order_by=order_by, cache=cache,
            for_update=for_update, pluck=pluck, distinct=distinct, limit=1, skip_locked=skip_locked, wait=wait,
        )  # fmt: skip
        if not rows:
            return None
        row = rows[0]
        return row if as_dict or pluck or len(row) > 1 else row[0]

    def get_values(
        self,
        doctype: str,
        filters: Any = None,
        fieldname: Any = "name",
        ignore: Any = None,
        as_dict: bool = False,
        debug: bool = False,
        order_by: str | None = "KEEP_DEFAULT_ORDERING",
        update: dict | None = None,
        cache: bool = False,
        for_update: bool = False,
        *,
        run: bool = True,
        pluck: bool = False,
        distinct: bool = False,
        limit: int | None = None,
        skip_locked: bool = False,
        wait: bool = True,
    ) -> Any:
        """Values of every document that fits; see `get_value`."""
        key = None
        if cache and not for_update:
            key = (doctype, repr(filters), repr(fieldname), as_dict, order_by, limit, pluck)
            if key in self.value_cache:
                return self.value_cache[key]
        if filters is None or filters == doctype:
            single = self._single_values(doctype, fieldname, as_dict, pluck)
            if single is not None:
                return single
        try:
            rows = self._select(
                doctype, filters, fieldname, as_dict, order_by, pluck, distinct, limit, update,
                _lock(skip_locked, wait) if for_update else "",
            )  # fmt: skip
        except self.DatabaseError as error:
            # A single record has no table, and no other document beside it.
            if not (self.is_table_missing(error) and cint(frappe.get_meta(doctype).issingle)):
                raise
            rows = []
        if key is not None:
            self.value_cache[key] = rows
        return rows

    def _select(
        self,
        doctype: str,
        filters: Any,
        fieldname: Any,
        as_dict: bool,
        order_by: str | None,
        pluck: Any,
        distinct: bool,
        limit: int | None,
        update: dict | None,
        lock: str,
    ) -> Any:
        from frappe.model import filters as parsing

        scope = parsing.Scope(doctype, "Administrator", check_levels=False)
        fields = [fieldname] if isinstance(fieldname, str) else list(fieldname)
        selected = parsing.select_list(scope, fields)
        where = " and ".join(parsing.condition(scope, row) for row in parsing.normalize(doctype, filters))
        query = f"select {'distinct ' if distinct else ''}" + ", ".join(
            f"{sql} as `{name}`" for sql, name in selected
        )
        query += f" from `tab{doctype}`" + "".join(f" {join}" for join in scope.joins.values())
        if where:
            query += f" where {where}"
        by_name = isinstance(filters, str | int)
        if order_by and not by_name and not any("(" in sql for sql, _ in selected):
            if order_by == "KEEP_DEFAULT_ORDERING":
                order_by = "creation desc" if distinct is False else None
            if order_by:
                aliases = {name: sql for sql, name in selected}
                query += f" order by {parsing.order_list(scope, order_by, aliases, direction='desc')}"
        if limit:
            query += f" limit {cint(limit)}"
        query += lock
        return self.sql(query, scope.values, as_dict=as_dict, update=update, pluck=bool(pluck))

    def _single_values(self, doctype: str, fieldname: Any, as_dict: bool, pluck: Any) -> list | None:
        meta = frappe.get_meta(doctype)
        if not cint(meta.issingle):
            return None
        values = self.get_singles_dict(doctype, cast=True)
        fields = [fieldname] if isinstance(fieldname, str) else list(fieldname)
        if fields == ["*"]:
            fields = list(values)
        row = [values.get(name) if name != "name" else doctype for name in fields]
        if as_dict:
            return [_dict(zip(fields, row, strict=True))]
        return row if pluck else [tuple(row)]

    def get_singles_dict(
        self, doctype: str, debug: bool = False, *, for_update: bool = False, cast: bool = False
    ):
        """All fields of a single DocType."""
        lock = " for update" if for_update else ""
        rows = self.sql(f"select `field`, `value` from `tabSingles` where `doctype` = %s{lock}", (doctype,))
        values = _dict(rows)
        if cast:
            from frappe.utils.data import cast as to_type

            for field in frappe.get_meta(doctype).fields:
                if field.fieldname in values and values[field.fieldname] is not None:
                    values[field.fieldname] = to_type(field.fieldtype, values[field.fieldname])
        return values

    def get_single_value(self, doctype: str, fieldname: str, cache: bool = True) -> Any:
        """One field of a single DocType, in its type."""
        key = ("single", doctype, fieldname)
        if cache and key in self.value_cache:
            return self.value_cache[key]
        rows = self.sql(
            "select `value` from `tabSingles` where `doctype` = %s and `field` = %s limit 1",
            (doctype, fieldname),
        )
        field = frappe.get_meta(doctype).get_field(fieldname)
        if field is None and fieldname not in self.DEFAULT_COLUMNS:
            frappe.throw(
                frappe._("Field {0} does not exist on {1}").format(fieldname, doctype),
                frappe.InvalidColumnName,
            )
        value = rows[0][0] if rows else None
        if field is not None:
            from frappe.utils.data import cast as to_type

            value = (
                to_type(field.fieldtype, value) if value is not None or field.fieldtype in _NUMBERS else value
            )
        self.value_cache[key] = value
        return value

    def set_single_value(
        self, doctype: str, fieldname: Any, value: Any = None, *args: Any, **kwargs: Any
    ) -> None:
        """Changes fields of a single DocType without its controller."""
        values = fieldname if isinstance(fieldname, dict) else {fieldname: value}
        values = {**values, "modified": now(), "modified_by": frappe.session.user if frappe.session else None}
        self.sql("delete from `tabSingles` where `doctype` = %s and `field` in %s", (doctype, tuple(values)))
        for field, entry in values.items():
            self.sql(
                "insert into `tabSingles` (`doctype`, `field`, `value`) values (%s, %s, %s)",
                (doctype, field, entry if entry is None else cstr(entry)),
            )
        self.value_cache.clear()
        frappe.clear_document_cache(doctype, doctype)

    def set_value(
        self,
        dt: str,
        dn: Any,
        field: Any,
        val: Any = None,
        modified: Any = None,
        modified_by: str | None = None,
        update_modified: bool = True,
        debug: bool = False,
        for_update: bool = True,
    ) -> None:
        """Writes fields past the document: no checks, no hooks.

        :param dn: a name or conditions; None or the DocType's name for a single
        """
        if dn is None or dn == dt:
            self.set_single_value(dt, field, val)
            return
        values = dict(field) if isinstance(field, dict) else {field: val}
        if update_modified:
            values["modified"] = modified or now()
            values["modified_by"] = modified_by or frappe.session.user
        from frappe.model import filters as parsing

        scope = parsing.Scope(dt, "Administrator", check_levels=False)
        assignments = ", ".join(
            f"{identifier(name)} = {scope.parameter(_stored(value))}" for name, value in values.items()
        )
        where = " and ".join(parsing.condition(scope, row) for row in parsing.normalize(dt, dn))
        self.sql(f"update `tab{dt}` set {assignments}" + (f" where {where}" if where else ""), scope.values)
        self.value_cache.clear()
        name = str(dn) if isinstance(dn, str | int) else None
        frappe.clear_document_cache(dt, name)
        if not update_modified:
            from frappe.model.document_cache import mark_written

            mark_written(dt, name)

    def exists(self, dt: Any, dn: Any = None, cache: bool = False, *, debug: bool = False) -> Any:
        """The name of a document that fits, None when there is none."""
        if isinstance(dt, dict):
            conditions = dict(dt)
            dt = conditions.pop("doctype")
            dn = conditions
        if dt == dn and dn is not None:
            return dn if cint(frappe.get_meta(dt).issingle) else self.get_value(dt, {"name": dn}, cache=cache)
        if dn in (None, "") or (isinstance(dn, dict | list) and not dn):
            if isinstance(dn, dict | list):
                return self.get_value(dt, [], "name", cache=cache, order_by=None)
            return None
        return self.get_value(dt, dn, "name", cache=cache, order_by=None)

    def count(
        self, dt: str, filters: Any = None, debug: bool = False, cache: bool = False, distinct: bool = True
    ):
        """How many documents fit."""
        from frappe.model import filters as parsing

        scope = parsing.Scope(dt, "Administrator", check_levels=False)
        where = " and ".join(parsing.condition(scope, row) for row in parsing.normalize(dt, filters))
        what = f"distinct `tab{dt}`.`name`" if scope.joins else "*"
        query = f"select count({what}) from `tab{dt}`" + "".join(f" {join}" for join in scope.joins.values())
        return self.sql(query + (f" where {where}" if where else ""), scope.values)[0][0]

    def get_all(self, *args: Any, **kwargs: Any) -> list:
        """See `frappe.get_all`."""
        return frappe.get_all(*args, **kwargs)

    get_list = staticmethod(lambda *args, **kwargs: frappe.get_list(*args, **kwargs))

    def delete(self, doctype: str, filters: Any = None, debug: bool = False, **kwargs: Any) -> None:
        """Deletes rows past their documents; without conditions all of them."""
        from frappe.model import filters as parsing

        if doctype.startswith("__") or doctype in {"Singles", "Series", "DefaultValue", "Sessions"}:
            self._delete_plain(doctype, filters or kwargs.get("conditions"))
            return
        scope = parsing.Scope(doctype, "Administrator", check_levels=False)
        where = " and ".join(parsing.condition(scope, row) for row in parsing.normalize(doctype, filters))
        self.sql(f"delete from `tab{doctype}`" + (f" where {where}" if where else ""), scope.values)
        self.value_cache.clear()

    def _delete_plain(self, table: str, filters: dict | None) -> None:
        name = table if table.startswith("__") else f"tab{table}"
        parts, values = [], []
        for column, value in (filters or {}).items():
            word = "in" if isinstance(value, list | tuple | set) else "="
            parts.append(f"{identifier(column)} {word} %s")
            values.append(tuple(value) if word == "in" else value)
        query = f"delete from {identifier(name)}"
        self.sql(query + (f" where {' and '.join(parts)}" if parts else ""), tuple(values))

    def truncate(self, doctype: str) -> None:
        """Empties a table."""
        self.sql(f"delete from {identifier(f'tab{doctype}')}")

    def bulk_insert(
        self,
        doctype: str,
        fields: list[str],
        values: Iterable[Any],
        ignore_duplicates: bool = False,
        *,
        chunk_size: int = 10_000,
    ) -> None:
        """Inserts many rows past their documents.

        :param fields: names of the columns
        :param values: a row of values for each document
        """
        columns = ", ".join(identifier(field) for field in fields)
        marks = ", ".join(["%s"] * len(fields))
        ignore = self.dialect.ignoring if ignore_duplicates else ""
        query = f"insert {ignore}into {identifier(f'tab{doctype}')} ({columns}) values ({marks})"
        rows, count = iter(values), 0
        try:
            while chunk := [tuple(row) for row in islice(rows, chunk_size)]:
                self._execute_many(query, chunk)
                self.transaction_writes += len(chunk)
                count += len(chunk)
        except self.DatabaseError as error:
            translated = self.translate_error(error)
            if translated is None:
                raise
            raise translated from error
        self.query_count += 1
        self.after_loading(f"tab{doctype}", count)


_NUMBERS = {"Int", "Check", "Float", "Currency", "Percent", "Long Int", "Rating", "Duration"}


def _lock(skip_locked: bool, wait: bool) -> str:
    """The end of a statement that locks what it reads."""
    return " for update" + (" skip locked" if skip_locked else "" if wait else " nowait")


def _stored(value: Any) -> Any:
    """A value as a column takes it."""
    if isinstance(value, dict | list):
        return frappe.as_json(value, indent=0)
    if isinstance(value, datetime.time):
        return to_timedelta(value)
    return cut(value) if isinstance(value, float) else value
