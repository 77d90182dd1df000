"""A chart: rows counted, summed or averaged over time or by a field, a report's, or a source's of an app."""

from __future__ import annotations

import datetime
import importlib
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import add_to_date, cint, flt, get_datetime, getdate, now_datetime
from frappe.utils.typing_validations import parsed

AGGREGATES = {"Count": "count", "Sum": "sum", "Average": "avg"}
SPANS = {
    "Last Year": {"years": -1},
    "Last Quarter": {"months": -3},
    "Last Month": {"months": -1},
    "Last Week": {"weeks": -1},
}
EMPTY_GROUP = "Not Specified"


class DashboardChart(Document):
    """A chart on a start page."""

    def validate(self) -> None:
        needed: tuple[str, ...] = {
            "Group By": ("document_type", "group_by_based_on"),
            "Report": ("report_name",),
            "Custom": ("source",),
        }.get(self.chart_type, ("document_type", "based_on"))
        for fieldname in needed:
            if not self.get(fieldname):
                frappe.throw(
                    _("{0} is required").format(_(self.meta.get_label(fieldname))), frappe.MandatoryError
                )
        if self.chart_type in {"Sum", "Average"} and not self.value_based_on:
            frappe.throw(_("Value Based On is required to create a dashboard chart"))
        aggregated = self.chart_type == "Group By" and self.group_by_type in {"Sum", "Average"}
        if aggregated and not self.aggregate_function_based_on:
            frappe.throw(_("Aggregate Function field is required to create a dashboard chart"))
        if (
            self.document_type
            and frappe.get_meta(self.document_type).istable
            and not self.parent_document_type
        ):
            frappe.throw(_("Parent Document Type is required to create a dashboard chart"))


def has_permission(doc: Any, ptype: str, user: str) -> bool:
    """Whether a user may see a chart: whoever has one of its roles, or may read what it shows."""
    roles = set(frappe.get_roles(user))
    if user == "Administrator" or "System Manager" in roles:
        return True
    own = {row.role for row in doc.get("roles") or []}
    if own:
        return not own.isdisjoint(roles)
    if doc.chart_type == "Report":
        from frappe.utils.user import get_allowed_report_names

        return doc.report_name in get_allowed_report_names(user)
    return doc.chart_type == "Custom" or frappe.has_permission(
        doc.document_type, "read", user=user, parent_doctype=doc.parent_document_type
    )


@frappe.whitelist()
def get(
    chart_name: str | None = None,
    chart: Any = None,
    no_cache: Any = None,
    filters: Any = None,
    from_date: Any = None,
    to_date: Any = None,
    timespan: str | None = None,
    time_interval: str | None = None,
    heatmap_year: Any = None,
    refresh: Any = None,
) -> dict | None:
    """Labels and datasets of a chart over the rows that the user may see.

    :param chart_name: a stored chart; else `chart` describes one
    """
    if chart_name:
        chart = frappe.get_doc("Dashboard Chart", chart_name)
        chart.check_permission("read")
    else:
        chart = frappe._dict(parsed(chart, dict, "chart"))
    if chart.chart_type == "Custom":
        return _from_source(chart, filters, from_date, to_date, timespan, time_interval, heatmap_year)
    if chart.chart_type == "Report":
        from frappe.desk.query_report import run

        return run(chart.report_name, filters=filters or chart.filters_json or "{}").get("chart")
    rows = filters if filters not in (None, "", "null") else chart.filters_json
    rows = _as_rows(chart.document_type, frappe.parse_json(rows) if isinstance(rows, str) else rows)
    if chart.chart_type == "Group By":
        return get_group_by_chart_config(chart, rows)
    if chart.type == "Heatmap":
        return get_heatmap_chart_config(chart, rows, heatmap_year)
    return get_chart_config(chart, rows, timespan, time_interval, from_date, to_date)


def _from_source(chart: Any, filters: Any, *options: Any) -> Any:
    """A chart whose figures a method of an app computes."""
    source = frappe.get_doc("Dashboard Chart Source", chart.source)
    folder = frappe.scrub(source.name)
    app = frappe.get_module_app(source.module)
    module = importlib.import_module(
        f"{app}.{frappe.scrub(source.module)}.dashboard_chart_source.{folder}.{folder}"
    )
    names = ("from_date", "to_date", "timespan", "time_interval", "heatmap_year")
    frappe.is_whitelisted(module.get)
    return frappe.call(
        module.get,
        chart_name=chart.name,
        chart=chart,
        filters=filters,
        **dict(zip(names, options, strict=True)),
    )


