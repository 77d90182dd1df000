"""What differs between databases, and nothing else: column types, placeholders, how a table is described."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

#: Column type by field type: base type and default length, in MariaDB's words. SQLite takes them as they are
#: and derives affinity and conversion from them.
COLUMN_TYPES: dict[str, tuple[str, str]] = {
    "Currency": ("decimal", "21,9"),
    "Int": ("int", "11"),
    "Long Int": ("bigint", "20"),
    "Float": ("decimal", "21,9"),
    "Percent": ("decimal", "21,9"),
    "Check": ("tinyint", "4"),
    "Small Text": ("text", ""),
    "Long Text": ("longtext", ""),
    "Code": ("longtext", ""),
    "Text Editor": ("longtext", ""),
    "Markdown Editor": ("longtext", ""),
    "HTML Editor": ("longtext", ""),
    "Date": ("date", ""),
    "Datetime": ("datetime", "6"),
    "Time": ("time", "6"),
    "Text": ("text", ""),
    "Data": ("varchar", "140"),
    "Link": ("varchar", "140"),
    "Dynamic Link": ("varchar", "140"),
    "Password": ("text", ""),
    "Select": ("varchar", "140"),
    "Rating": ("decimal", "3,2"),
    "Read Only": ("varchar", "140"),
    "Attach": ("text", ""),
    "Attach Image": ("text", ""),
    "Signature": ("longtext", ""),
    "Color": ("varchar", "140"),
    "Barcode": ("longtext", ""),
    "Geolocation": ("longtext", ""),
    "Duration": ("decimal", "21,9"),
    "Icon": ("varchar", "140"),
    "Phone": ("varchar", "140"),
    "Autocomplete": ("varchar", "140"),
    "JSON": ("json", ""),
}
NUMBERS = {"Int", "Long Int", "Check", "Float", "Currency", "Percent", "Rating", "Duration"}
#: Numbers that may be empty: a duration that nobody has entered is none.
NULLABLE = frozenset({"Duration"})


def column_type(field: Any) -> str | None:
    """The column type of a field, None for fields without a column."""
    if field.fieldtype not in COLUMN_TYPES:
        return None
    base, length = COLUMN_TYPES[field.fieldtype]
    wanted = field.get("length")
    if base == "varchar" and wanted:
        length = str(int(wanted))
    if base == "int" and wanted and int(wanted) > 11:
        base, length = "bigint", "20"
    return f"{base}({length})" if length else base


@dataclass(frozen=True)
class Column:
    """A column as metadata wants it. `serial` as a type is a number that the database counts up."""

    name: str
    type: str
    #: A literal of SQL.
    default: str | None = None
    not_null: bool = False
    primary: bool = False


@dataclass(frozen=True)
class Index:
    """An index as metadata wants it; its name is the table's own matter."""

    name: str
    columns: tuple[str, ...]
    unique: bool = False


@dataclass(frozen=True)
class Table:
    """A table of the host's own, which belongs to no DocType."""

    name: str
    columns: tuple[Column, ...]
    primary: tuple[str, ...] = ()
    indexes: tuple[Index, ...] = ()


class Dialect(ABC):
    """One database's ways."""

    #: What follows the type of a text column, so that comparisons ignore case.
    text_collation = ""
    #: What an `insert` says between its first two words to pass over rows that exist.
    ignoring = ""

    #: Whether a change of tables that is not committed can be undone. Where not, metadata may be ahead of a table.
    undoes_structure = True

    @abstractmethod
    def tables(self) -> str:
        """A query for the names of all tables."""

    @abstractmethod
    def columns(self, table: str) -> str:
        """A query whose rows are (name, type, default) of a table's columns."""

    @abstractmethod
    def indexes(self, table: str) -> str:
        """A query whose rows are (name, unique) of a table's indexes."""

    @abstractmethod
    def create_table(self, table: Table) -> list[str]:
        """Statements that make a table with its indexes, all of which may be run again."""

    @abstractmethod
    def add_index(self, table: str, index: Index) -> str:
        """A statement that adds an index."""

    def index_name(self, table: str, name: str) -> str:
        """The full name of a table's index."""
        return name
