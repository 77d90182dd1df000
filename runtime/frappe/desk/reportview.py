"""Lists over HTTP: pages of rows, counts, statistics, exports, bulk actions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import frappe
from frappe import _
from frappe.core.doctype.access_log.access_log import make_access_log
from frappe.desk import _export
from frappe.model.db_query import DatabaseQuery
from frappe.model.db_query import build_match_conditions as _build_match_conditions
from frappe.model.filters import Scope, select_list
from frappe.model.virtual_doctype import ask_controller, is_virtual_doctype
from frappe.utils import cint, cstr, format_duration, sbool
from frappe.utils.typing_validations import parsed

_NOT_FOR_CALLERS = (
    "cmd", "data", "ignore_permissions", "view", "user", "csrf_token", "join", "run", "debug", "update", "strict",
    "ignore_ifnull", "ignore_ddl", "as_list", "pluck", "with_childnames", "parent",
)  # fmt: skip
_LIST_ARGUMENTS = (
    "fields", "filters", "or_filters", "docstatus", "group_by", "order_by", "limit_start", "limit_page_length",
    "start", "page_length", "limit", "distinct", "with_comment_count", "parent_doctype", "reference_doctype",
)  # fmt: skip
DELETE_AT_ONCE = 10


@frappe.whitelist()
def get() -> dict | list:
    """A page of rows as `{"keys": […], "values": [[…], …], "user_info": {…}}`; an empty page is an empty list."""
    args = get_form_params()
    return compress(execute(**args), args=args)


@frappe.whitelist()
def get_list() -> list:
    """A page of rows as dictionaries."""
    return execute(**get_form_params())


@frappe.whitelist()
def get_count() -> int | None:
    """How many rows fit; with `limit` counting stops there."""
    args = get_form_params()
    doctype = args.pop("doctype")
    name = f"`tab{doctype}`.`name`"
    distinct = sbool(args.pop("distinct", False)) is True
    limit = cint(args.pop("limit", 0))
    args = {key: value for key, value in args.items() if key in ("filters", "or_filters", "docstatus")}
    if is_virtual_doctype(doctype):
        return ask_controller(doctype, "get_count", **args)
    if not limit:
        rows = execute(
            doctype,
            fields=[f"count({'distinct ' if distinct else ''}{name}) as total_count"],
            order_by=None,
            **args,
        )
        return rows[0].total_count if rows else None
    rows = execute(
        doctype, fields=[name], distinct=distinct, limit=limit, order_by=None, pluck="name", **args
    )
    return len(rows)


def execute(doctype: str, *args: Any, **kwargs: Any) -> Any:
    """Rows of a DocType that the user may see."""
    return DatabaseQuery(doctype).execute(*args, **kwargs)


def get_form_params() -> frappe._dict:
    """What the request asks for, without what callers may not decide."""
    form = frappe._dict(frappe.local.form_dict)
    for key in _NOT_FOR_CALLERS:
        form.pop(key, None)
    return validate_args(form)


def validate_args(form: Any) -> frappe._dict:
    """JSON read, grouping added; whatever lists do not know is left out.

    :raises frappe.ValidationError: without a DocType
    """
    doctype = form.get("doctype")
    if not doctype or not isinstance(doctype, str):
        frappe.throw(_("Say of which DocType: the parameter doctype is missing"))
    form = frappe._dict(form)
    for key in ("fields", "filters", "or_filters", "docstatus", "group_by"):
        value = form.get(key)
        if isinstance(value, str) and value[:1] in '[{"':
            try:
                form[key] = frappe.parse_json(value)
            except ValueError:
                frappe.throw(_("{0} is not valid JSON").format(key), frappe.DataError)
    if isinstance(form.fields, str) and form.fields:
        form.fields = ["*"] if form.fields == "*" else [form.fields]
    form.fields = form.fields or ["name"]
    setup_group_by(form)
    args = frappe._dict(doctype=doctype)
    args.update({key: form[key] for key in _LIST_ARGUMENTS if form.get(key) not in (None, "")})
    if "distinct" in args:
        args.distinct = sbool(args.distinct) is True
    return args


def setup_group_by(form: Any) -> None:
    """A grouping with `aggregate_function` and `aggregate_on_field` adds `_aggregate_column`."""
    if not form.get("group_by") or not form.get("aggregate_function"):
        return
    function = cstr(form.aggregate_function).lower()
    if function not in {"count", "sum", "avg"}:
        frappe.throw(_("Invalid aggregate function"))
    field = form.get("aggregate_on_field") or "name"
    table = form.get("aggregate_on_doctype") or form.doctype
    form.fields = [*form.fields, f"{function}(`tab{table}`.`{field}`) as _aggregate_column"]


def compress(data: list, args: Any = None) -> dict | list:
    """Rows with their names written once."""
    if not data:
        return data
    keys = list(data[0])
    owners = {row[column] for row in data for column in ("owner", "modified_by") if row.get(column)}
    return {
        "keys": keys,
        "values": [list(row.values()) for row in data],
        "user_info": {user: frappe.utils.get_user_info_for_avatar(user) for user in sorted(owners)},
    }


# -- export


@frappe.whitelist()
@frappe.read_only()
def export_query() -> None:
    """The rows of a list as CSV or Excel.

    :raises frappe.PermissionError: when the user may not export the DocType
    """
    form = frappe._dict(frappe.local.form_dict)
    args = get_form_params()
    doctype = args.pop("doctype")
    for key in ("limit_start", "limit_page_length", "start", "page_length", "limit", "with_comment_count"):
        args.pop(key, None)
    frappe.permissions.can_export(doctype, raise_exception=True)
    selected = form.get("selected_items")
    if selected:
        names = parsed(selected, list, "selected_items")
        args.filters = [[doctype, "name", "in", list(names)]]
        args.pop("or_filters", None)
    query = DatabaseQuery(doctype)
    labels = column_labels(doctype, args.fields)
    kind = form.get("file_format_type") or "CSV"
    make_access_log(
        doctype=doctype, file_type=kind, report_name=form.get("report_name"), filters=args.filters
    )
    rows = query.stream(**args)
    table = _table(labels, rows, query.columns, add_totals=cint(form.get("add_totals_row")))
    title = cstr(form.get("title") or doctype)
    _export.respond_with_table(title, table, kind, _export.csv_settings(form))


def _table(
    labels: list[str], rows: Iterator[tuple], columns: list[Any], add_totals: int = 0
) -> Iterator[list]:
    """Head, numbered rows and the line of totals."""
    yield [_("Sr"), *labels]
    durations = [index for index, kind in enumerate(columns) if kind == "Duration"]
    summed = [index for index, kind in enumerate(columns) if kind in {"Int", "Float", "Currency", "Percent"}]
    totals: dict[int, float] = dict.fromkeys(summed, 0) if add_totals else {}
    for number, row in enumerate(rows, 1):
        row = list(row)
        for index in totals:
            totals[index] += row[index] or 0
        for index in durations:
            row[index] = format_duration(row[index]) if row[index] else ""
        yield [number, *row]
    if add_totals:
        yield [_("Total"), *(totals.get(index, "") for index in range(len(columns)))]


def column_labels(doctype: str, fields: Any) -> list[str]:
    """The translated head of a list's columns; fields of other tables carry the table's name."""
    scope = Scope(doctype, frappe.session.user)
    labels = []
    for sql, name in select_list(scope, fields):
        table = sql.split("`.`")[0].strip("`").removeprefix("tab") if sql.startswith("`tab") else ""
        if name == "_aggregate_column":
            labels.append(_("Count"))
        elif table and table != doctype:
            labels.append(f"{_(frappe.get_meta(table).get_label(name))} ({_(table)})")
        else:
            labels.append(_(frappe.get_meta(doctype).get_label(name)))
    return labels


# -- statistics


@frappe.whitelist()
@frappe.read_only()
def get_sidebar_stats(stats: Any, doctype: str, filters: Any = None) -> dict:
    """Counts by value for the side of a list."""
    return {"stats": get_stats(stats, doctype, filters)}


@frappe.whitelist()
@frappe.read_only()
def get_stats(stats: Any, doctype: str, filters: Any = None) -> dict[str, list]:
    """For each column, how often each of its values occurs among the rows that the user may see."""
    columns = [column for column in parsed(stats, list, "stats") if isinstance(column, str)]
    if is_virtual_doctype(doctype):
        return ask_controller(doctype, "get_stats", stats=columns, filters=filters)
    filters = frappe.parse_json(filters) if isinstance(filters, str) else filters
    filters = (
        list(filters)
        if isinstance(filters, list)
        else [[key, "=", value] for key, value in parsed(filters, dict, "filters").items()]
    )
    meta = frappe.get_meta(doctype)
    result: dict[str, list] = {}
    for column in columns:
        if not frappe.db.has_column(doctype, column):
            continue
        if (
            meta.get_field(column) is None
            and not column.startswith("_")
            and column not in meta.get_valid_columns()
        ):
            continue
        rows = frappe.get_list(
            doctype,
            fields=[column, "count(*)"],
            filters=[*filters, [doctype, column, "!=", ""]],
            group_by=column,
            order_by="count(*) desc",
            distinct=False,
            as_list=True,
        )
        if column == "_user_tags":
            result[column] = scrub_user_tags(rows)
            without = frappe.get_list(
                doctype, fields=["count(*)"], filters=[*filters, [doctype, column, "is", "not set"]],
                as_list=True, order_by=None,
            )  # fmt: skip
            result[column].append([_("No Tags"), without[0][0] if without else 0])
        else:
            result[column] = [list(row) for row in rows]
    return result


def scrub_user_tags(tagcount: list) -> list:
    """Counts of single tags from counts of combinations."""
    counts: dict[str, int] = {}
    for tags, count in tagcount:
        for tag in (entry.strip() for entry in cstr(tags).split(",")):
            if tag:
                counts[tag] = counts.get(tag, 0) + cint(count)
    return [[tag, count] for tag, count in counts.items()]


# -- changes


@frappe.whitelist(methods=["POST"])
def save_report(name: str, doctype: str, report_settings: str) -> str:
    """Keeps a list's columns, filters and order as a report."""
    known = frappe.db.exists("Report", name)
    if known:
        report = frappe.get_doc("Report", name)
        if report.is_standard == "Yes":
            frappe.throw(_("Standard Reports cannot be edited"))
        if report.report_type != "Report Builder":
            frappe.throw(_("Only reports of type Report Builder can be edited"))
        if report.owner != frappe.session.user and not report.has_permission("write"):
            frappe.throw(_("Insufficient Permissions for editing Report"), frappe.PermissionError)
    else:
        frappe.has_permission(doctype, "report", throw=True)
        report = frappe.new_doc("Report")
        report.report_name = name
        report.ref_doctype = doctype
        report.report_type = "Report Builder"
        report.is_standard = "No"
    report.json = report_settings
    report.save(ignore_permissions=True)
    frappe.msgprint(_("Report {0} saved").format(frappe.bold(report.name)), indicator="green", alert=True)
    return report.name


