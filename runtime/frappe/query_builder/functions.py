"""Functions for queries, under the names that apps import."""

from __future__ import annotations

from pypika.functions import *  # noqa: F403
from pypika.functions import Cast, Coalesce, Concat, Count, Date, Function, IfNull, Max, Min, NullIf, Sum
from pypika.terms import CustomFunction

Abs = CustomFunction("abs", ["term"])
CombineDatetime = CustomFunction("concat_ws", ["separator", "date", "time"])
DateFormat = CustomFunction("date_format", ["date", "format"])
DateDiff = CustomFunction("datediff", ["first", "second"])
Month = CustomFunction("month", ["date"])
MonthName = CustomFunction("date_format", ["date", "format"])
Quarter = CustomFunction("quarter", ["date"])
Year = CustomFunction("year", ["date"])
Round = CustomFunction("round", ["term", "decimal"])
Truncate = CustomFunction("round", ["term", "decimal"])
Locate = CustomFunction("locate", ["part", "text"])
UnixTimestamp = CustomFunction("unix_timestamp", ["date"])
Timestamp = CustomFunction("timestamp", ["date", "time"])


class GroupConcat(Function):
    """Values of a group as one text."""

    def __init__(self, column, alias: str | None = None) -> None:
        super().__init__("group_concat", column, alias=alias)


__all__ = [
    "Abs", "Cast", "Coalesce", "CombineDatetime", "Concat", "Count", "Date", "DateDiff", "DateFormat", "Function",
    "GroupConcat", "IfNull", "Locate", "Max", "Min", "Month", "MonthName", "NullIf", "Quarter", "Round", "Sum",
    "Timestamp", "Truncate", "UnixTimestamp", "Year",
]  # fmt: skip
