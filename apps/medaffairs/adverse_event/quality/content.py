"""What stands in a quality report: the numbers, tables and charts of the reports themselves, so that they match."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import frappe
from frappe import _
from frappe.query_builder import DocType
from frappe.utils import cint, cstr, getdate, nowdate

from medaffairs import reporting
from medaffairs.adverse_event import figures
from medaffairs.adverse_event.quality import blanks
from medaffairs.privileging.printing import chinese_date, hospital_name

TEXT, TABLE, CHART, BOTH, TRACKED = "Text", "Table", "Chart", "Chart and Table", "Tracked Events"
GRAVE = ("I", "II")
DASH = "—"
# Columns that lead somewhere or explain, and say nothing on paper.
MOST_COLUMNS = 9


class Table(NamedTuple):
    """A table: headings and rows of texts."""

    headings: list[str]
    rows: list[list[str]]


class Block(NamedTuple):
    """A section: a heading, a text, and a chart or a table below."""

    heading: str
    text: str
    chart: dict | None = None
    heat: tuple[list[str], list[tuple[str, list[float]]]] | None = None
    table: Table | None = None


class Content(NamedTuple):
    """A whole report."""

    title: str
    blocks: list[Block]


class Source:
    """The reports of a period, each run once for every grouping."""

    def __init__(self, doc: Any) -> None:
        self.first, self.last, self.department = getdate(doc.from_date), getdate(doc.to_date), doc.department
        self._answers: dict[tuple, reporting.Result] = {}

    def run(self, name: str, group: str = "", previous: bool = False) -> reporting.Result:
        """What a report answers with: columns, rows, message, chart, cards."""
        key = (name, group, previous)
        if key not in self._answers:
            first, last = blanks.before(self.first, self.last) if previous else (self.first, self.last)
            filters = {"from_date": str(first), "to_date": str(last), "department": self.department}
            slug = frappe.scrub(name)
            execute = frappe.get_attr(f"medaffairs.adverse_event.report.{slug}.{slug}.execute")
            self._answers[key] = execute(filters | ({"group_by": group} if group else {}))
        return self._answers[key]

    def rows(self, name: str, group: str = "") -> list[dict]:
        """The rows of a report."""
        return self.run(name, group)[1]

    def card(self, name: str, label: str, previous: bool = False) -> Any:
        """The value of a card of a report, by its translated label."""
        cards = {card["label"]: card["value"] for card in self.run(name, previous=previous)[4]}
        return cards[label]


def content(doc: Any) -> Content:
    """A quality report as it is put on paper.

    :raises frappe.PermissionError: when the user may not read events
    """
    template = frappe.get_doc("Quality Report Template", doc.template)
    source = Source(doc)
    values = filled(doc, source)
    return Content(
        blanks.fill(template.title, values),
        [_block(section, source, values) for section in template.sections],
    )


def filled(doc: Any, source: Source) -> dict[str, str]:
    """The value of every blank."""
    quality, handling, trend = (
        f"Adverse Event {name}" for name in ("Report Quality", "Handling Quality", "Trend")
    )
    categories = source.rows("Adverse Event Analysis", "Category")
    grades = {row["key"]: row["events"] for row in source.rows("Adverse Event Analysis", "Grade")}
    events, earlier = (source.card(trend, _("Events"), previous) for previous in (False, True))
    departments = source.rows("Adverse Event Analysis", "Department")
    places = source.rows("Adverse Event Analysis", "Place")
    near = _near_misses(source)
    found = {
        "hospital": hospital_name(), "department": _department(doc), "period": blanks.spoken(source.first, source.last),
        "from_date": source.first, "to_date": source.last, "today": chinese_date(nowdate()),
        "events": events, "previous_events": earlier, "change": _change(events, earlier), "near_misses": near,
        "near_miss_share": reporting.share(near, events), "per_beds": source.card(trend, _("Per 100 Beds and Year")),
        "per_bed_days": source.card(trend, _("Per 1,000 Bed-Days")),
        **{f"grade_{grade.lower()}": grades.get(grade, 0) for grade in ("I", "II", "III", "IV")},
        "top_category": _first(categories), "top_category_events": categories[0]["events"] if categories else 0,
        "vital_few": "、".join(row["group"] for row in categories if row["vital"]),
        "top_department": _first(departments), "top_place": _first(places),
        "peak": source.card("Adverse Event Heat Map", _("Place and Hours")),
        "signals": source.card(trend, _("Months with a Signal")),
        "in_time_share": source.card(quality, _("Reported in Time (%)")),
        "complete_share": source.card(quality, _("Complete (%)")),
        "first_attempt_share": source.card(quality, _("Never Returned (%)")),
        "archived_share": source.card(handling, _("Archived (%)")), "late": source.card(handling, _("Late Now")),
        "median_days": source.card(handling, _("Days to Archive (median)")),
        "analyses_in_time_share": source.card(handling, _("Analyses in Time (%)")),
        "met_standard_share": source.card(handling, _("Met the Standard (%)")),
        "assessment": doc.assessment, "measures": doc.measures,
    }  # fmt: skip
    return {name: _written(name, found[name]) for name in blanks.NAMES}


def _written(name: str, value: Any) -> str:
    if value in (None, "", DASH):
        return DASH
    return f"{value}%" if name.endswith("_share") else cstr(value)


def _near_misses(source: Source) -> int:
    filters = {
        "from_date": source.first,
        "to_date": source.last,
        "department": source.department,
        "near_misses": "Only",
    }
    return figures.total(figures.Scope(filters))


def _department(doc: Any) -> str:
    if not doc.department:
        return _("Whole Hospital")
    return cstr(frappe.db.get_value("Clinical Department", doc.department, "department_name"))


def _first(rows: list[dict]) -> str:
    return rows[0]["group"] if rows else ""


def _change(now: int, earlier: int) -> str:
    share = reporting.change(now, earlier)
    if share is None:
        return DASH
    if share == 0:
        return _("unchanged")
    return (_("up {0}%") if share > 0 else _("down {0}%")).format(abs(share))


def _block(section: Any, source: Source, values: Mapping[str, str]) -> Block:
    block = Block(blanks.fill(section.heading, values), blanks.fill(section.text, values))
    if section.kind == TEXT:
        return block
    if section.kind == TRACKED:
        return block._replace(table=_tracked(source, cint(section.most_rows) or 15))
    columns, rows, _message, chart, _cards = source.run(section.report, cstr(section.group_by))
    if section.kind in (CHART, BOTH):
        hot = [column for column in columns if column.get("heat")]
        block = (
            block._replace(heat=_heat(hot, rows), chart=None) if hot and rows else block._replace(chart=chart)
        )
    if section.kind in (TABLE, BOTH):
        block = block._replace(table=_table(columns, rows[: cint(section.most_rows) or 15]))
    return block


def _heat(columns: list[dict], rows: list[dict]) -> tuple[list[str], list[tuple[str, list[float]]]]:
    lines = [(row["group"], [row[column["fieldname"]] for column in columns]) for row in rows]
    return [column["label"] for column in columns], lines


def _table(columns: list[dict], rows: list[dict]) -> Table:
    shown = [column for column in columns if not column.get("heat")][:MOST_COLUMNS]
    return Table(
        [column["label"] for column in shown],
        [[_shown(row.get(column["fieldname"])) for column in shown] for row in rows],
    )


def _shown(value: Any) -> str:
    if value is None or value == "":
        return DASH
    return f"{value:g}" if isinstance(value, float) else cstr(value)


def _tracked(source: Source, most: int) -> Table:
    """Grave events of the period: where each stands and what was changed because of it; nothing that names a person."""
    scope = figures.Scope(
        {"from_date": source.first, "to_date": source.last, "department": source.department}
    )
    event = DocType(figures.DOCTYPE)
    fields = ("name", "occurred_at", "category", "department", "grade", "workflow_state", "change_made")
    query = frappe.qb.from_(event).select(*(event[field] for field in fields)).where(event.grade.isin(GRAVE))
    query = scope.narrowed(query, event).orderby(event.grade).orderby(event.occurred_at).limit(most)
    categories, departments = figures.names_of("category"), figures.names_of("department")
    rows = [
        [
            row.name, cstr(row.occurred_at)[:10], categories.get(row.category, row.category), departments.get(row.department, row.department),
            cstr(row.grade), _(row.workflow_state), cstr(row.change_made) or DASH,
        ]
        for row in query.run(as_dict=True)
    ]  # fmt: skip
    labels = ("Event Number", "Date", "Category", "Department", "Grade", "State", "Change Made")
    return Table([_(label) for label in labels], rows)
