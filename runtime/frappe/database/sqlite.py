"""SQLite as the site's database.

A connection belongs to a thread and a site and stays open between requests. Reads take no lock; the first write
of a transaction takes the write lock at once, so that two writers wait for each other instead of failing half-way.
"""

from __future__ import annotations

import datetime
import decimal
import os
import re
import sqlite3
import threading
from functools import lru_cache
from typing import Any

import frappe
from frappe.database.database import Database
from frappe.database.dialect import Column, Dialect, Index, Table
from frappe.database.functions import register
from frappe.database.names import identifier

_PLACEHOLDER = re.compile(r"%\((\w+)\)s|%s|%%")
_LOCKING = re.compile(r"\s+for update(?: skip locked| nowait)?\s*$", re.IGNORECASE)
#: Milliseconds that a writer waits for another.
_PATIENCE = 30_000
_MANY = frozenset({list, tuple, set})
_READING = ("select", "with", "pragma", "explain", "values")
_open = threading.local()


def _time_text(value: datetime.timedelta) -> str:
    seconds = int(value.total_seconds())
    return f"{seconds // 3600:02d}:{seconds % 3600 // 60:02d}:{seconds % 60:02d}.{value.microseconds:06d}"


def _to_time(raw: bytes) -> datetime.timedelta | None:
    parts = raw.decode().split(":")
    if len(parts) < 2:
        return None
    hours, minutes, seconds = (*parts, "0")[:3]
    return datetime.timedelta(hours=int(hours), minutes=int(minutes), seconds=float(seconds))


def _to_datetime(raw: bytes) -> datetime.datetime | str:
    try:
        return datetime.datetime.fromisoformat(raw.decode())
    except ValueError:
        return raw.decode()


def _to_date(raw: bytes) -> datetime.date | str:
    try:
        return datetime.date.fromisoformat(raw[:10].decode())
    except ValueError:
        return raw.decode()


sqlite3.register_adapter(datetime.datetime, lambda value: value.isoformat(sep=" ", timespec="microseconds"))
sqlite3.register_adapter(datetime.date, lambda value: value.isoformat())
sqlite3.register_adapter(datetime.time, lambda value: value.isoformat(timespec="microseconds"))
sqlite3.register_adapter(datetime.timedelta, _time_text)
sqlite3.register_adapter(decimal.Decimal, float)
# A whole number in a column of decimals is stored as an integer; it is a float again when it is read.
sqlite3.register_converter("decimal", float)
sqlite3.register_converter("datetime", _to_datetime)
sqlite3.register_converter("date", _to_date)
sqlite3.register_converter("time", _to_time)


class SQLiteDialect(Dialect):
    """SQLite's ways."""

    text_collation = " COLLATE NOCASE"
    ignoring = "or ignore "

    def define(self, column: Column) -> str:
        """The definition of a column. Numbers may be empty here, as they always might."""
        if column.type == "serial" or (column.primary and column.type.startswith("bigint")):
            return f"`{column.name}` integer primary key"
        text = f"`{column.name}` {column.type}"
        if column.type.startswith(("varchar", "text", "longtext")):
            text += self.text_collation
        if column.default is not None:
            text += f" default {column.default}"
        elif column.not_null:
            text += " not null"
        return text + (" primary key" if column.primary else "")

    def create_table(self, table: Table) -> list[str]:
        parts = [self.define(column) for column in table.columns]
        if table.primary:
            parts.append(f"primary key ({', '.join(identifier(name) for name in table.primary)})")
        make = f"create table if not exists {identifier(table.name)} ({', '.join(parts)})"
        return [make, *(self.add_index(table.name, index) for index in table.indexes)]

    def add_index(self, table: str, index: Index) -> str:
        kind = "unique index" if index.unique else "index"
        # A prefix such as `text(100)` is an idea of MariaDB.
        columns = ", ".join(identifier(re.sub(r"\(\d+\)$", "", name.strip())) for name in index.columns)
        name = identifier(self.index_name(table, index.name))
        return f"create {kind} if not exists {name} on {identifier(table)} ({columns})"

    def index_name(self, table: str, name: str) -> str:
        """Names of indexes are shared by all tables of a file."""
        return f"{frappe.scrub(table.removeprefix('tab'))}_{name}"

    def tables(self) -> str:
        return "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'"

    def columns(self, table: str) -> str:
        return f"select name, type, dflt_value from pragma_table_info('{table}')"

    def indexes(self, table: str) -> str:
        return f"select name, \"unique\" from pragma_index_list('{table}')"


