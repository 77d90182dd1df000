"""MariaDB as the site's database, through mysqlclient.

A connection belongs to a thread and a site and stays open between requests. A transaction begins with the first
statement, reading or writing, and sees the database as it was then; what is locked, it sees as it is now.
"""

from __future__ import annotations

import contextlib
import datetime
import os
import re
import threading
import weakref
from collections.abc import Iterable
from functools import partial
from typing import Any

import MySQLdb
from MySQLdb import _mysql
from MySQLdb.constants import CLIENT, CR, ER, FIELD_TYPE
from MySQLdb.converters import conversions

import frappe
from frappe.database.database import Database
from frappe.database.dialect import Column, Index
from frappe.database.mariadb_dialect import MariaDBDialect
from frappe.database.names import identifier

_GONE = {CR.SERVER_GONE_ERROR, CR.SERVER_LOST, CR.SERVER_LOST_EXTENDED, 1927, 4031}
_TOO_LATE = {ER.LOCK_WAIT_TIMEOUT, 1969, 3024, 3572}
_COLLIDED = {ER.LOCK_DEADLOCK, ER.CHECKREAD}
#: From how many rows at once a table is counted anew.
_MANY_ROWS = 1000
_NOT_ONLINE = {1845, 1846}
_TOO_LONG, _READ_ONLY, _ROW_TOO_WIDE = 1406, 1792, 1118
#: A value that the column cannot hold: no number, no date, too great, empty where it may not be, no JSON.
_NO_SUCH_VALUE = {1048, 1264, 1265, 1292, 1366, 4025}
_COMMITTING = re.compile(r"^\s*(?:alter|create|drop|truncate|rename|start|begin)\b", re.IGNORECASE)
_VALUES = re.compile(r"^(?P<head>.+? values )(?P<row>\(.+\))$", re.IGNORECASE | re.DOTALL)
_KEY = re.compile(r"for key '(?:[^']*\.)?(?P<key>[^']+)'")
#: Rows of one `insert` are sent in pieces of about so many bytes; servers take 16 MB and more.
_PACKET = 1_000_000
_MODE = "set session sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'"
_ISOLATION = b"set session transaction isolation level repeatable read"
_open = threading.local()
_alive: weakref.WeakSet = weakref.WeakSet()
#: Connections that came with a fork: they are the parent's, and must not even be closed.
_inherited: list[Any] = []


def _moment(text: str) -> datetime.datetime | None:
    try:
        return datetime.datetime.fromisoformat(text)
    except ValueError:
        return None


