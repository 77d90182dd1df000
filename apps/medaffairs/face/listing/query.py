"""Lists as queries: a tree of conditions over fields that the user may read, limited to the rows that he may see."""

from collections.abc import Callable, Sequence
from typing import Any

import frappe
from frappe import _
from frappe.model import get_permitted_fields
from frappe.utils import add_days, cint, flt, get_timespan_date_range
from pypika.functions import Count
from pypika.terms import Criterion

from medaffairs.face.listing import rules
from medaffairs.reporting import seen

LARGEST_PAGE = 500
NUMBERS = frozenset({"Int", "Long Int", "Check", "Float", "Currency", "Percent", "Rating", "Duration"})
WHOLE = frozenset({"Int", "Long Int", "Check"})
MOMENTS = frozenset({"Date", "Datetime", "Time"})
#: Columns of every table, as far as a list shows them.
COMMON = {
    "name": "Data",
    "owner": "Link",
    "creation": "Datetime",
    "modified": "Datetime",
    "modified_by": "Link",
    "docstatus": "Int",
    "idx": "Int",
}
#: Columns that a table gets when somebody first uses them.
GATHERED = {"_assign": "Text", "_user_tags": "Data", "_liked_by": "Text"}
MYSELF = "@me"

COMPARE: dict[str, Callable[[Any, Any], Criterion]] = {
    "=": lambda column, value: column == value,
    ">": lambda column, value: column > value,
    "<": lambda column, value: column < value,
    ">=": lambda column, value: column >= value,
    "<=": lambda column, value: column <= value,
}


