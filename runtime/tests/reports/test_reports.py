"""Reports, cards, charts, searches, exports."""

import csv
import io
import sys
import types
import zipfile

import frappe
import pytest
from frappe.desk import query_report, reportview, search
from frappe.desk.doctype.dashboard_chart import dashboard_chart
from frappe.desk.doctype.number_card import number_card
from frappe.permissions import add_user_permission

VISIT, WARD = "Test Visit", "Test Ward"


@pytest.fixture
def script(visit, monkeypatch):
    """A script report whose module is the function that the test gives."""

    def make(execute, **values):
        module = types.ModuleType("report_of_a_test")
        module.execute = execute
        package = "frappe.core.report.visits_of_test"
        for name in ("frappe.core.report", package):
            monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
            sys.modules[name].__path__ = []
        monkeypatch.setitem(sys.modules, f"{package}.visits_of_test", module)
        return frappe.get_doc(doctype="Report", report_name="Visits of Test", ref_doctype=VISIT, is_standard="No",
                              module="Core", report_type="Script Report", **values).insert()  # fmt: skip

    return make


COLUMNS = [
    {"fieldname": "ward", "fieldtype": "Link", "options": WARD, "label": "Ward"},
    {"fieldname": "visits", "fieldtype": "Int", "label": "Visits"},
]


def rows(_filters):
    return COLUMNS, [
        {"ward": "s1", "visits": 2},
        {"ward": "medicine", "visits": 3},
        {"ward": None, "visits": 5},
    ]


def test_all_parts_of_an_answer(script, as_user):
    script(lambda filters: (["Name:Data:90", "Count:Int"], [["a", 1], ["b", filters.extra]], "note", {"type": "bar"}, [{"value": 1}], 1), add_total_row=1)  # fmt: skip
    as_user("clerk")
    answer = query_report.run("Visits of Test", filters='{"extra": 4}')
    assert answer["result"] == [["a", 1], ["b", 4]]
    assert [column["fieldname"] for column in answer["columns"]] == ["name", "count"]
    assert (answer["message"], answer["chart"], answer["report_summary"]) == (
        "note",
        {"type": "bar"},
        [{"value": 1}],
    )


def test_limits_hold_for_rows_of_reports(script, as_user):
    script(rows, add_total_row=1)
    add_user_permission(WARD, "surgery", "clerk@host.test")
    as_user("clerk")
    answer = query_report.run("Visits of Test")
    *rows_, total = answer["result"]
    assert [row["visits"] for row in rows_] == [2, 5] and total == ["Total", 7.0]


def test_roles_of_a_report(script, as_user):
    script(rows, roles=[{"role": "Test Manager"}])
    as_user("manager")
    assert query_report.run("Visits of Test")["result"]
    as_user("clerk")
    with pytest.raises(frappe.PermissionError):
        query_report.run("Visits of Test")
    with pytest.raises(frappe.PermissionError):
        query_report.get_script("Visits of Test")


def test_who_may_not_report_runs_no_report(script, as_user):
    script(rows)
    as_user("own")
    with pytest.raises(frappe.PermissionError):
        query_report.run("Visits of Test")


def test_a_report_as_a_file(script, as_user):
    script(lambda filters: (COLUMNS, [{"ward": "=1+1", "visits": 2}, {"ward": "s1", "visits": -3}]))
    as_user("clerk")
    frappe.local.form_dict = frappe._dict(report_name="Visits of Test", file_format_type="CSV")
    with pytest.raises(frappe.PermissionError):
        query_report.export_query()
    as_user("manager")
    frappe.local.form_dict = frappe._dict(report_name="Visits of Test", file_format_type="CSV")
    query_report.export_query()
    table = list(csv.reader(io.StringIO(frappe.response.filecontent.decode("utf-8-sig"))))
    assert table == [["Ward", "Visits"], ["'=1+1", "2"], ["s1", "-3"]]
    frappe.local.form_dict.update(file_format_type="Excel", visible_idx="[0]")
    query_report.export_query()
    sheet = zipfile.ZipFile(io.BytesIO(frappe.response.filecontent)).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet and "=1+1" in sheet and frappe.response.filename.endswith(".xlsx")


def test_stored_queries_only_read(visit):
    doc = visit(subject="kept")
    report = frappe.get_doc(doctype="Report", report_name="Q of Test", ref_doctype=VISIT, is_standard="No", module="Core",
                            report_type="Query Report", query="select name as 'Name:Link/Test Visit:90' from `tabTest Visit`").insert()  # fmt: skip
    answer = query_report.run("Q of Test")
    assert answer["result"] == [{"name": doc.name}] and answer["columns"][0]["options"] == VISIT
    for statement in (
        "delete from `tabTest Visit`",
        "with x as (select 1) delete from `tabTest Visit`",
        "pragma table_info(x)",
        "select 1; delete from `tabTest Visit`",
        "select 1 into outfile '/tmp/x'",
        "/* select */ delete from `tabTest Visit`",
        "explain select 1",
    ):
        frappe.db.set_value("Report", report.name, "query", statement)
        with pytest.raises(frappe.PermissionError):
            query_report.run("Q of Test")
    assert frappe.db.count(VISIT) == 1
    frappe.db.set_value("Report", report.name, "query", "select ';' as a, \"delete\" as b -- ; drop")
    assert query_report.run("Q of Test")["result"] == [{"a": ";", "b": "delete"}]


