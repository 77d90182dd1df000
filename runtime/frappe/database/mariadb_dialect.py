"""MariaDB's ways."""

from __future__ import annotations

import re
from typing import Any

from frappe.database.dialect import Column, Dialect, Index, Table
from frappe.database.names import identifier

_TABLE_OPTIONS = "engine = InnoDB row_format = dynamic character set utf8mb4 collate utf8mb4_unicode_ci"
_TYPES = {"serial": "bigint(20) not null auto_increment", "double": "double"}
#: What the server calls a type that it was given under another name.
_STORED_AS = {"json": "longtext", "tinyint": "tinyint(4)", "int": "int(11)", "bigint": "bigint(20)"}
_PREFIXED = re.compile(r"^(?P<name>.+?)\((?P<length>\d+)\)$")
#: Seconds that a change of a table waits for transactions that use it. Whoever comes later waits behind it.
PATIENCE = 60


class MariaDBDialect(Dialect):
    """How MariaDB describes, makes and changes tables."""

    ignoring = "ignore "
    undoes_structure = False

    def tables(self) -> str:
        return (
            "select table_name from information_schema.tables"
            " where table_schema = database() and table_type = 'BASE TABLE'"
        )

    def columns(self, table: str) -> str:
        return (
            "select column_name, column_type, column_default, is_nullable from information_schema.columns"
            f" where table_schema = database() and table_name = {_literal(table)} order by ordinal_position"
        )

    def indexes(self, table: str) -> str:
        return (
            "select index_name, max(non_unique) = 0 from information_schema.statistics"
            f" where table_schema = database() and table_name = {_literal(table)} group by index_name"
        )

    def define(self, column: Column) -> str:
        """The definition of a column."""
        text = f"{identifier(column.name)} {_TYPES.get(column.type, column.type)}"
        if column.not_null:
            text += " not null"
        return text + (f" default {column.default}" if column.default is not None else "")

    def create_table(self, table: Table) -> list[str]:
        parts = [self.define(column) for column in table.columns]
        primary = table.primary or tuple(column.name for column in table.columns if column.primary)
        if primary:
            parts.append(f"primary key ({', '.join(map(identifier, primary))})")
        parts += [self._index(index) for index in table.indexes]
        return [f"create table if not exists {identifier(table.name)} ({', '.join(parts)}) {_TABLE_OPTIONS}"]

    def add_index(self, table: str, index: Index) -> str:
        return self.alter(table, [f"add {self._index(index)}"])

    def alter(self, table: str, parts: list[str]) -> str:
        """One statement for several changes, so that the table is gone through once at most."""
        return f"alter table {identifier(table)} wait {PATIENCE} {', '.join(parts)}"

    def is_as_wanted(self, row: tuple[Any, ...], column: Column) -> bool:
        """Whether a column that is there needs no change.

        :param row: (name, type, default, whether it may be empty) as the server tells
        """
        _, type_, default, nullable = row
        wanted = _STORED_AS.get(column.type, column.type)
        return type_ == wanted and (nullable == "NO") == column.not_null and _same(default, column.default)

    @staticmethod
    def _index(index: Index) -> str:
        columns = []
        for name in index.columns:
            prefixed = _PREFIXED.match(name.strip())
            columns.append(
                f"{identifier(prefixed['name'])}({prefixed['length']})"
                if prefixed
                else identifier(name.strip())
            )
        kind = "unique index" if index.unique else "index"
        return f"{kind} {identifier(index.name)} ({', '.join(columns)})"


def _literal(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def _same(stored: str | None, wanted: str | None) -> bool:
    """Whether two defaults mean the same: the server writes numbers and quotes in its own way."""
    if stored in (None, "NULL") or wanted is None:
        return stored in (None, "NULL") and wanted is None
    try:
        return float(stored.strip("'")) == float(wanted.strip("'"))
    except ValueError:
        return _unquoted(stored) == _unquoted(wanted)


def _unquoted(literal: str) -> str:
    return re.sub(
        r"\\(.)|''", lambda match: match.group(1) or "'", literal.removeprefix("'").removesuffix("'")
    )