def _as_rows(doctype: str, filters: Any) -> list:
    from frappe.desk.doctype.number_card.number_card import _as_rows

    return _as_rows(doctype, filters)


def _aggregate(function: str, doctype: str, field: str | None) -> str:
    name = AGGREGATES.get(function, "count")
    if name == "count":
        return "count(*) as value"
    return f"{name}(`tab{doctype}`.`{field}`) as value"


# -- over time


def get_chart_config(
    chart: Any, filters: list, timespan: str | None, timegrain: str | None, from_date: Any, to_date: Any
) -> dict:
    """A line or bar per day, week, month, quarter or year, empty periods included."""
    interval = timegrain or chart.time_interval or "Monthly"
    first, last = _bounds(chart, timespan, from_date, to_date)
    doctype, based_on = chart.document_type, chart.based_on
    rows = frappe.get_list(
        doctype,
        fields=[f"date(`tab{doctype}`.`{based_on}`) as day", _aggregate(chart.chart_type, doctype, chart.value_based_on), "count(*) as count"],
        filters=[*filters, [doctype, based_on, ">=", first], [doctype, based_on, "<=", f"{last} 23:59:59.999999"], [doctype, "docstatus", "<", 2]],
        group_by="day",
        order_by="day asc",
        parent_doctype=chart.parent_document_type,
    )  # fmt: skip
    periods = _periods(first, last, interval)
    sums = dict.fromkeys(periods, 0.0)
    counts = dict.fromkeys(periods, 0)
    for row in rows:
        end = period_ending(getdate(row.day), interval)
        if end not in sums:
            continue
        weight = cint(row["count"])
        sums[end] += flt(row.value) * (weight if chart.chart_type == "Average" else 1)
        counts[end] += weight
    values = [
        sums[end] / counts[end] if chart.chart_type == "Average" and counts[end] else sums[end]
        for end in periods
    ]
    return {
        "labels": [period_label(end, interval) for end in periods],
        "datasets": [{"name": _(chart.name or chart.chart_name or ""), "values": values}],
    }


def _bounds(
    chart: Any, timespan: str | None, from_date: Any, to_date: Any
) -> tuple[datetime.date, datetime.date]:
    timespan = timespan or chart.timespan or "Last Year"
    if timespan == "Select Date Range":
        first = from_date or chart.from_date
        last = to_date or chart.to_date or now_datetime()
        if not first:
            frappe.throw(_("Choose the first day of the chart"))
        return getdate(first), getdate(last)
    last = getdate(to_date) if to_date else getdate()
    span = SPANS.get(timespan, {"years": -1})
    return (getdate(from_date) if from_date else getdate(add_to_date(last, **span))), last