@lru_cache(maxsize=4096)
def _plain(query: str) -> str:
    """The query with SQLite's placeholders, when no value is a list."""
    return _PLACEHOLDER.sub(_replace, query)


def _replace(match: re.Match) -> str:
    if match.group() == "%%":
        return "%"
    return f":{match.group(1)}" if match.group(1) else "?"


def _expand(query: str, values: Any) -> tuple[str, Any]:
    """Query and values with every list written out."""
    if isinstance(values, dict):
        bound: dict[str, Any] = {}

        def named(match: re.Match) -> str:
            name = match.group(1)
            if name is None:
                return _replace(match)
            value = values[name]
            if isinstance(value, list | tuple | set):
                names = [f"{name}_{index}" for index in range(len(value))]
                bound.update(zip(names, value, strict=True))
                return "(" + ", ".join(f":{entry}" for entry in names) + ")"
            bound[name] = value
            return f":{name}"

        return _PLACEHOLDER.sub(named, query), bound
    remaining, flat = iter(values), []

    def positional(match: re.Match) -> str:
        if match.group() == "%%":
            return "%"
        value = next(remaining)
        if isinstance(value, list | tuple | set):
            flat.extend(value)
            return "(" + ", ".join("?" * len(value)) + ")"
        flat.append(value)
        return "?"

    return _PLACEHOLDER.sub(positional, query), flat


