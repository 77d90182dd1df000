"""Lists kept as reports, groups with sums, and lists as files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

import frappe
import openpyxl
import pytest
from frappe.desk import reportview
from host.kit import CHIEF, CLERK, field, rule

PARCEL, LISTED = "Host Parcel", "Host Parcels"


@pytest.fixture(scope="module")
def parcels(make_doctype: Callable) -> None:
    """Three parcels with a field that only the chief sees."""
    make_doctype(
        PARCEL,
        [field("title", in_list_view=1), field("number", "Int"), field("takes", "Duration"),
         field("role", "Link", options="Role"), field("secret", permlevel=1)],
        [rule(CHIEF, "read", "report", "export"), rule(CHIEF, "read", permlevel=1), rule(CLERK, "read", "report", export=0)],
        autoname="field:title",
    )  # fmt: skip
    for number, (title, role) in enumerate((("a", "Guest"), ("b", "All"), ("c", "Guest")), 1):
        frappe.get_doc(doctype=PARCEL, title=title, number=number, takes=3600 * number, role=role, secret="s").insert()  # fmt: skip
    frappe.db.commit()


@pytest.fixture
def listed(parcels: None, site: str) -> Callable:
    """Makes a report of a list from what a list keeps; its columns' names and its rows."""

    def make(**kept: object) -> tuple[list[str], list[list]]:
        if frappe.db.exists("Report", LISTED):
            frappe.delete_doc("Report", LISTED, force=True)
        report = frappe.get_doc(
            doctype="Report", report_name=LISTED, ref_doctype=PARCEL, is_standard="No", report_type="Report Builder",
            json=json.dumps(kept) if kept else None,
        ).insert()  # fmt: skip
        columns, rows = report.get_data()
        return [column.get("fieldname") for column in columns], [list(row) for row in rows]

    return make


def test_a_list_with_filters_and_order(listed):
    columns, rows = listed(
        fields=[["title", PARCEL], ["number", PARCEL]],
        filters=[[PARCEL, "number", ">", 1]],
        order_by=f"`tab{PARCEL}`.`number` desc",
    )
    assert (columns, rows) == (["title", "number"], [["c", 3], ["b", 2]])


def test_totals_of_a_list(listed):
    _columns, rows = listed(fields=[["title", PARCEL], ["number", PARCEL]], order_by=f"`tab{PARCEL}`.`number` asc", add_totals_row=1)  # fmt: skip
    assert rows[-1] == ["Total", 6]


def test_without_columns_those_of_the_list_are_taken(listed):
    columns, rows = listed()
    assert columns == ["name", "title"] and sorted(rows) == [["a", "a"], ["b", "b"], ["c", "c"]]


def test_groups_with_sums_and_counts(listed):
    group = {
        "group_by": f"`tab{PARCEL}`.`role`",
        "aggregate_function": "sum",
        "aggregate_on": f"`tab{PARCEL}`.`number`",
    }
    fields = [["role", PARCEL], ["_aggregate_column", PARCEL]]
    columns, rows = listed(group_by=group, fields=fields, order_by="_aggregate_column desc")
    assert columns == ["role", "_aggregate_column"] and rows == [["Guest", 4], ["All", 2]]
    group = {"group_by": f"`tab{PARCEL}`.`role`", "aggregate_function": "count"}
    assert listed(group_by=group, fields=fields, order_by="_aggregate_column desc")[1] == [
        ["Guest", 2],
        ["All", 1],
    ]


def test_rows_as_dictionaries_with_filters_of_the_caller(listed):
    listed(fields=[["title", PARCEL]], order_by=f"`tab{PARCEL}`.`number` asc")
    report = frappe.get_doc("Report", LISTED)
    _columns, rows = report.get_data(filters={"number": 2}, as_dict=True)
    assert rows == [{"title": "b"}]


