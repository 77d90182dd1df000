"""Stored statements and scripts as reports: columns, rows, totals, who may run them, their files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

import frappe
import openpyxl
import pytest
from frappe.desk import query_report
from host.kit import CHIEF, CLERK, email, field, rule

SALE, PLACE, QUERY = "Host Sale", "Host Place", "Host Sales"
STATEMENT = (
    "select title as 'Title:Data:100', number as 'Number:Int', price as 'Price:Float:90', place as 'Place:Link/Host Place:80'"
    " from `tabHost Sale` where number >= %(least)s order by number"
)


@pytest.fixture(scope="module")
def sales(make_doctype: Callable) -> None:
    """Three sales. The chief reports and exports, the clerk only reports, nobody else may."""
    make_doctype(
        PLACE, [field("title")], [rule(CHIEF, "read"), rule(CLERK, "select", read=0)], autoname="field:title"
    )
    make_doctype("Host Vault", [field("title")], [rule(CHIEF, "read")])
    for title in ("north", "south"):
        frappe.get_doc(doctype=PLACE, title=title).insert()
    make_doctype(
        SALE,
        [field("title", in_list_view=1), field("number", "Int"), field("price", "Float"), field("takes", "Duration"),
         field("place", "Link", options=PLACE), field("city")],
        [rule(CHIEF, "read", "write", "create", "report", "export"), rule(CLERK, "read", "report", export=0)],
        autoname="field:title",
    )  # fmt: skip
    for number, (title, place) in enumerate((("a", "south"), ("b", "north"), ("c", "south")), 1):
        frappe.get_doc(
            doctype=SALE, title=title, number=number, price=number * 1.5, takes=3600 * number, place=place, city="Linjiang"
        ).insert()  # fmt: skip
    frappe.db.commit()


@pytest.fixture
def report(sales: None, site: str) -> Callable:
    """Makes a report; it is rolled back."""

    def make(name: str = QUERY, **values: object):
        values = {"report_type": "Query Report", "query": STATEMENT, **values}
        return frappe.get_doc(
            doctype="Report", report_name=name, ref_doctype=SALE, is_standard="No", **values
        ).insert()

    return make


def test_heads_of_columns_say_type_options_and_width(report):
    report(add_total_row=1)
    answer = query_report.run(QUERY, filters={"least": 2})
    assert answer["columns"] == [
        {"label": "Title", "fieldname": "title", "fieldtype": "Data", "width": "100"},
        {"label": "Number", "fieldname": "number", "fieldtype": "Int"},
        {"label": "Price", "fieldname": "price", "fieldtype": "Float", "width": "90"},
        {"label": "Place", "fieldname": "place", "fieldtype": "Link", "options": PLACE, "width": "80"},
    ]
    assert answer["result"] == [
        {"title": "b", "number": 2, "price": 3.0, "place": "north"},
        {"title": "c", "number": 3, "price": 4.5, "place": "south"},
        ["Total", 5.0, 7.5, ""],
    ]
    assert (
        answer["add_total_row"] and answer["message"] is answer["chart"] is answer["report_summary"] is None
    )
    assert answer["skip_total_row"] == 0


def test_filters_are_values_of_the_statement_never_its_text(report):
    report(query="select title from `tabHost Sale` where title = %(title)s")
    for text in ("a' or '1'='1", "a'; drop table `tabHost Sale`; --"):
        assert not query_report.run(QUERY, filters={"title": text})["result"]
    assert frappe.db.count(SALE) == 3
    assert query_report.run(QUERY, filters=json.dumps({"title": "c"}))["result"] == [{"title": "c"}]


def test_columns_of_the_record_and_an_empty_result_with_heads(report):
    report(query="select title, number from `tabHost Sale` order by number", columns=[
        {"fieldname": "title", "label": "What", "fieldtype": "Data", "width": 50},
        {"fieldname": "number", "label": "How many", "fieldtype": "Int"},
    ])  # fmt: skip
    answer = query_report.run(QUERY)
    assert [(column["label"], column["fieldtype"], column["width"]) for column in answer["columns"]] == [("What", "Data", 50), ("How many", "Int", 0)]  # fmt: skip
    assert answer["result"][0] == {"title": "a", "number": 1}
    report("Host Empty")
    empty = query_report.run("Host Empty", filters={"least": 9})
    assert [column["fieldname"] for column in empty["columns"]] == ["title", "number", "price", "place"]
    assert not empty["result"]


@pytest.mark.parametrize(
    "statement",
    [
        "update `tabHost Sale` set number = 5",
        "delete from `tabHost Sale`",
        "drop table `tabHost Sale`",
    ],
)
def test_a_statement_that_writes_is_not_run(report, statement):
    report(query=statement)
    with pytest.raises(frappe.PermissionError):
        query_report.run(QUERY)
    assert frappe.get_all(SALE, pluck="number", order_by="number") == [1, 2, 3]


@pytest.mark.parametrize(
    "statement",
    [
        "select 1 as a; update `tabHost Sale` set number = 9",
        "with x as (select 1) delete from `tabHost Sale`",
    ],
)
def test_a_second_statement_is_not_run(report, statement):
    report(query=statement)
    with pytest.raises(Exception):  # noqa: B017 - the hosts refuse it differently
        query_report.run(QUERY)
    frappe.db.rollback()
    assert frappe.get_all(SALE, pluck="number", order_by="number") == [1, 2, 3]


def test_reading_with_and_no_statement_at_all(report):
    report(query="with x as (select 1 as a) select a from x")
    answer = query_report.run(QUERY)
    assert (answer["columns"], answer["result"]) == ([{"label": "a", "fieldname": "a"}], [{"a": 1}])
    report("Host Empty", query="")
    with pytest.raises(frappe.ValidationError, match="Query"):
        query_report.run("Host Empty")


# -- rights


def test_a_new_report_is_for_the_roles_of_its_doctype(report):
    assert {row.role for row in report().roles} == {CHIEF, CLERK}


def test_who_may_not_report_on_the_doctype_runs_no_report(report, as_user):
    report()
    as_user("clerk")
    assert query_report.run(QUERY, filters={"least": 1})["result"]
    as_user("nobody")
    for door in (query_report.run, query_report.get_script):
        with pytest.raises(frappe.PermissionError):
            door(QUERY)


def test_roles_of_the_report_and_a_custom_role_that_takes_their_place(report, as_user):
    report(roles=[{"role": CHIEF}])
    as_user("clerk")
    with pytest.raises(frappe.PermissionError):
        query_report.run(QUERY, filters={"least": 1})
    as_user("Administrator")
    frappe.get_doc(doctype="Custom Role", report=QUERY, ref_doctype=SALE, roles=[{"role": CLERK}]).insert()
    as_user("clerk")
    assert query_report.run(QUERY, filters={"least": 1})["result"]
    as_user("chief")
    with pytest.raises(frappe.PermissionError):
        query_report.run(QUERY, filters={"least": 1})


def test_a_link_to_what_the_user_may_not_read_ends_the_report(report, as_user):
    report(query="select title as 'Title', 'x' as 'Vault:Link/Host Vault' from `tabHost Sale`")
    as_user("clerk")
    with pytest.raises(frappe.PermissionError, match="Vault"):
        query_report.run(QUERY)


def test_a_report_that_is_off_or_is_not_there(report):
    report().toggle_disable(True)
    with pytest.raises(frappe.ValidationError, match="disabled"):
        query_report.run(QUERY, filters={"least": 1})
    with pytest.raises(frappe.DoesNotExistError):
        query_report.run("Host Nothing")


def test_code_is_written_by_who_may_write_code(report, as_user):
    frappe.flags.in_test = False
    user = frappe.get_doc("User", email("chief"))
    user.add_roles("System Manager")
    as_user("chief")
    for kind in ("Query Report", "Script Report"):
        with pytest.raises(frappe.PermissionError, match="Script Manager"):
            report("Host Written", report_type=kind, query="select 1", report_script="data = [], []")
    with pytest.raises(frappe.ValidationError, match="standard"):
        frappe.get_doc(doctype="Report", report_name="Host Std", ref_doctype=SALE, is_standard="Yes", module="Core", report_type="Script Report").insert()  # fmt: skip
    assert report("Host List", report_type="Report Builder", query=None).name == "Host List"


def test_rows_keep_to_the_user_s_limits(report, as_user):
    report()
    frappe.get_doc(doctype="User Permission", user=email("clerk"), allow=PLACE, for_value="north").insert()
    as_user("clerk")
    assert [row["title"] for row in query_report.run(QUERY, filters={"least": 1})["result"]] == ["b"]


# -- what a page asks before


def test_the_script_names_filters(report):
    report(
        filters=[{"fieldname": "least", "label": "Least", "fieldtype": "Int", "mandatory": 1, "default": "3"}]
    )
    answer = query_report.get_script(QUERY)
    assert set(answer) >= {"script", "html_format", "execution_time", "filters", "custom_report_name"}
    (row,) = answer["filters"]
    assert (row.get("fieldname"), row.get("mandatory"), row.get("default")) == ("least", 1, "3")
    assert QUERY in answer["script"]


# -- totals


def test_totals_sum_numbers_and_average_percentages(site):
    columns = [{"fieldname": "a", "fieldtype": "Data"}, {"fieldname": "b", "fieldtype": "Int"}, {"fieldname": "p", "fieldtype": "Percent"},
               {"fieldname": "d", "fieldtype": "Duration"}, {"fieldname": "x", "fieldtype": "Int"}]  # fmt: skip
    rows = [{"a": "x", "b": 2, "p": 10, "d": 60}, {"a": "y", "b": 3, "p": 20, "d": 60}]
    assert query_report.add_total_row(rows, columns)[-1] == ["Total", 5.0, 15.0, 120.0, ""]
    assert query_report.add_total_row([[1, "x"], [3, "y"]], ["A:Int:90", "B"])[-1] == [4.0, ""]


def test_totals_of_a_tree_are_those_of_its_roots(site):
    columns = [{"fieldname": "a", "fieldtype": "Data"}, {"fieldname": "b", "fieldtype": "Int"}]
    rows = [
        {"a": "x", "b": 5, "parent": None, "indent": 0},
        {"a": "y", "b": 3, "parent": "x", "indent": 1},
    ]
    assert query_report.add_total_row(rows, columns, is_tree=True, parent_field="parent")[-1] == ["Total", 5.0]  # fmt: skip


# -- custom reports


def test_a_report_kept_with_other_columns_and_filters(report, as_user):
    report()
    columns = [{"fieldname": "title", "label": "Only this", "fieldtype": "Data"}]
    name = query_report.save_report(QUERY, "Host Mine", json.dumps(columns), json.dumps({"least": 2}))
    kept = frappe.get_doc("Report", name)
    assert (kept.report_type, kept.reference_report, kept.is_standard) == ("Custom Report", QUERY, "No")
    answer = query_report.run("Host Mine")
    assert answer["columns"] == columns and answer["custom_filters"] == {"least": 2}
    assert [row["title"] for row in answer["result"]] == ["b", "c"]
    as_user("nobody")
    with pytest.raises(frappe.PermissionError):
        query_report.run("Host Mine")
    with pytest.raises(frappe.PermissionError):
        query_report.save_report(QUERY, "Host Theirs", "[]", "{}")


def test_a_column_of_a_linked_document_is_added(report):
    report()
    extra = {"fieldname": "city", "fieldtype": "Data", "label": "City", "doctype": SALE, "link_field": {"fieldname": "title", "names": {}}, "insert_after_index": 0}  # fmt: skip
    answer = query_report.run(QUERY, filters={"least": 3}, custom_columns=[extra])
    assert [column["fieldname"] for column in answer["columns"]][:2] == ["title", "city"]
    assert "city" in answer["result"][0]
    assert query_report.get_data_for_custom_field(SALE, "city")["a"] == "Linjiang"


# -- files


def export(**form: object) -> frappe._dict:
    """The answer of an export."""
    frappe.local.form_dict = frappe._dict(report_name=QUERY, filters=json.dumps({"least": 1}), **form)
    frappe.local.response = frappe._dict(docs=[])
    query_report.export_query()
    return frappe.local.response


def test_a_csv_file_has_the_rows_that_are_shown(report):
    report(add_total_row=1)
    answer = export(file_format_type="CSV", visible_idx="[0, 2]", csv_delimiter=";")
    assert (answer.type, answer.filename) == ("binary", f"{QUERY}.csv")
    content = answer.filecontent
    content = content.decode("utf-8-sig") if isinstance(content, bytes) else content
    rows = list(csv.reader(io.StringIO(content), delimiter=";"))
    assert [row[0] for row in rows] == ["Title", "a", "c"]


def test_a_workbook_with_the_filters_above(report):
    report()
    answer = export(file_format_type="Excel", visible_idx="[0, 1, 2]", include_filters=1, applied_filters=json.dumps({"Least": 1}))  # fmt: skip
    rows = [list(row) for row in openpyxl.load_workbook(io.BytesIO(answer.filecontent)).active.values]
    assert rows[0][:2] == ["Least", "1"] and not any(rows[1])
    assert rows[2] == ["Title", "Number", "Price", "Place"]
    assert rows[3:] == [["a", 1, 1.5, "south"], ["b", 2, 3, "north"], ["c", 3, 4.5, "south"]]


def test_who_may_not_export_gets_no_file(report, as_user):
    report()
    as_user("clerk")
    with pytest.raises(frappe.PermissionError):
        export(file_format_type="CSV")


def test_trees_are_indented_and_hidden_columns_left_out(site):
    data = frappe._dict(
        columns=[{"fieldname": "a", "label": "A", "fieldtype": "Data"}, {"fieldname": "h", "label": "H", "fieldtype": "Data", "hidden": 1}],
        result=[{"a": "x", "h": 1, "indent": 0}, {"a": "y", "h": 1, "indent": 1}, {"a": "z", "h": 1}], filters={},
    )  # fmt: skip
    rows, _widths = query_report.build_xlsx_data(data, [0, 1], 1)
    assert rows == [["A"], ["x"], ["    y"]]