class Listing:
    """The list of one DocType for the user of this request.

    :raises frappe.PermissionError: when he may not read the DocType
    :raises frappe.DataError: for a field that he may not read, and for what is no condition
    """

    def __init__(self, doctype: str, where: Any = None, search: str = "") -> None:
        self.meta = frappe.get_meta(doctype)
        if self.meta.issingle or self.meta.istable or self.meta.get("is_virtual"):
            frappe.throw(_("{0} has no list").format(_(doctype)), frappe.DataError)
        frappe.has_permission(doctype, "read", throw=True)
        self.doctype = doctype
        self.table = frappe.qb.DocType(doctype)
        self.types = readable(self.meta)
        self.search = str(search or "")[:140]
        self.where = understood(lambda: rules.parse(frappe.parse_json(where)))

    def type_of(self, field: str) -> str:
        """The type of a field that the user may read."""
        if field not in self.types:
            frappe.throw(_("The list has no field {0}").format(field), frappe.DataError)
        return self.types[field]

    def column(self, field: str) -> Any:
        """The column of a field that the user may read."""
        self.type_of(field)
        return self.table[field]

    def rows(self, *selected: Any, where: rules.Group | None = None) -> Any:
        """A query over the rows that fit and that the user may see."""
        query = seen(frappe.qb.from_(self.table).select(*selected), self.doctype)
        criterion = self.criterion(self.where if where is None else where)
        for part in (criterion, self._found()):
            if part is not None:
                query = query.where(part)
        return query

    def criterion(self, group: rules.Group) -> Criterion | None:
        """A tree as one condition; None for an empty one."""
        parts = [
            self.criterion(part) if isinstance(part, rules.Group) else self._condition(part)
            for part in group.parts
        ]
        given = [part for part in parts if part is not None]
        if not given:
            return None
        return Criterion.any(given) if group.either else Criterion.all(given)

    def page(
        self, fields: Sequence[str], sort: Any, after: Any, limit: int
    ) -> tuple[list[dict], list | None]:
        """Rows after a place in the order, and the place after them; None when these are the last."""
        order = self.order(sort)
        limit = max(1, min(cint(limit) or 100, LARGEST_PAGE))
        wanted = dict.fromkeys(["name", *fields, *(field for field, _direction in order)])
        query = self.rows(*[self.column(field) for field in wanted])
        if after:
            place = understood(lambda: rules.beyond(order, frappe.parse_json(after)))
            query = query.where(self._beyond(place, order[0], frappe.parse_json(after)[0]))
        for field, direction in order:
            query = query.orderby(
                self.table[field], order=frappe.qb.desc if direction == "desc" else frappe.qb.asc
            )
        rows = query.limit(limit + 1).run(as_dict=True)
        last = rows[limit - 1] if len(rows) > limit else None
        return rows[:limit], last and [_plain(last[field]) for field, _direction in order]

    def order(self, sort: Any) -> list[tuple[str, str]]:
        """The order of the list, the DocType's own where none is asked for."""
        own = (self.meta.sort_field or "modified").split(",")[0].split()[0]
        default = (own if own in self.types else "modified", (self.meta.sort_order or "desc").lower())
        return understood(lambda: rules.parse_sort(frappe.parse_json(sort), default))

    def counts(self, field: str, limit: int, where: rules.Group | None = None) -> list[list]:
        """How often each value of a field occurs, the most frequent first."""
        column = self.column(field)
        number = Count("*")
        query = self.rows(column, number.as_("number"), where=where).groupby(column)
        rows = query.orderby(number, order=frappe.qb.desc).orderby(column).limit(limit).run()
        return [[_plain(value), count] for value, count in rows]

    def _beyond(self, alternatives: list[list[rules.Step]], first: tuple[str, str], value: Any) -> Criterion:
        found = Criterion.any([Criterion.all([self._step(step) for step in steps]) for steps in alternatives])
        field, direction = first
        if value is None or (direction == "desc" and field not in rules.NEVER_EMPTY):
            return found
        # The same again for the first field alone: databases find the place in its index by this.
        return COMPARE["<=" if direction == "desc" else ">="](self.table[field], value) & found

    def _step(self, step: rules.Step) -> Criterion:
        field, operator, value = step
        column = self.column(field)
        if operator in ("empty", "filled"):
            return column.isnull() if operator == "empty" else column.notnull()
        return COMPARE[operator](column, value)

    def _found(self) -> Criterion | None:
        """What is typed in the search box: in the name, the title or a field by which the DocType is searched."""
        if not self.search:
            return None
        fields = dict.fromkeys(["name", self.meta.get_title_field(), *self.meta.get_search_fields()])
        pattern = f"%{self.search}%"
        return Criterion.any([self.table[field].like(pattern) for field in fields if field in self.types])

    def _condition(self, condition: rules.Condition) -> Criterion:
        column, kind = self.column(condition.field), self.type_of(condition.field)
        operator, value = condition.operator, condition.value
        if operator == "is" or (operator in ("=", "!=") and value in (None, "")):
            empty = operator == "=" or value == "not set"
            return self._empty(column, kind) if empty else ~self._empty(column, kind)
        if operator in ("like", "not like"):
            found = column.like(f"%{value}%")
            return found if operator == "like" else found.negate() | column.isnull()
        if operator in ("in", "not in"):
            return self._among(column, kind, operator, value)
        if operator == "timespan":
            return self._within(column, kind, value)
        if kind == "Datetime" and isinstance(value, str) and len(value) == 10:
            return _whole_day(column, operator, value)
        if operator == "!=":
            return (column != self._typed(kind, value)) | column.isnull()
        return COMPARE[operator](column, self._typed(kind, value))

    def _empty(self, column: Any, kind: str) -> Criterion:
        if kind in MOMENTS:
            return column.isnull()
        return column.isnull() | (column == (0 if kind in NUMBERS else ""))

    def _among(self, column: Any, kind: str, operator: str, values: Sequence) -> Criterion:
        filled = [self._typed(kind, value) for value in values if value not in (None, "")]
        parts = [column.isin(filled)] if filled else []
        if len(filled) < len(values) or not parts:
            parts.append(self._empty(column, kind))
        found = Criterion.any(parts)
        if operator == "in":
            return found
        return ~found if len(parts) > 1 else ~found | column.isnull()

    def _within(self, column: Any, kind: str, words: str) -> Criterion:
        span = get_timespan_date_range(str(words)) if kind in ("Date", "Datetime") else None
        if not span:
            frappe.throw(_("{0} is no span of time").format(words), frappe.DataError)
        if kind == "Date":
            return (column >= str(span[0])) & (column <= str(span[1]))
        return (column >= str(span[0])) & (column < str(add_days(span[1], 1)))

    @staticmethod
    def _typed(kind: str, value: Any) -> Any:
        if value == MYSELF:
            return frappe.session.user
        if kind in NUMBERS:
            return cint(value) if kind in WHOLE else flt(value)
        return value if value is None else str(value)


def _whole_day(column: Any, operator: str, day: str) -> Criterion:
    """A moment compared with a day: up to a day means up to its end."""
    following = str(add_days(day, 1))
    within = (column >= day) & (column < following)
    return {
        "=": within,
        "!=": ~within | column.isnull(),
        ">": column >= following,
        "<": column < day,
        ">=": column >= day,
        "<=": column < following,
    }[operator]


def readable(meta: Any) -> dict[str, str]:
    """Fields with a column that the user may read, with their types; passwords are nobody's to read."""
    valid = set(meta.get_valid_columns())
    permitted = set(get_permitted_fields(meta.name)) & valid
    types = dict(COMMON)
    for field in meta.fields:
        if field.fieldname in permitted and field.fieldtype != "Password":
            types[field.fieldname] = field.fieldtype
    for name, kind in GATHERED.items():
        if frappe.db.has_column(meta.name, name):
            types[name] = kind
    return types


def understood(read: Callable[[], Any]) -> Any:
    """What a rule reads from a request; what it refuses is told to the person.

    :raises frappe.DataError: for what the rule refuses
    """
    try:
        return read()
    except rules.Refused as refused:
        frappe.throw(_("The list does not understand: {0}").format(refused), frappe.DataError)


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | float) else str(value)