def test_a_list_is_kept_and_kept_again(parcels, as_user):
    as_user("clerk")
    first, second = json.dumps({"fields": [["title", PARCEL]]}), json.dumps({"fields": [["number", PARCEL]]})
    assert reportview.save_report(LISTED, PARCEL, first) == LISTED
    assert reportview.save_report(LISTED, PARCEL, second) == LISTED
    kept = frappe.db.get_value("Report", LISTED, ["json", "report_type", "ref_doctype", "is_standard"])
    assert kept == (second, "Report Builder", PARCEL, "No")
    as_user("nobody")
    for door in (
        lambda: reportview.save_report(LISTED, PARCEL, "{}"),
        lambda: reportview.delete_report(LISTED),
    ):
        with pytest.raises(frappe.PermissionError):
            door()
    as_user("clerk")
    reportview.delete_report(LISTED)
    assert not frappe.db.exists("Report", LISTED)


def test_reports_of_another_kind_are_not_kept_over(parcels, site):
    frappe.get_doc(doctype="Report", report_name=LISTED, ref_doctype=PARCEL, is_standard="No", report_type="Query Report", query="select 1").insert()  # fmt: skip
    with pytest.raises(frappe.ValidationError, match="Report Builder"):
        reportview.save_report(LISTED, PARCEL, "{}")
    with pytest.raises(frappe.ValidationError, match="Report Builder"):
        reportview.delete_report(LISTED)


def ask(**form: object) -> None:
    """What a list sends."""
    frappe.local.form_dict = frappe._dict(doctype=PARCEL, **form)
    frappe.local.response = frappe._dict(docs=[])


def test_a_page_of_groups(parcels, site):
    ask(fields=json.dumps([f"`tab{PARCEL}`.`role`"]), group_by=f"`tab{PARCEL}`.`role`", aggregate_function="sum",
        aggregate_on_field="number", aggregate_on_doctype=PARCEL, order_by="_aggregate_column desc", view="Report")  # fmt: skip
    answer = reportview.get()
    assert answer["keys"] == ["role", "_aggregate_column"] and answer["values"] == [["Guest", 4], ["All", 2]]
    frappe.local.form_dict.aggregate_function = "group_concat"
    with pytest.raises(frappe.ValidationError):
        reportview.get()


def columns(*names: str) -> str:
    """Fields as a list names them."""
    return json.dumps([f"`tab{PARCEL}`.`{name}`" for name in names])


def test_a_list_as_csv(parcels, site):
    ask(fields=columns("title", "number", "takes"), order_by="number asc", file_format_type="CSV", title="My parcels")  # fmt: skip
    reportview.export_query()
    answer = frappe.local.response
    assert (answer.type, answer.filename) == ("binary", "My parcels.csv")
    text = answer.filecontent.decode("utf-8-sig") if isinstance(answer.filecontent, bytes) else answer.filecontent  # fmt: skip
    assert list(csv.reader(io.StringIO(text))) == [["Sr", "Title", "Number", "Takes"], ["1", "a", "1", "1h"], ["2", "b", "2", "2h"], ["3", "c", "3", "3h"]]  # fmt: skip


def test_chosen_rows_as_a_workbook(parcels, site):
    ask(fields=columns("title", "number"), order_by="number asc", file_format_type="Excel", selected_items=json.dumps(["a", "c"]))  # fmt: skip
    reportview.export_query()
    sheet = openpyxl.load_workbook(io.BytesIO(frappe.local.response.filecontent)).active
    assert list(sheet.values) == [("Sr", "Title", "Number"), (1, "a", 1), (2, "c", 3)]


def test_fields_of_levels_that_the_user_may_not_read_are_left_out(parcels, as_user):
    as_user("chief")
    ask(fields=columns("title", "secret"), order_by="number asc", file_format_type="Excel")
    reportview.export_query()
    sheet = openpyxl.load_workbook(io.BytesIO(frappe.local.response.filecontent)).active
    assert next(iter(sheet.values)) == ("Sr", "Title", "Secret")


def test_who_may_not_export_gets_no_file(parcels, as_user):
    as_user("clerk")
    ask(fields=columns("title"), file_format_type="CSV")
    with pytest.raises(frappe.PermissionError):
        reportview.export_query()
