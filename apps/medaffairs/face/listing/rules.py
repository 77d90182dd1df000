"""What a list may be asked for, and where its next page begins. Pure functions.

Conditions form a tree: a group joins its parts by *and* or by *or*, a part is a condition or another group. A page
begins after the last row of the one before it (keyset), so that the hundredth thousand row costs what the first does,
and rows that are added meanwhile are neither shown twice nor left out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

DEEPEST = 4
MOST_CONDITIONS = 60
MOST_VALUES = 500
LONGEST_VALUE = 1_000
MOST_SORTS = 4

OPERATORS = frozenset({"=", "!=", "like", "not like", ">", "<", ">=", "<=", "in", "not in", "is", "timespan"})
#: What every record has, so that no comparison must ask whether it is there.
NEVER_EMPTY = frozenset({"name", "creation", "modified"})

#: One step of a comparison with the last row: field, `=`, `>`, `<`, `empty` or `filled`, value.
Step = tuple[str, str, Any]


class Refused(ValueError):
    """What a list cannot be asked for; the message says what it was."""


@dataclass(frozen=True)
class Condition:
    """One comparison of a field."""

    field: str
    operator: str
    value: Any


@dataclass(frozen=True)
class Group:
    """Conditions and groups, joined by *or* when `either` is set, by *and* otherwise."""

    parts: tuple["Condition | Group", ...] = ()
    either: bool = False


def parse(raw: Any) -> Group:
    """Read a tree as it comes from a page: `{"any": bool, "parts": [[field, operator, value] | group, …]}`, or a
    list of parts that must all hold.

    :raises Refused: for what is no such tree, is too deep or too large
    """
    if raw is None or raw == "":
        return Group()
    group = _group({"parts": raw} if isinstance(raw, list) else raw, 1)
    if sum(1 for _condition in conditions(group)) > MOST_CONDITIONS:
        raise Refused("conditions")
    return group


def _group(raw: Any, depth: int) -> Group:
    parts = raw.get("parts") if isinstance(raw, Mapping) else None
    if depth > DEEPEST or not isinstance(parts, list):
        raise Refused(str(raw)[:80])
    made = tuple(
        _condition(part) if isinstance(part, list | tuple) else _group(part, depth + 1) for part in parts
    )
    return Group(made, bool(raw.get("any")))


def _condition(raw: Sequence) -> Condition:
    if len(raw) != 3 or not isinstance(raw[0], str) or raw[1] not in OPERATORS:
        raise Refused(str(raw)[:80])
    field, operator, value = raw
    if operator in ("in", "not in"):
        values = value if isinstance(value, list | tuple) else str(value).split(",")
        if len(values) > MOST_VALUES:
            raise Refused(field)
        return Condition(field, operator, tuple(_plain(field, entry) for entry in values))
    if operator == "is" and value not in ("set", "not set"):
        raise Refused(str(raw)[:80])
    return Condition(field, operator, _plain(field, value))


def _plain(field: str, value: Any) -> Any:
    if value is not None and not isinstance(value, str | int | float | bool):
        raise Refused(field)
    if isinstance(value, str) and len(value) > LONGEST_VALUE:
        raise Refused(field)
    return value


def conditions(group: Group) -> Iterable[Condition]:
    """All conditions of a tree."""
    for part in group.parts:
        if isinstance(part, Group):
            yield from conditions(part)
        else:
            yield part


def without(group: Group, field: str) -> Group:
    """The tree without what it asks of one field at its top: a choice of values keeps its other values in sight."""
    if group.either:
        return group
    kept = tuple(part for part in group.parts if isinstance(part, Group) or part.field != field)
    return Group(kept, False)


def parse_sort(raw: Any, default: tuple[str, str]) -> list[tuple[str, str]]:
    """Fields and directions, with `name` at the end, which makes the order total.

    :param default: the DocType's own order
    :raises Refused: for what is no order
    """
    asked = raw or [list(default)]
    if not isinstance(asked, list) or len(asked) > MOST_SORTS:
        raise Refused(str(raw)[:80])
    order: dict[str, str] = {}
    for entry in asked:
        if not isinstance(entry, list | tuple) or len(entry) != 2 or not isinstance(entry[0], str):
            raise Refused(str(entry)[:80])
        field, direction = entry[0], str(entry[1]).lower()
        if direction not in ("asc", "desc"):
            raise Refused(str(entry)[:80])
        order.setdefault(field, direction)
        if field == "name":
            break
    # In the direction of the last field an index on it serves the whole order.
    order.setdefault("name", list(order.values())[-1])
    return list(order.items())


def beyond(sort: Sequence[tuple[str, str]], last: Sequence[Any]) -> list[list[Step]]:
    """What holds for the rows after the last one: any of these alternatives, each of steps that must all hold.

    Databases keep empty values before all others; no rows are beyond when the list is empty.

    :param last: values of the sort fields in the last row
    :raises Refused: when they do not fit the order
    """
    if len(last) != len(sort) or any(isinstance(value, list | dict) for value in last):
        raise Refused("after")
    alternatives: list[list[Step]] = []
    same: list[Step] = []
    for (field, direction), value in zip(sort, last, strict=True):
        alternatives += [[*same, step] for step in _after(field, direction, value)]
        same.append((field, "empty", None) if value is None else (field, "=", value))
    return alternatives


def _after(field: str, direction: str, value: Any) -> list[Step]:
    if direction == "asc":
        return [(field, "filled", None) if value is None else (field, ">", value)]
    if value is None:
        return []
    lower: list[Step] = [(field, "<", value)]
    return lower if field in NEVER_EMPTY else [*lower, (field, "empty", None)]