@frappe.whitelist(methods=["POST", "DELETE"])
def delete_report(name: str) -> None:
    """Forgets a report that was made from a list."""
    report = frappe.get_doc("Report", name)
    if report.is_standard == "Yes":
        frappe.throw(_("Standard Reports cannot be deleted"))
    if report.report_type != "Report Builder":
        frappe.throw(_("Only reports of type Report Builder can be deleted"))
    if report.owner != frappe.session.user and not report.has_permission("delete"):
        frappe.throw(_("Insufficient Permissions for deleting Report"), frappe.PermissionError)
    report.delete(ignore_permissions=True)


@frappe.whitelist(methods=["POST"])
def delete_items(items: Any = None, doctype: str | None = None) -> None:
    """Deletes documents; more than ten in the background. What cannot go is named and stays."""
    items = items or frappe.form_dict.get("items")
    names = frappe.parse_json(items) if isinstance(items, str) else items
    doctype = doctype or frappe.form_dict.get("doctype")
    if not isinstance(names, list) or not all(isinstance(name, str | int) for name in names):
        frappe.throw(_("A list of names is needed"), frappe.DataError)
    names = sorted(names, key=str, reverse=True)
    if len(names) > DELETE_AT_ONCE:
        frappe.enqueue("frappe.desk.reportview.delete_bulk", doctype=doctype, items=names)
    else:
        delete_bulk(doctype, names)


