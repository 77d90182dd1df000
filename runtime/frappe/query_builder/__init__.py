"""`frappe.qb`: PyPika with the framework's names of tables and a `run` at the end."""

from __future__ import annotations

from typing import Any

from pypika import Case, CustomFunction, Field, Interval, Order, Query, Table, Tuple, terms
from pypika.dialects import MySQLQuery, MySQLQueryBuilder
from pypika.queries import QueryBuilder, Schema
from pypika.terms import Criterion, LiteralValue, NullValue, ValueWrapper
from pypika.utils import builder

import frappe

__all__ = [
    "Case", "Column", "Criterion", "CustomFunction", "DocType", "Field", "Interval", "Order", "Query", "Table",
    "Tuple", "get_query_builder",
]  # fmt: skip
Column = Field


def DocType(name: str, *args: Any, **kwargs: Any) -> Table:
    """The table of a DocType."""
    return Table(f"tab{name}", *args, **kwargs)


class _Builder(MySQLQueryBuilder):
    """A query that can run itself."""

    def run(
        self,
        *,
        as_dict: bool = False,
        as_list: bool = False,
        pluck: bool = False,
        debug: bool = False,
        **kwargs: Any,
    ):
        """Runs the query; see `frappe.db.sql`."""
        return frappe.db.sql(
            self.get_sql(), as_dict=as_dict, as_list=as_list, pluck=pluck, debug=debug, **kwargs
        )

    def walk(self) -> tuple[str, dict]:
        """The query's text and its values, which are part of the text here."""
        return self.get_sql(), {}

    @builder
    def ignore_duplicates(self) -> _Builder:
        """Rows that exist are left as they are."""
        self._ignore_duplicates = True

    def __str__(self) -> str:
        return self.get_sql()


class _Query(MySQLQuery):
    """Where queries begin."""

    Field = Field
    Table = Table
    Order = Order
    desc = Order.desc
    asc = Order.asc
    terms = Criterion
    Schema = Schema
    Tuple = Tuple
    Criterion = Criterion
    Case = Case
    Interval = Interval

    @classmethod
    def _builder(cls, **kwargs: Any) -> QueryBuilder:
        return _Builder(wrapper_cls=_Value, **kwargs)

    @staticmethod
    def DocType(name: str, *args: Any, **kwargs: Any) -> Table:
        """The table of a DocType."""
        return DocType(name, *args, **kwargs)

    @classmethod
    def from_(cls, table: Any, *args: Any, **kwargs: Any) -> Any:
        """A query that reads a DocType, a table or another query."""
        return super().from_(_table(table), *args, **kwargs)

    @classmethod
    def into(cls, table: Any, *args: Any, **kwargs: Any) -> Any:
        """A query that adds rows."""
        return super().into(_table(table), *args, **kwargs)

    @classmethod
    def update(cls, table: Any, *args: Any, **kwargs: Any) -> Any:
        """A query that changes rows."""
        return super().update(_table(table), *args, **kwargs)

    @staticmethod
    def get_query(table: Any, *args: Any, **kwargs: Any) -> Any:
        """A query of a DocType's list."""
        from frappe.query_builder.lists import get_query

        return get_query(table, *args, **kwargs)


class _Value(ValueWrapper):
    """A value as a literal, escaped as the database wants it."""

    def get_value_sql(self, **kwargs: Any) -> str:
        """The literal."""
        value = self.value
        if isinstance(value, str):
            return frappe.db.escape(value, percent=False)
        if isinstance(value, bool):
            return str(int(value))
        import datetime

        if isinstance(value, datetime.datetime):
            return f"'{value.isoformat(sep=' ', timespec='microseconds')}'"
        return super().get_value_sql(**kwargs)


# Comparisons, functions and cases wrap plain values by themselves, each time under this name: with PyPika's own
# wrapper a backslash in a text would reach MariaDB as the beginning of an escape.
terms.ValueWrapper = _Value


def _table(table: Any) -> Any:
    return DocType(table) if isinstance(table, str) else table


def get_query_builder(type_of_db: str) -> type[_Query]:
    """The query builder of a database."""
    return _Query


def get_attr(method_string: str) -> Any:
    """The object behind a dotted path."""
    return frappe.get_attr(method_string)


ConstantColumn = LiteralValue
Null = NullValue