def _day(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None


_CONVERSIONS = conversions | {
    FIELD_TYPE.DECIMAL: float,
    FIELD_TYPE.NEWDECIMAL: float,
    FIELD_TYPE.DATETIME: _moment,
    FIELD_TYPE.TIMESTAMP: _moment,
    FIELD_TYPE.DATE: _day,
    datetime.datetime: lambda value, _: f"'{value.isoformat(sep=' ', timespec='microseconds')}'",
    datetime.date: lambda value, _: f"'{value.isoformat()}'",
    datetime.time: lambda value, _: f"'{value.isoformat(timespec='microseconds')}'",
}


class _Rows:
    """What a statement answered, in the words of a cursor."""

    __slots__ = ("_owner", "_result", "description", "rowcount")

    def __init__(self, connection: Any, *, kept: bool = True) -> None:
        # `kept` rows are held by the client and the connection is free again; others come from the server one by one.
        self._result = connection.store_result() if kept else connection.use_result()
        self._owner = None if kept else connection
        self.description = self._result.describe() if self._result else None
        self.rowcount = connection.affected_rows()

    def fetchall(self) -> tuple:
        """All rows that are left."""
        return self._result.fetch_row(0)

    def fetchmany(self, count: int) -> tuple:
        """At most so many of the rows that are left."""
        return self._result.fetch_row(count)

    def close(self) -> None:
        """Lets the rows go; a connection of its own ends."""
        self._result = None
        if self._owner is not None:
            self._owner.close()


class MariaDBDatabase(Database):
    """A site's database on a MariaDB server."""

    db_type = "mariadb"
    dialect = MariaDBDialect()
    DatabaseError = MySQLdb.DatabaseError
    OperationalError = MySQLdb.OperationalError
    IntegrityError = MySQLdb.IntegrityError
    ProgrammingError = MySQLdb.ProgrammingError
    DataError = MySQLdb.DataError
    InternalError = MySQLdb.InternalError

    def __init__(self, settings: dict[str, Any]) -> None:
        super().__init__()
        self._settings = settings
        self._active = False
        self._connection: Any = self._connect()
        _alive.add(self)

    @classmethod
    def of_site(cls, site_path: str, conf: Any) -> MariaDBDatabase:
        """The thread's connection to a site, opened when it is the first."""
        settings = settings_of(conf)
        key = (os.path.abspath(site_path), repr(settings))
        pool = _open.__dict__.setdefault("connections", {})
        known = pool.get(key)
        if known is None or known.closed or known.process != os.getpid():
            known = pool[key] = cls(settings)
        known.reset()
        return known

    def _connect(self) -> Any:
        connection = MySQLdb.connect(
            **self._settings, conv=_CONVERSIONS, charset="utf8mb4", init_command=_MODE, connect_timeout=10,
            client_flag=CLIENT.MULTI_RESULTS, multi_statements=False, autocommit=False,
        )  # fmt: skip
        connection.query(_ISOLATION)
        return connection

    def close(self) -> None:
        """Gives the connection back: what was not committed is undone; it stays open for the next request."""
        if self.in_transaction:
            self.rollback()

    def shut(self) -> None:
        """Ends the connection."""
        self.close()
        if self._connection is not None:
            self._connection.close()
        self.closed = True

    # -- statements

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open. One that has only read must end as well: it would go on seeing the past."""
        return self._active

    def begin(self, *, read_only: bool = False) -> None:
        """Begins a transaction that may not write; any other begins by itself."""
        if read_only and not self._active:
            self._execute("start transaction read only", None)

    def _execute(self, query: str, values: Any) -> Any:
        if self.transaction_writes and _COMMITTING.match(query):
            raise frappe.ImplicitCommitError("This statement can cause implicit commit", query)
        if query in ("commit", "rollback"):
            return self._end(query)
        self._send(self._bound(query, values))
        return _Rows(self._connection)

    def _execute_many(self, query: str, rows: Iterable[Any]) -> None:
        parts = _VALUES.match(query)
        if parts is None:
            for row in rows:
                self._execute(query, row)
            return
        head, template = parts["head"].encode(), parts["row"].encode()
        pieces, size = [], 0
        for row in rows:
            piece = template % tuple(map(self._literal, row))
            if size + len(piece) > _PACKET and pieces:
                self._send(head + b",".join(pieces))
                pieces, size = [], 0
            pieces.append(piece)
            size += len(piece)
        if pieces:
            self._send(head + b",".join(pieces))

    def _stream(self, query: str, values: Any) -> Any:
        """Rows from the server one by one, over a connection of their own, while this one is used for other things.

        What this transaction has written is only seen from here: then the rows are held by the client.
        """
        if self.transaction_writes:
            return self._execute(query, values)
        other = self._connect()
        other.query(self._bound(query, values))
        return _Rows(other, kept=False)

    def _connection_now(self) -> Any:
        if self._connection is None:
            self._connection = self._connect()
        return self._connection

    def _bound(self, query: str, values: Any) -> bytes:
        """The statement with its values written into it, escaped."""
        if not values:
            return query.encode()
        literal = self._literal
        if isinstance(values, dict):
            return query.encode() % {key.encode(): literal(value) for key, value in values.items()}
        return query.encode() % tuple([literal(value) for value in values])

    def _literal(self, value: Any) -> bytes:
        """A value as SQL. The commonest are written here: every statement passes by."""
        kind = type(value)
        if kind is str:
            return self._connection_now().string_literal(value.encode())
        if kind is int:
            return b"%d" % value
        if value is None:
            return b"NULL"
        if kind is set or kind is frozenset:
            value = tuple(value)
        return self._connection_now().literal(value)

    def _send(self, statement: bytes) -> None:
        """Sends a statement. A connection that the server has given up is replaced, unless a transaction went with it."""
        first = not self._active
        # Before it is sent: a statement that fails may have begun a transaction, too.
        self._active = True
        try:
            self._connection_now().query(statement)
        except MySQLdb.OperationalError as error:
            if error.args[0] not in _GONE or not first:
                raise
            self._connection = self._connect()
            self._connection.query(statement)

    def _end(self, word: str) -> None:
        try:
            self._connection_now().query(word.encode())
        except MySQLdb.OperationalError as error:
            if word == "commit" or error.args[0] not in _GONE:
                raise
            # With the connection the transaction is gone: it is undone already.
            self._connection = None
        self._active = False

    # -- errors

    def translate_error(self, error: Exception) -> Exception | None:
        """The framework's exception for one of the database's, None to pass it on."""
        code = _code(error)
        if code == ER.DUP_ENTRY:
            return frappe.UniqueValidationError(str(error))
        if code in _TOO_LATE:
            return frappe.QueryTimeoutError(str(error))
        if code in _COLLIDED:
            return frappe.QueryDeadlockError(str(error))
        if code == _TOO_LONG:
            return frappe.CharacterLengthExceededError(str(error))
        if code in _NO_SUCH_VALUE:
            return frappe.DataError(str(error))
        if code == _READ_ONLY:
            return frappe.InReadOnlyMode(str(error))
        if code == _ROW_TOO_WIDE:
            return frappe.ValidationError(
                frappe._("The record has too many columns of text. Make some of them Small Text or Text.")
            )
        return None

    def is_duplicate_entry(self, error: Exception) -> bool:
        """Whether an error says that a value exists already."""
        return _code(error) == ER.DUP_ENTRY

    def is_primary_key_violation(self, error: Exception) -> bool:
        """Whether an error says that the name exists already."""
        return self.is_duplicate_entry(error) and "PRIMARY" in str(error)

    def is_unique_key_violation(self, error: Exception) -> bool:
        """Whether an error says that a unique value exists already."""
        return self.is_duplicate_entry(error) and "PRIMARY" not in str(error)

    def is_table_missing(self, error: Exception) -> bool:
        """Whether an error says that there is no such table."""
        return _code(error) == ER.NO_SUCH_TABLE

    def is_missing_column(self, error: Exception) -> bool:
        """Whether an error says that there is no such column."""
        return _code(error) == ER.BAD_FIELD_ERROR

    def is_deadlocked(self, error: Exception) -> bool:
        """Whether an error says that two transactions waited for each other."""
        return _code(error) in _COLLIDED

    def is_timedout(self, error: Exception) -> bool:
        """Whether an error says that a lock or a statement took too long."""
        return _code(error) in _TOO_LATE

    def is_data_too_long(self, error: Exception) -> bool:
        """Whether an error says that a text is longer than its column."""
        return _code(error) == _TOO_LONG

    def duplicate_columns(self, error: Exception, doctype: str) -> list[str]:
        named = _KEY.search(str(error))
        if named is None or named["key"] == "PRIMARY":
            return ["name"]
        return self.sql(
            "select column_name from information_schema.statistics where table_schema = database()"
            " and table_name = %s and index_name = %s order by seq_in_index",
            (f"tab{doctype}", named["key"]),
            pluck=True,
        ) or [named["key"]]

    # -- counters

    def count_up(self, table: str, key_column: str, key: str, column: str) -> int:
        number = identifier(column)
        self.sql(
            f"insert into {identifier(table)} ({identifier(key_column)}, {number}) values (%s, last_insert_id(1))"
            f" on duplicate key update {number} = last_insert_id({number} + 1)",
            (key,),
        )
        return self._connection.insert_id()

    def sequence_statements(self, doctype: str) -> list[str]:
        name = sequence_of(doctype)
        known = self.sql(
            "select 1 from information_schema.tables where table_schema = database() and table_name = %s",
            (name,),
        )
        return [] if known else [f"create sequence if not exists {identifier(name)} nocache nocycle"]

    def get_next_sequence_val(self, doctype: str) -> int:
        """The next number of an auto-incremented name; never given twice, gaps are possible."""
        return self.sql(f"select nextval({identifier(sequence_of(doctype))})")[0][0]

    # -- structure

    def change_structure(self, statements: list[str]) -> None:
        """Runs statements that make or change tables, online where the server can. Each is lasting at once."""
        if self.in_transaction:
            self.commit()
        for statement in statements:
            if statement.startswith("alter table"):
                self._alter(statement)
            else:
                self.sql(statement)
            # Such a statement ends its transaction by itself.
            self._active = False
            self.transaction_writes = 0

    def after_loading(self, table: str, count: int) -> None:
        """Once they are lasting, the server counts the rows anew.

        By itself it does so some seconds later, and sorts whole tables until then instead of following an index.
        """
        if count >= _MANY_ROWS and table not in self._loaded:
            self._loaded.add(table)
            self.after_rollback.add(self._loaded.clear)
            self.after_commit.add(partial(self._count_anew, table))

    def _count_anew(self, table: str) -> None:
        self._loaded.discard(table)
        try:
            self.change_structure([f"analyze table {identifier(table)}"])
        except self.DatabaseError as error:
            frappe.logger("database").warning("%s was not analysed: %s", table, error)

    def reset(self) -> None:
        super().reset()
        self._loaded: set[str] = set()

    def _alter(self, statement: str) -> None:
        try:
            self.sql(f"{statement}, algorithm = nocopy, lock = none")
        except self.OperationalError as error:
            if _code(error) not in _NOT_ONLINE:
                raise
            self.sql(statement)

    def changes_of_table(
        self, table: str, known: Any, columns: dict[str, Column], indexes: list[Index], obsolete: list[str]
    ) -> list[str]:
        dialect, parts = self.dialect, []
        there = {row[0]: row for row in known}
        for name, column in columns.items():
            if name not in there:
                parts.append(f"add column {dialect.define(column)}")
            elif not column.primary and not dialect.is_as_wanted(there[name], column):
                parts += self._change_of_column(table, there[name], column)
        named = {row[0] for row in self.sql(dialect.indexes(table))}
        lines = [dialect.alter(table, parts)] if parts else []
        gone = [f"drop index {identifier(name)}" for name in obsolete if name in named]
        lines += [dialect.alter(table, gone)] if gone else []
        return lines + [dialect.add_index(table, index) for index in indexes if index.name not in named]

    def _change_of_column(self, table: str, row: Any, column: Column) -> list[str]:
        """Nothing that is stored is cut off: a column stays longer than wanted while a value needs it."""
        name, length = identifier(column.name), _length(column.type)
        if length is not None and (_length(row[1]) or length + 1) > length:
            longest = self.sql(f"select max(char_length({name})) from {identifier(table)}")[0][0]
            if longest and longest > length:
                frappe.msgprint(
                    frappe._("{0} keeps its length, because a value has {1} characters").format(
                        column.name, longest
                    )
                )
                return []
        if row[3] == "YES" and column.not_null:
            self.sql(f"update {identifier(table)} set {name} = {column.default or 0} where {name} is null")
        return [f"modify column {self.dialect.define(column)}"]

    def get_row_size(self, doctype: str) -> int:
        """Bytes that a row of a DocType's table may take, of the 65,535 that the server allows."""
        rows = self.sql(
            "select coalesce(sum(case when data_type in ('varchar', 'char') then character_octet_length + 2"
            " when data_type like '%%text' or data_type like '%%blob' then 12 else 9 end), 0)"
            " from information_schema.columns where table_schema = database() and table_name = %s",
            (f"tab{doctype}",),
        )
        return int(rows[0][0])

    def get_database_size(self) -> float:
        """Size in MB."""
        rows = self.sql(
            "select sum(data_length + index_length) / 1048576 from information_schema.tables"
            " where table_schema = database()"
        )
        return float(rows[0][0] or 0)

    def escape(self, s: Any, percent: bool = True) -> str:
        """A text as a literal of SQL."""
        return super().escape(s, percent).replace("\\", "\\\\")


def settings_of(conf: Any) -> dict[str, Any]:
    """What mysqlclient needs to know, from a site's configuration.

    :raises frappe.ImproperDBConfigurationError: when the database is not named
    """
    if not conf.get("db_name"):
        raise frappe.ImproperDBConfigurationError("db_name is missing in the site's configuration")
    settings: dict[str, Any] = {
        "user": conf.get("db_user") or conf["db_name"], "password": conf.get("db_password") or "",
        "database": conf["db_name"],
    }  # fmt: skip
    if conf.get("db_socket"):
        settings["unix_socket"] = conf["db_socket"]
    else:
        settings |= {"host": conf.get("db_host") or "127.0.0.1", "port": int(conf.get("db_port") or 3306)}
    tls = {name: conf[f"db_ssl_{name}"] for name in ("ca", "cert", "key") if conf.get(f"db_ssl_{name}")}
    return settings | ({"ssl": tls} if tls else {})


def sequence_of(doctype: str) -> str:
    """The name of the counter of a DocType whose names are numbers."""
    return f"{frappe.scrub(doctype)}_id_seq"


def _length(type_: str) -> int | None:
    return int(type_[8:-1]) if type_.startswith("varchar(") else None


def _code(error: BaseException | None) -> int | None:
    """The server's number of an error, also of one that was translated."""
    while error is not None:
        if isinstance(error, MySQLdb.Error) and error.args and isinstance(error.args[0], int):
            return error.args[0]
        error = error.__cause__
    return None


def _hold() -> None:
    """Before a fork: in the child the connections of other threads must not end by being forgotten."""
    _inherited.extend(_alive)


def _leave_to_parent() -> None:
    """In a forked child: what it sends must not reach the parent's server, not even a farewell."""
    for known in _inherited:
        with contextlib.suppress(OSError, _mysql.Error, AttributeError):
            nowhere = os.open(os.devnull, os.O_RDWR)
            os.dup2(nowhere, known._connection.fileno())
            os.close(nowhere)


os.register_at_fork(before=_hold, after_in_parent=_inherited.clear, after_in_child=_leave_to_parent)
