"""The public methods of `frappe.db`. What differs between databases is in the subclasses and their dialect."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import frappe
from frappe.database.dialect import Column, Dialect, Index
from frappe.database.names import identifier
from frappe.database.values import Values
from frappe.types.frappedict import _dict
from frappe.utils import CallbackManager, cstr, flt, get_datetime, getdate


class Database(Values):
    """A connection to a site's database and the transaction on it."""

    db_type = ""
    dialect: Dialect
    DatabaseError: type[Exception] = Exception
    MAX_COLUMN_LENGTH = 64
    VARCHAR_LEN = 140
    #: Bytes of a row that MariaDB takes.
    MAX_ROW_SIZE_LIMIT = 65_535
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

    def _stream(self, query: str, values: Any) -> Any:
        """A cursor whose rows are fetched a few at a time while other statements run."""
        return self._execute(query, values)

    def count_up(self, table: str, key_column: str, key: str, column: str) -> int:
        """Adds one to a number of a row, which is made when it is missing, and answers the number.

        Two transactions never get the same: the second waits for the first.
        """
        raise TypeError("a database has its own way to count")

    def after_loading(self, table: str, count: int) -> None:
        """What a table needs after many rows have come in at once."""

    def duplicate_columns(self, error: Exception, doctype: str) -> list[str]:
        """The columns whose values exist already, as an error about them tells."""
        raise TypeError("a database has its own words for duplicates")

    def sequence_statements(self, doctype: str) -> list[str]:
        """Statements that make the counter of a DocType whose names are numbers."""
        return []

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
            cursor = (self._stream if as_iterator else self._execute)(query, values)
        except self.DatabaseError as error:
            translated = self.translate_error(error)
            if translated is None:
                raise
            raise translated from error
        self._description = cursor.description
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
        try:
            while rows := cursor.fetchmany(1000):
                for row in rows:
                    if pluck:
                        yield row[0]
                    elif as_dict:
                        yield _dict(zip(names, row, strict=True))
                    else:
                        yield list(row) if as_list else row
        finally:
            cursor.close()

    def get_description(self) -> Any:
        """The columns of the last statement: a sequence whose entries begin with the column's head."""
        return self._description

    def sql_list(self, query: Any, values: Any = (), **kwargs: Any) -> list:
        """The first value of each row."""
        return self.sql(query, values, pluck=True, **kwargs)

    def sql_ddl(self, query: str, debug: bool = False) -> None:
        """Runs a statement that changes tables."""
        self.commit()
        self.change_structure([query])
        self.commit()

    def rename_table(self, old_name: str, new_name: str) -> None:
        """Gives the table of a DocType the name of another."""
        old, new = (name if name.startswith("tab") else f"tab{name}" for name in (old_name, new_name))
        self.change_structure([f"alter table {identifier(old)} rename to {identifier(new)}"])

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

    @contextmanager
    def unbuffered_cursor(self) -> Iterator[None]:
        """Rows of the statements inside, read with `as_iterator`, are fetched a few at a time; here they always are."""
        yield

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
        names = {index_name, self.dialect.index_name(table_name, index_name)}
        return any(row[0] in names for row in self.sql(self.dialect.indexes(table_name)))

    def add_index(self, doctype: str, fields: list[str], index_name: str | None = None) -> None:
        """Adds an index unless it is there."""
        self._create_index(doctype, Index(index_name or self.get_index_name(fields), tuple(fields)))

    def add_unique(self, doctype: str, fields: Any, constraint_name: str | None = None) -> None:
        """Adds a rule that values are unique unless it is there."""
        fields = (fields,) if isinstance(fields, str) else tuple(fields)
        self._create_index(
            doctype, Index(constraint_name or f"unique_{'_'.join(fields)}", fields, unique=True)
        )

    def _create_index(self, doctype: str, index: Index) -> None:
        table = f"tab{doctype}"
        if not self.has_index(table, index.name):
            self.commit()
            self.change_structure([self.dialect.add_index(table, index)])
            self.commit()

    def change_structure(self, statements: list[str]) -> None:
        """Runs statements that make or change tables; where the database can, within the transaction."""
        for statement in statements:
            self.sql(statement)

    def changes_of_table(
        self, table: str, known: Any, columns: dict[str, Column], indexes: list[Index], obsolete: list[str]
    ) -> list[str]:
        """Statements that bring a table into line; none when it is.

        :param known: rows of (name, type, default, …) of the columns that are there
        :param obsolete: names of indexes that must not be there
        """
        there = {row[0] for row in known}
        statements = [
            f"alter table {identifier(table)} add column {self.dialect.define(column)}"
            for name, column in columns.items()
            if name not in there
        ]
        named = {row[0] for row in self.sql(self.dialect.indexes(table))}
        full = self.dialect.index_name
        statements += [
            f"drop index {identifier(full(table, name))}" for name in obsolete if full(table, name) in named
        ]
        return statements + [
            self.dialect.add_index(table, index) for index in indexes if full(table, index.name) not in named
        ]

    @staticmethod
    def get_index_name(fields: list[str]) -> str:
        """The name of an index over fields."""
        return re.sub(r"\(\d+\)", "", "_".join(fields)) + "_index"

    def get_row_size(self, doctype: str) -> int:
        """Bytes that a row of a DocType's table may take; 0 where nothing limits them."""
        return 0

    def updatedb(self, doctype: str, meta: Any = None) -> None:
        """Brings a DocType's table into line with its metadata."""
        from frappe.database.schema import sync_table

        sync_table(meta or frappe.get_meta(doctype, cached=False))

    # -- small helpers

    def escape(self, s: Any, percent: bool = True) -> str:
        """A text as a literal of SQL."""
        text = cstr(s).replace("'", "''")
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


def _as_dicts(names: list[str], rows: list, update: dict | None) -> list:
    if update:
        return [_dict(zip(names, row, strict=True), **update) for row in rows]
    return [_dict(zip(names, row, strict=False)) for row in rows]