def period_ending(day: datetime.date, interval: str) -> datetime.date:
    """The last day of the period that a day lies in; weeks end on Sunday."""
    if interval == "Daily":
        return day
    if interval == "Weekly":
        return day + datetime.timedelta(days=6 - day.weekday())
    months = {"Monthly": 1, "Quarterly": 3}.get(interval, 12)
    month = (day.month - 1) // months * months + months
    following = datetime.date(day.year + month // 12, month % 12 + 1, 1)
    return following - datetime.timedelta(days=1)


def _periods(first: datetime.date, last: datetime.date, interval: str) -> list[datetime.date]:
    ends = []
    day = first
    while day <= last:
        end = period_ending(day, interval)
        ends.append(end)
        day = end + datetime.timedelta(days=1)
    return ends


def period_label(end: datetime.date, interval: str) -> str:
    """How a period is written below a chart."""
    if interval == "Yearly":
        return str(end.year)
    if interval == "Quarterly":
        return f"{end.year}-Q{(end.month + 2) // 3}"
    return f"{end:%Y-%m}" if interval == "Monthly" else end.isoformat()


# -- by a field


def get_group_by_chart_config(chart: Any, filters: list) -> dict | None:
    """A bar or slice per value of a field, the largest first; what is over the limit becomes "Other"."""
    doctype, field = chart.document_type, chart.group_by_based_on
    rows = frappe.get_list(
        doctype,
        fields=[f"`tab{doctype}`.`{field}` as name", _aggregate(chart.group_by_type, doctype, chart.aggregate_function_based_on)],
        filters=[*filters, [doctype, "docstatus", "<", 2]],
        group_by=f"`tab{doctype}`.`{field}`",
        order_by="value desc",
        parent_doctype=chart.parent_document_type,
    )  # fmt: skip
    if not rows:
        return None
    limit = cint(chart.number_of_groups)
    if limit and len(rows) > limit:
        rest = rows[limit - 1 :]
        rows = [*rows[: limit - 1], frappe._dict(name=_("Other"), value=sum(flt(row.value) for row in rest))]
    return {
        "labels": [row.name or _(EMPTY_GROUP) for row in rows],
        "datasets": [{"name": chart.name or chart.chart_name, "values": [row.value or 0 for row in rows]}],
    }


def get_heatmap_chart_config(chart: Any, filters: list, heatmap_year: Any) -> dict:
    """A figure for each day of a year, by the second at which the day begins."""
    doctype, based_on = chart.document_type, chart.based_on
    year = cint(heatmap_year) or cint(chart.heatmap_year) or getdate().year
    first, last = datetime.date(year, 1, 1), datetime.date(year, 12, 31)
    rows = frappe.get_list(
        doctype,
        fields=[f"date(`tab{doctype}`.`{based_on}`) as day", _aggregate(chart.chart_type, doctype, chart.value_based_on)],
        filters=[*filters, [doctype, based_on, ">=", first], [doctype, based_on, "<=", f"{last} 23:59:59.999999"], [doctype, "docstatus", "<", 2]],
        group_by="day",
        order_by="day asc",
        parent_doctype=chart.parent_document_type,
    )  # fmt: skip
    points = {str(int(get_datetime(str(row.day)).timestamp())): row.value or 0 for row in rows}
    return {"labels": [], "dataPoints": points}


@frappe.whitelist(methods=["POST"])
def create_dashboard_chart(args: Any) -> Document:
    """Makes a chart from a page."""
    args = parsed(args, dict, "args")
    chart = frappe.new_doc("Dashboard Chart")
    chart.update({key: value for key, value in args.items() if key not in {"doctype", "owner", "name"}})
    if args.get("custom_options"):
        chart.custom_options = frappe.as_json(frappe.parse_json(args["custom_options"]))
    chart.insert()
    return chart


@frappe.whitelist(methods=["POST"])
def create_report_chart(args: Any) -> None:
    """Makes a chart of a report, and puts it on a dashboard when one is named."""
    given = parsed(args, dict, "args")
    chart = create_dashboard_chart(given)
    if given.get("dashboard"):
        add_chart_to_dashboard({"chart_name": chart.name, "dashboard": given["dashboard"]})


@frappe.whitelist(methods=["POST"])
def add_chart_to_dashboard(args: Any) -> None:
    """Puts a chart on a dashboard."""
    from frappe.desk.doctype.dashboard.dashboard import put_on

    given = parsed(args, dict, "args")
    put_on(given.get("dashboard"), "charts", "chart", given.get("chart_name"), given.get("set_standard"))


@frappe.whitelist()
@frappe.validate_and_sanitize_search_inputs
def get_charts_for_user(
    doctype: str, txt: str, searchfield: str, start: int, page_len: int, filters: Any
) -> list[list]:
    """Charts that the user may put on a dashboard, for link fields."""
    return frappe.get_list(
        "Dashboard Chart", filters=filters, or_filters=[["name", "like", f"%{txt}%"]], fields=["name"], as_list=True,
        limit_start=start, limit_page_length=page_len,
    )  # fmt: skip


@frappe.whitelist()
def get_parent_doctypes(child_type: str) -> list[str]:
    """DocTypes that have a DocType as a table."""
    tables = {"options": child_type, "fieldtype": ["in", ["Table", "Table MultiSelect"]]}
    own = frappe.get_all("DocField", {**tables, "parenttype": "DocType"}, pluck="parent")
    added = frappe.get_all("Custom Field", tables, pluck="dt")
    return list(dict.fromkeys([*own, *added]))
