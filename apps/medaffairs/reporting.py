"""What the script reports share: filters read with care, rows that the reader may see, columns, charts, figures.

A report's filters come from an address that anybody can type, so every value is read through one of the
functions below: a value of a wrong kind is refused with the filter's name, and never reaches a query as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import frappe
from frappe import _
from frappe.desk.reportview import build_match_conditions
from frappe.utils import getdate
from pypika.terms import Criterion

#: Rows that a page can show at once; a report says so when there were more.
MOST_ROWS = 5_000
LONGEST_TEXT = 140

Result = tuple[list[dict], list[dict], str | None, dict | None, list[dict]]

BLUE, GREEN, AMBER, RED, VIOLET, TEAL, GREY = (
    "#2563eb",
    "#16a34a",
    "#d97706",
    "#dc2626",
    "#7c3aed",
    "#0d9488",
    "#64748b",
)


class _Rows(Criterion):
    """The host's own condition on the rows of a DocType, as a part of a query."""

    def __init__(self, condition: str) -> None:
        super().__init__()
        self.condition = condition

    def get_sql(self, **_arguments: Any) -> str:
        """The condition in brackets."""
        return f"({self.condition})"


def seen(query: Any, *doctypes: str) -> Any:
    """The query, limited to the rows of these DocTypes that the reader may see.

    :raises frappe.PermissionError: when he may not read one of them at all
    """
    for doctype in doctypes:
        frappe.has_permission(doctype, "read", throw=True)
        condition = build_match_conditions(doctype)
        if condition:
            query = query.where(_Rows(condition))
    return query


def may_read(doctype: str) -> bool:
    """Whether the reader may read a DocType that a report looks at beside its own."""
    return bool(frappe.has_permission(doctype, "read"))


def text(filters: Mapping, key: str, choices: Sequence[str] = ()) -> str:
    """A filter's text without blanks around it; empty when it is not set.

    :raises frappe.ValidationError: for something that is no text, or none of the choices
    """
    value = filters.get(key)
    if value is None or value == "":
        return ""
    if not isinstance(value, str | int | float) or len(str(value)) > LONGEST_TEXT:
        _refuse(key, value)
    value = str(value).strip()
    if not value.isprintable() or (choices and value and value not in choices):
        _refuse(key, value)
    return value


def number(filters: Mapping, key: str, default: int, low: int, high: int) -> int:
    """A whole number between two bounds.

    :raises frappe.ValidationError: for something else
    """
    value = text(filters, key)
    if not value:
        return default
    try:
        found = int(float(value))
    except (ValueError, OverflowError):
        _refuse(key, value)
    if not low <= found <= high:
        frappe.throw(_("{0} must be between {1} and {2}").format(_(frappe.unscrub(key)), low, high))
    return found


def day(filters: Mapping, key: str) -> date | None:
    """A date, or None when it is not set.

    :raises frappe.ValidationError: for something that is no date
    """
    value = filters.get(key)
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return datetime.strptime(text(filters, key)[:10], "%Y-%m-%d").date()
    except ValueError:
        _refuse(key, value)
        return None


def period(filters: Mapping) -> tuple[date, date]:
    """`from_date` and `to_date`, both included; this year up to today when they are not set.

    :raises frappe.ValidationError: when the end lies before the beginning
    """
    today = getdate()
    end = day(filters, "to_date") or today
    start = day(filters, "from_date") or date(min(end, today).year, 1, 1)
    if end < start:
        frappe.throw(_("The period ends before it begins"))
    return start, end


def _refuse(key: str, value: Any) -> None:
    shown = str(value)[:40]
    frappe.throw(_("The filter {0} is not understood: {1}").format(_(frappe.unscrub(key)), shown))


def departments_within(code: str) -> list[str]:
    """A department and all below it; nothing for a code that does not exist."""
    bounds = frappe.db.get_value("Clinical Department", code, ["is_group", "lft", "rgt"], as_dict=True)
    if not bounds:
        return []
    if not bounds.is_group:
        return [code]
    return frappe.get_all(
        "Clinical Department", filters={"lft": (">=", bounds.lft), "rgt": ("<=", bounds.rgt)}, pluck="name"
    )