def delete_bulk(doctype: str, items: list[str]) -> None:
    """Deletes documents one by one, each in a savepoint of its own."""
    kept = []
    for name in items:
        frappe.db.savepoint("delete_bulk")
        try:
            frappe.delete_doc(doctype, name)
        except (frappe.ValidationError, frappe.PermissionError) as error:
            frappe.db.rollback(save_point="delete_bulk")
            frappe.clear_last_message()
            kept.append(f"{frappe.bold(cstr(name))}: {error}")
    if kept:
        frappe.msgprint(kept, title=_("Some documents could not be deleted"), indicator="red", as_list=True)


# -- the user's rows


@frappe.whitelist()
def get_match_cond(doctype: str, as_condition: bool = True) -> str:
    """The user's condition with a leading `and`; `%` doubled, as statements with values need it."""
    condition = build_match_conditions(doctype)
    return f" and {condition}".replace("%", "%%") if condition else ""


def build_match_conditions(doctype: str, user: str | None = None, as_condition: bool = True) -> str:
    """The condition for rows that a user may see, with values written into it."""
    return _build_match_conditions(doctype, user=user, as_condition=as_condition)


def get_filters_cond(
    doctype: str,
    filters: Any,
    conditions: list,
    ignore_permissions: bool | None = None,
    with_match_conditions: bool = False,
) -> str:
    """Filters as a condition with a leading `and`, for searches that apps write as statements."""
    from frappe.model import filters as parsing

    filters = frappe.parse_json(filters) if isinstance(filters, str) else filters
    scope = Scope(doctype, frappe.session.user, check_levels=False)
    parts = [parsing.condition(scope, row) for row in parsing.normalize(doctype, filters)]
    written = [
        part % {key: frappe.db.literal(value) for key, value in scope.values.items()} for part in parts
    ]
    conditions.extend(written)
    text = "".join(f" and {part}" for part in conditions).replace("%", "%%")
    return text + (get_match_cond(doctype) if with_match_conditions else "")