class SQLiteDatabase(Database):
    """A site's SQLite file."""

    db_type = "sqlite"
    dialect = SQLiteDialect()
    DatabaseError = sqlite3.DatabaseError
    OperationalError = sqlite3.OperationalError
    IntegrityError = sqlite3.IntegrityError
    ProgrammingError = sqlite3.ProgrammingError

    def __init__(self, path: str, synchronous: str = "NORMAL") -> None:
        super().__init__()
        self.path = path
        self._connection = sqlite3.connect(
            path,
            timeout=30,
            isolation_level=None,
            detect_types=sqlite3.PARSE_DECLTYPES,
            cached_statements=512,
        )
        self._cursor = self._connection.cursor()
        for pragma in ("journal_mode = WAL", f"synchronous = {synchronous}", f"busy_timeout = {_PATIENCE}",
                       "temp_store = MEMORY", "cache_size = -32000", "mmap_size = 268435456",
                       "case_sensitive_like = OFF"):  # fmt: skip
            self._cursor.execute(f"pragma {pragma}")
        register(self._connection)

    @classmethod
    def of_site(cls, site_path: str, conf: Any) -> SQLiteDatabase:
        """The thread's connection to a site, opened when it is the first."""
        path = os.path.abspath(os.path.join(site_path, "db", f"{conf.get('db_name') or 'site'}.db"))
        pool = _open.__dict__.setdefault("connections", {})
        known = pool.get(path)
        # A forked child must not use its parent's connection.
        if known is None or known.process != os.getpid() or known.closed or not os.path.exists(path):
            os.makedirs(os.path.dirname(path), exist_ok=True)
            # A process that answers for what it has committed may ask for more than the site: its environment decides.
            asked = os.environ.get("SQLITE_SYNCHRONOUS") or conf.get("sqlite_synchronous") or "NORMAL"
            known = cls(path, str(asked))
            pool[path] = known
        known.reset()
        return known

    def close(self) -> None:
        """Gives the connection back: what was not committed is undone; the file stays open for the next request."""
        if self.in_transaction:
            self.rollback()

    def shut(self) -> None:
        """Closes the file."""
        self.close()
        self._connection.close()
        self.closed = True

    @property
    def in_transaction(self) -> bool:
        """Whether something waits to be committed."""
        return self._connection.in_transaction

    def begin(self, *, read_only: bool = False) -> None:
        """Begins a writing transaction, waiting for other writers."""
        if self._connection.in_transaction or read_only:
            return
        try:
            self._cursor.execute("begin immediate")
        except sqlite3.OperationalError as error:
            raise self.translate_error(error) or error from error

    def _begin_at_once(self) -> None:
        """Takes the lock, or fails where somebody else has it."""
        self._cursor.execute("pragma busy_timeout = 0")
        try:
            self.begin()
        finally:
            self._cursor.execute(f"pragma busy_timeout = {_PATIENCE}")

    def _execute(self, query: str, values: Any) -> Any:
        head = query.lstrip("( \n\t")[:8].lower()
        if not head.startswith(_READING):
            self.begin()
        elif locking := _LOCKING.search(query, max(0, len(query) - 30)):
            # There is one lock, and it is taken before the row is read; nobody else's can be skipped.
            query = query[: locking.start()]
            if locking.group().rstrip().lower().endswith("nowait"):
                self._begin_at_once()
            self.begin()
        if values:
            items = values.values() if isinstance(values, dict) else values
            if not _MANY.isdisjoint(map(type, items)):
                query, values = _expand(query, values)
            else:
                query = _plain(query)
                values = values if isinstance(values, dict) else tuple(values)
            return self._cursor.execute(query, values)
        return self._cursor.execute(query)

    def _execute_many(self, query: str, rows: Any) -> None:
        self.begin()
        self._cursor.executemany(_plain(query), rows)

    def translate_error(self, error: Exception) -> Exception | None:
        """The framework's exception for one of the database's, None to pass it on."""
        text = str(error)
        if isinstance(error, sqlite3.IntegrityError) and "UNIQUE constraint failed" in text:
            return frappe.UniqueValidationError(text)
        if "database is locked" in text:
            return frappe.QueryTimeoutError(text)
        if "binding parameter" in text:
            # A list or an object where a value belongs.
            return frappe.DataError(text)
        return None

    def is_duplicate_entry(self, error: Exception) -> bool:
        """Whether an error says that a value exists already."""
        return "UNIQUE constraint failed" in str(error)

    is_unique_key_violation = is_duplicate_entry

    def is_primary_key_violation(self, error: Exception) -> bool:
        """Whether an error says that the name exists already."""
        return self.is_duplicate_entry(error) and str(error).rstrip().endswith(".name")

    def is_table_missing(self, error: Exception) -> bool:
        """Whether an error says that there is no such table."""
        return "no such table" in str(error)

    def is_missing_column(self, error: Exception) -> bool:
        """Whether an error says that there is no such column."""
        return "no such column" in str(error)

    def count_up(self, table: str, key_column: str, key: str, column: str) -> int:
        self.begin()
        self._cursor.execute(
            f"insert into {identifier(table)} ({identifier(key_column)}, {identifier(column)}) values (?, 1)"
            f" on conflict({identifier(key_column)}) do update set {identifier(column)} = {identifier(column)} + 1"
            f" returning {identifier(column)}",
            (key,),
        )
        self.query_count += 1
        return self._cursor.fetchone()[0]

    def get_next_sequence_val(self, doctype: str) -> int:
        """The next number of an auto-incremented name; never given twice, gaps are possible."""
        return self.count_up("tabSeries", "name", f"autoincrement::{doctype}", "current")

    def duplicate_columns(self, error: Exception, doctype: str) -> list[str]:
        named = str(error).rpartition(":")[2]
        return [part.strip().rpartition(".")[2] for part in named.split(",")]

    def _stream(self, query: str, values: Any) -> Any:
        # The connection's one cursor is used again by the next statement, long before a stream ends.
        shared, self._cursor = self._cursor, self._connection.cursor()
        try:
            return self._execute(query, values)
        finally:
            self._cursor = shared

    def get_database_size(self) -> float:
        """Size in MB."""
        return os.path.getsize(self.path) / 1024 / 1024