def names_of(doctype: str, title: str) -> dict[str, str]:
    """Title by name for a small DocType: departments, kinds, dictionary items."""
    return dict(frappe.get_all(doctype, fields=["name", title], as_list=True))


def department_names() -> dict[str, str]:
    """Names of all departments by code."""
    return names_of("Clinical Department", "department_name")


def kind_names() -> dict[str, str]:
    """Names of all kinds of privileges by code."""
    return names_of("Privilege Kind", "kind_name")


def level_name(level: str | None) -> str:
    """`3` as a clerk reads it: 三级 / Level 3; what is no surgery level stays as it is."""
    words = {"1": _("Level 1"), "2": _("Level 2"), "3": _("Level 3"), "4": _("Level 4")}
    return words.get(str(level or ""), str(level or "") or _("Without Level"))


def column(
    fieldname: str, label: str, fieldtype: str = "Data", width: int = 110, options: str | None = None
) -> dict:
    """One column; `label` is translated already."""
    made = {"fieldname": fieldname, "label": label, "fieldtype": fieldtype, "width": width}
    return made | {"options": options} if options else made


def link(fieldname: str, label: str, doctype: str, width: int = 110) -> dict:
    """A column that opens the record it names."""
    return column(fieldname, label, "Link", width, doctype)


def figure(label: str, value: Any, indicator: str = "", datatype: str = "Int") -> dict:
    """One card above the chart; `label` is translated already. Nothing is no reason to warn: 0 is never coloured but green."""
    made = {"label": label, "value": value, "datatype": datatype}
    return made | {"indicator": indicator} if indicator and (value or indicator == "Green") else made


def chart(
    kind: str,
    title: str,
    labels: Iterable[str],
    datasets: Mapping[str, Sequence[float]],
    colors: Sequence[str] = (),
    stacked: bool = False,
) -> dict | None:
    """A chart in the host's form, or None when there is nothing to draw.

    :param kind: bar, line, pie, donut
    :param datasets: values by translated name, as many as labels
    """
    labels = list(labels)
    if not labels:
        return None
    made: dict[str, Any] = {
        "title": title,
        "type": kind,
        "data": {
            "labels": labels,
            "datasets": [{"name": name, "values": list(values)} for name, values in datasets.items()],
        },
    }
    if colors:
        made["colors"] = list(colors)
    if stacked:
        made["barOptions"] = {"stacked": 1}
    return made


def drill(doctype: str, *conditions: tuple[str, str, Any]) -> dict | None:
    """The list behind a row's figures, for a page that can open it; None when the reader has no such list."""
    if not may_read(doctype):
        return None
    filters = [
        [field, operator, str(value)] for field, operator, value in conditions if value not in (None, "")
    ]
    return {"doctype": doctype, "filters": filters}


def nothing(rows: Sequence, advice: str) -> str | None:
    """The advice when there are no rows; it says what to do."""
    return None if rows else advice


def shortened(cut: bool) -> str | None:
    """The sentence for a report that shows its first rows only."""
    return (
        _("Only the first {0} rows are shown; please narrow the filters.").format(MOST_ROWS) if cut else None
    )


def card_value(value: float, route: list[str], options: dict | None = None) -> dict[str, Any]:
    """What a number card shows whose figure a method computes, and where it leads."""
    return {"value": value, "fieldtype": "Int", "route": route, "route_options": options or {}}


def share(part: float, whole: float, scale: float = 100, digits: int = 1) -> float | None:
    """A share, rounded; None when the whole is zero, because a share of nothing is not zero."""
    return round(scale * part / whole, digits) if whole else None


def change(now: float, before: float) -> float | None:
    """By how many per cent a figure differs from an earlier one; None when that was zero."""
    return round(100 * (now - before) / before, 1) if before else None