def test_scripts_of_records_are_not_run_where_they_are_off(visit):
    frappe.get_doc(doctype="Report", report_name="S of Test", ref_doctype=VISIT, is_standard="No", module="Core",
                   report_type="Script Report", report_script="data = [], []").insert()  # fmt: skip
    with pytest.raises(frappe.ValidationError, match="disabled"):
        query_report.run("S of Test")


def test_excel_of_a_list(visit, as_user):
    import openpyxl

    visit(subject="=cmd()", score=3, seen_on="2026-02-03")
    as_user("manager")
    frappe.local.form_dict = frappe._dict(
        doctype=VISIT, fields='["subject","score","seen_on"]', file_format_type="Excel", title="V/1"
    )
    reportview.export_query()
    sheet = openpyxl.load_workbook(io.BytesIO(frappe.response.filecontent)).active
    head, row = sheet.iter_rows(values_only=True)
    assert head == ("Sr", "Subject", "Score", "Seen On")
    assert row[:3] == (1, "=cmd()", 3) and str(row[3]).startswith("2026-02-03")


def test_cards_and_charts(visit, as_user):
    for score, day, ward in ((1, "2026-01-15", "s1"), (2, "2026-01-20", "s2"), (6, "2026-03-01", "s1")):
        visit(score=score, seen_on=day, ward=ward)
    as_user("clerk")
    card = {"document_type": VISIT, "function": "Sum", "aggregate_function_based_on": "score"}
    assert number_card.get_result(card, "[]") == 9
    assert number_card.get_result(card, [[VISIT, "ward", "=", "s1", False]]) == 7
    chart = {"name": "c", "document_type": VISIT, "based_on": "seen_on", "time_interval": "Monthly", "timespan": "Select Date Range",
             "from_date": "2026-01-01", "to_date": "2026-03-31"}  # fmt: skip
    counted = dashboard_chart.get(chart={**chart, "chart_type": "Count"})
    assert counted["labels"] == ["2026-01", "2026-02", "2026-03"] and counted["datasets"][0]["values"] == [
        2,
        0,
        1,
    ]
    averaged = dashboard_chart.get(chart={**chart, "chart_type": "Average", "value_based_on": "score"})
    assert averaged["datasets"][0]["values"] == [1.5, 0, 6]
    grouped = dashboard_chart.get(chart={"name": "g", "chart_type": "Group By", "document_type": VISIT, "group_by_type": "Count", "group_by_based_on": "ward"})  # fmt: skip
    assert (grouped["labels"], grouped["datasets"][0]["values"]) == (["s1", "s2"], [2, 1])
    as_user("nobody")
    with pytest.raises(frappe.PermissionError):
        number_card.get_result(card, "[]")
    with pytest.raises(frappe.PermissionError):
        dashboard_chart.get(chart={**chart, "chart_type": "Count"})


def test_search_by_title_and_initials(wards, as_user):
    as_user("clerk")
    found = search.search_link(WARD, "pys1")
    assert [(row["value"], row["label"]) for row in found] == [("s1", "Ward s1")]
    assert {row["value"] for row in search.search_link(WARD, "ward s")} == {"surgery", "s1", "s2"}
    assert [
        row["value"]
        for row in search.search_link(WARD, "ward", filters={"is_group": 0, "name": ["like", "m%"]})
    ] == ["medicine"]
    assert search.search_link(WARD, "%' or 1=1 --") == []
    with pytest.raises(frappe.DataError):
        search.search_link(WARD, "x", searchfield="(select 1)")
    as_user("nobody")
    with pytest.raises(frappe.PermissionError):
        search.search_link(WARD, "w")


def test_statistics_and_groups(visit, as_user):
    for status in ("Open", "Open", "Late"):
        visit(status=status, score=2)
    as_user("clerk")
    assert sorted(reportview.get_stats('["status"]', VISIT)["status"]) == [["Late", 1], ["Open", 2]]
    frappe.local.form_dict = frappe._dict(
        doctype=VISIT,
        fields='["status"]',
        group_by="status",
        aggregate_function="sum",
        aggregate_on_field="score",
    )
    answer = reportview.get()
    assert answer["keys"] == ["status", "_aggregate_column"]
    frappe.local.form_dict.aggregate_function = "group_concat"
    with pytest.raises(frappe.ValidationError):
        reportview.get()


def test_deleting_many_names_what_stays(visit, as_user):
    free, kept = visit(), visit()
    kept.submit()
    as_user("manager")
    reportview.delete_items(frappe.as_json([free.name, kept.name]), VISIT)
    assert frappe.get_all(VISIT, pluck="name") == [kept.name]
    assert kept.name in str(frappe.get_message_log())
