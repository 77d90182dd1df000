"""The public methods of `frappe.db`. What differs between databases is in the subclasses and their dialect."""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import frappe
from frappe.database.dialect import Dialect
from frappe.types.frappedict import _dict
from frappe.utils import CallbackManager, cint, cstr, flt, get_datetime, getdate, now, to_timedelta

_IDENTIFIER = re.compile(r"^[A-Za-z0-9_][A-Za-z0-9_ \-()&/.]*$")


def identifier(name: str) -> str:
    """A table's or column's name, quoted.

    :raises frappe.DataError: for a name that cannot be one
    """
    if not _IDENTIFIER.match(name or ""):
        frappe.throw(f"Invalid name: {name}", frappe.DataError)
    return f"`{name}`"


class Database:
    """A connection to a site's database and the transaction on it."""

    db_type = ""
    dialect: Dialect
    DatabaseError: type[Exception] = Exception
    MAX_COLUMN_LENGTH = 64
    VARCHAR_LEN = 140
    DEFAULT_SHORTCUTS = ("_Login", "__user", "_Full Name", "Today", "__today", "now", "Now")
    STANDARD_VARCHAR_COLUMNS = ("name", "owner", "modified_by")
    DEFAULT_COLUMNS = ("name", "creation", "modified", "modified_by", "owner", "docstatus", "idx")
    CHILD_TABLE_COLUMNS = ("parent", "parenttype", "parentfield")
    OPTIONAL_COLUMNS = ("_user_tags", "_comments", "_assign", "_liked_by")

    def __init__(self) -> None:
        self.process = os.getpid()
        self.closed = False
        self.reset()

    def reset(self) -> None:
        """Forgets what belongs to one request."""
        self.value_cache: dict = {}
        self.before_commit = CallbackManager()
        self.after_commit = CallbackManager()
        self.before_rollback = CallbackManager()
        self.after_rollback = CallbackManager()
        self.transaction_writes = 0
        self.query_count = 0
        self._columns: dict[str, list[str]] = {}

    # -- the subclass's part

    def _execute(self, query: str, values: Any) -> Any:
        raise TypeError("a database has its own way to run a statement")

    def _execute_many(self, query: str, rows: Any) -> None:
        raise TypeError("a database has its own way to run statements")

    def translate_error(self, error: Exception) -> Exception | None:
        """The framework's exception for one of the database's."""
        return None

    def begin(self, *, read_only: bool = False) -> None:
        """Begins a transaction."""

    def backup_to(self, target: str) -> None:
        """Writes a consistent copy into a file."""
        raise TypeError("this database is copied by its own tools")

    # -- statements

    def sql(
        self,
        query: Any,
        values: Any = (),
        as_dict: Any = 0,
        as_list: Any = 0,
        debug: Any = 0,
        ignore_ddl: Any = 0,
        auto_commit: Any = 0,
        update: dict | None = None,
        explain: bool = False,
        run: bool = True,
        pluck: bool = False,
        as_iterator: bool = False,
    ) -> Any:
        """Runs a statement. Values take the place of `%s` or `%(name)s`; lists may stand behind `in`.

        :returns: rows as tuples, dictionaries (`as_dict`), lists (`as_list`) or first values (`pluck`)
        """
        query = str(query)
        if not run:
            return query
        if values not in ((), None) and not isinstance(values, dict | list | tuple):
            values = (values,)
        self.query_count += 1
        if debug:
            frappe.log(query)
        try:
            cursor = self._execute(query, values)
        except self.DatabaseError as error:
            translated = self.translate_error(error)
            if translated is None:
                raise
            raise translated from error
        if cursor.description is None:
            self.transaction_writes += max(cursor.rowcount, 0)
            return ()
        if as_iterator:
            return self._iterate(cursor, as_dict, as_list, pluck)
        rows = cursor.fetchall()
        if pluck:
            return [row[0] for row in rows]
        if as_dict:
            return _as_dicts([entry[0] for entry in cursor.description], rows, update)
        return [list(row) for row in rows] if as_list else tuple(rows)

    def _iterate(self, cursor: Any, as_dict: Any, as_list: Any, pluck: bool) -> Iterator:
        names = [entry[0] for entry in cursor.description]
        while rows := cursor.fetchmany(1000):
            for row in rows:
                if pluck:
                    yield row[0]
                elif as_dict:
                    yield _dict(zip(names, row, strict=True))
                else:
                    yield list(row) if as_list else row

    def sql_list(self, query: Any, values: Any = (), **kwargs: Any) -> list:
        """The first value of each row."""
        return self.sql(query, values, pluck=True, **kwargs)

    def sql_ddl(self, query: str, debug: bool = False) -> None:
        """Runs a statement that changes tables."""
        self.commit()
        self.sql(query, debug=debug)
        self.commit()

    def multisql(self, sql_dict: dict[str, str], values: Any = (), **kwargs: Any) -> Any:
        """Runs the statement written for this database."""
        return self.sql(sql_dict.get(self.db_type) or sql_dict.get("mariadb"), values, **kwargs)

    # -- transactions

    def commit(self) -> None:
        """Makes the transaction lasting, and runs what waits for that."""
        self.before_commit.run()
        if self.in_transaction:
            self._execute("commit", None)
        self.before_rollback.reset()
        self.after_rollback.reset()
        self.transaction_writes = 0
        self.after_commit.run()

    def rollback(self, *, save_point: str | None = None) -> None:
        """Undoes the transaction, or what came after a savepoint."""
        if save_point:
            self._execute(f"rollback to savepoint {identifier(save_point)}", None)
            return
        self.before_rollback.run()
        if self.in_transaction:
            self._execute("rollback", None)
        self.before_commit.reset()
        self.after_commit.reset()
        self.value_cache.clear()
        self.transaction_writes = 0
        self.after_rollback.run()

    @property
    def in_transaction(self) -> bool:
        """Whether something waits to be committed."""
        return False

    def savepoint(self, save_point: str) -> None:
        """Marks a point to which one can go back."""
        self.begin()
        self._execute(f"savepoint {identifier(save_point)}", None)

    def release_savepoint(self, save_point: str) -> None:
        """Forgets a mark."""
        self._execute(f"release savepoint {identifier(save_point)}", None)

    @contextmanager
    def savepoint_context(self, catch: Any = Exception) -> Iterator[None]:
        """Undoes what is inside when `catch` is raised, which ends there."""
        name = f"sp_{frappe.generate_hash(length=10)}"
        self.savepoint(name)
        try:
            yield
        except catch:
            self.rollback(save_point=name)
        else:
            self.release_savepoint(name)

    # -- values

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
        :param cache: answer again from memory within this request
        :returns: None when nothing fits
        """
        rows = self.get_values(
            doctype, filters, fieldname, as_dict=as_dict, debug=debug, order_by=order_by, cache=cache,
            for_update=for_update, pluck=pluck, distinct=distinct, limit=1,
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
        rows = self._select(
            doctype, filters, fieldname, as_dict, order_by, for_update, pluck, distinct, limit, update
        )
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
        for_update: bool,
        pluck: Any,
        distinct: bool,
        limit: int | None,
        update: dict | None,
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
                query += (
                    f" order by {parsing.order_list(scope, order_by, {name: sql for sql, name in selected})}"
                )
        if limit:
            query += f" limit {cint(limit)}"
        if for_update:
            query += " for update"
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
        rows = self.sql("select `field`, `value` from `tabSingles` where `doctype` = %s", (doctype,))
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
        frappe.clear_document_cache(dt, dn if isinstance(dn, str | int) else None)

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
        ignore = (
            {"sqlite": "or ignore ", "mariadb": "ignore "}.get(self.db_type, "") if ignore_duplicates else ""
        )
        query = f"insert {ignore}into {identifier(f'tab{doctype}')} ({columns}) values ({marks})"
        chunk: list = []
        try:
            for row in values:
                chunk.append(tuple(row))
                if len(chunk) >= chunk_size:
                    self._execute_many(query, chunk)
                    chunk = []
            if chunk:
                self._execute_many(query, chunk)
        except self.DatabaseError as error:
            translated = self.translate_error(error)
            if translated is None:
                raise
            raise translated from error
        self.query_count += 1

    # -- structure

    def get_tables(self, cached: bool = True) -> list[str]:
        """Names of all tables."""
        return self.sql(self.dialect.tables(), pluck=True)

    def table_exists(self, doctype: str, cached: bool = True) -> bool:
        """Whether the DocType has a table."""
        return f"tab{doctype}" in self.get_tables()

    has_table = table_exists

    def get_db_table_columns(self, table: str) -> list[str]:
        """Names of a table's columns."""
        return [row[0] for row in self.sql(self.dialect.columns(table))]

    def get_table_columns(self, doctype: str) -> list[str]:
        """Names of a DocType's columns.

        :raises frappe.db.DatabaseError: when there is no table
        """
        if doctype not in self._columns:
            columns = self.get_db_table_columns(f"tab{doctype}")
            if not columns:
                raise self.DatabaseError(f"no such table: tab{doctype}")
            self._columns[doctype] = columns
        return self._columns[doctype]

    def has_column(self, doctype: str, column: str) -> bool:
        """Whether a DocType's table has a column."""
        return column in self.get_table_columns(doctype)

    def get_column_type(self, doctype: str, column: str) -> str:
        """The type of a column."""
        rows = self.sql(self.dialect.columns(f"tab{doctype}"))
        return next((row[1] for row in rows if row[0] == column), "")

    def has_index(self, table_name: str, index_name: str) -> bool:
        """Whether a table has an index of this name."""
        return any(row[0] == index_name for row in self.sql(self.dialect.indexes(table_name)))

    def add_index(self, doctype: str, fields: list[str], index_name: str | None = None) -> None:
        """Adds an index unless it is there."""
        self._create_index(doctype, fields, index_name or self.get_index_name(fields), unique=False)

    def add_unique(self, doctype: str, fields: Any, constraint_name: str | None = None) -> None:
        """Adds a rule that values are unique unless it is there."""
        fields = [fields] if isinstance(fields, str) else list(fields)
        self._create_index(doctype, fields, constraint_name or f"unique_{'_'.join(fields)}", unique=True)

    def _create_index(self, doctype: str, fields: list[str], name: str, unique: bool) -> None:
        table = f"tab{doctype}"
        # Names of indexes are shared by all tables of a SQLite file.
        full = f"{frappe.scrub(doctype)}_{name}"
        if self.has_index(table, full):
            return
        columns = ", ".join(identifier(re.sub(r"\(\d+\)$", "", field.strip())) for field in fields)
        kind = "unique index" if unique else "index"
        self.sql_ddl(f"create {kind} {identifier(full)} on {identifier(table)} ({columns})")

    @staticmethod
    def get_index_name(fields: list[str]) -> str:
        """The name of an index over fields."""
        return re.sub(r"\(\d+\)", "", "_".join(fields)) + "_index"

    def updatedb(self, doctype: str, meta: Any = None) -> None:
        """Brings a DocType's table into line with its metadata."""
        from frappe.database.schema import sync_table

        sync_table(meta or frappe.get_meta(doctype, cached=False))

    # -- small helpers

    def escape(self, s: Any, percent: bool = True) -> str:
        """A text as a literal of SQL."""
        text = cstr(s).replace("'", "''")
        if self.db_type == "mariadb":
            text = text.replace("\\", "\\\\")
        return "'" + (text.replace("%", "%%") if percent else text) + "'"

    def literal(self, value: Any) -> str:
        """Any value as a literal of SQL."""
        if value is None:
            return "null"
        if isinstance(value, list | tuple | set):
            return "(" + ", ".join(self.literal(entry) for entry in value) + ")"
        if isinstance(value, bool | int | float):
            return str(flt(value) if isinstance(value, float) else int(value))
        return self.escape(value, percent=False)

    @staticmethod
    def format_date(date: Any) -> str:
        """A date as the database compares it."""
        return getdate(date).strftime("%Y-%m-%d") if date else "0001-01-01"

    @staticmethod
    def format_datetime(moment: Any) -> str:
        """A moment as the database compares it."""
        return (
            get_datetime(moment).strftime("%Y-%m-%d %H:%M:%S.%f") if moment else "0001-01-01 00:00:00.000000"
        )

    def get_creation_count(self, doctype: str, minutes: int) -> int:
        """How many documents were made within the last minutes."""
        from frappe.utils import add_to_date

        return self.count(doctype, {"creation": (">", add_to_date(None, minutes=-minutes, as_string=True))})

    def get_default(self, key: str, parent: str = "__default") -> Any:
        """A default value."""
        from frappe import defaults

        return (
            defaults.get_global_default(key)
            if parent == "__default"
            else defaults.get_user_default(key, parent)
        )

    def set_default(
        self, key: str, val: Any, parent: str = "__default", parenttype: str | None = None
    ) -> None:
        """Sets a default value."""
        from frappe import defaults

        defaults.set_default(key, val, parent, parenttype)

    def set_global(self, key: str, val: Any, user: str = "__global") -> None:
        """Sets a value for the whole site."""
        self.set_default(key, val, user)

    def get_global(self, key: str, user: str = "__global") -> Any:
        """A value of the whole site."""
        return self.get_default(key, user)

    def after_commit_call(self, function: Any) -> None:
        """Runs a function when the transaction has become lasting."""
        self.after_commit.add(function)

    def get_last_created(self, doctype: str) -> Any:
        """When the newest document was made."""
        return self.get_value(doctype, {}, "creation", order_by="creation desc")


_NUMBERS = {"Int", "Check", "Float", "Currency", "Percent", "Long Int", "Rating", "Duration"}


def _stored(value: Any) -> Any:
    """A value as a column takes it."""
    if isinstance(value, dict | list):
        return frappe.as_json(value, indent=0)
    if isinstance(value, datetime.time):
        return to_timedelta(value)
    return value


def _as_dicts(names: list[str], rows: list, update: dict | None) -> list:
    if update:
        return [_dict(zip(names, row, strict=True), **update) for row in rows]
    return [_dict(zip(names, row, strict=False)) for row in rows]
