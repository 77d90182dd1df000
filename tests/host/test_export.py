"""Files of records: over the web, the older form with rows that describe the columns, and who may have them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

import frappe
import openpyxl
import pytest
from frappe.core.doctype.data_export.exporter import export_data
from frappe.core.doctype.data_import.exporter import Exporter
from frappe.utils.csvutils import build_csv_response, read_csv_content, to_csv
from frappe.utils.xlsxutils import make_xlsx, read_xlsx_file_from_attached_file
from host.kit import CHIEF, CLERK, email, field, rule

CRATE, PIECE = "Host Crate", "Host Crate Piece"


@pytest.fixture(scope="module")
def crates(make_doctype: Callable) -> None:
    """Two crates of two owners, one with pieces; the chief exports, the clerk does not."""
    make_doctype(PIECE, [field("item", reqd=1)], [], istable=1)
    make_doctype(
        CRATE,
        [field("title", reqd=1), field("number", "Int"), field("role", "Link", options="Role"), field("secret", permlevel=1),
         field("pieces", "Table", options=PIECE)],
        [rule("System Manager", "read", "write", "create", "export"), rule(CHIEF, "read", "report", "export"),
         rule(CLERK, "read", "report", export=0)],
        autoname="field:title",
    )  # fmt: skip
    for title, role, pieces in (("a", "Guest", ["x", "y"]), ("b", "All", [])):
        frappe.get_doc(
            doctype=CRATE, title=title, number=len(pieces), role=role, secret="s", pieces=[{"item": item} for item in pieces]
        ).insert()  # fmt: skip
    frappe.db.commit()


def answer() -> frappe._dict:
    """A fresh answer to fill."""
    frappe.local.response = frappe._dict(docs=[])
    return frappe.local.response


def table(response: frappe._dict) -> list[list[str]]:
    """The rows of a CSV answer."""
    assert response.type == "csv"
    return list(csv.reader(io.StringIO(response.result)))


# -- the older form


def test_chosen_columns_with_the_lines_of_tables(crates, site):
    response = answer()
    chosen = json.dumps({CRATE: ["title", "number"], PIECE: ["item"]})
    export_data(CRATE, select_columns=chosen, with_data=True, export_without_column_meta=True)
    head, *rows = table(response)
    assert head == ["Column Labels:", "ID", "Title", "Number", "", "ID", "Item"]
    assert [row[2:5] + row[6:] for row in rows if any(row)] == [["a", "2", "", "x"], ["", "", "", "y"], ["b", "0", "", ""]]  # fmt: skip
    assert rows[0][1] == '"a"', "a spreadsheet leaves the name alone"


def test_rows_above_describe_the_columns(crates, site):
    response = answer()
    export_data(CRATE, select_columns=json.dumps({CRATE: ["title", "number"]}), with_data=True)
    rows = {row[0]: row[1:] for row in table(response) if row and row[0]}
    assert rows["DocType:"][0] == CRATE
    assert rows["Column Labels:"][:3] == ["ID", "Title", "Number"]
    assert rows["Column Name:"][:3] == ["name", "title", "number"]
    assert rows["Mandatory:"][:3] == ["Yes", "Yes", "No"] and rows["Type:"][:3] == ["Data", "Data", "Int"]


def test_all_columns_the_mandatory_first_and_an_empty_template(crates, site):
    response = answer()
    export_data(CRATE, template=True, with_data=False)
    rows = {row[0]: row[1:] for row in table(response) if row and row[0]}
    assert rows["Column Name:"][:3] == ["title", "creation", "owner"], "new records have no ID"
    assert "number" in rows["Column Name:"] and "item" in rows["Column Name:"] and "~" in rows["Column Name:"]
    assert rows["Table:"] == [CRATE] and "a" not in rows


def test_filters_and_a_workbook(crates, site):
    response = answer()
    export_data(CRATE, select_columns=json.dumps({CRATE: ["title"]}), with_data=True, file_type="Excel",
                filters=json.dumps([["title", "=", "b"]]))  # fmt: skip
    assert (response.type, response.filename) == ("binary", f"{CRATE}.xlsx")
    cells = [cell for row in openpyxl.load_workbook(io.BytesIO(response.filecontent)).active.values for cell in row]  # fmt: skip
    assert "b" in cells and "a" not in cells


def test_who_may_not_export_gets_neither_form(crates, as_user):
    as_user("clerk")
    for door in (
        lambda: export_data(CRATE, with_data=True),
        lambda: Exporter(CRATE, {CRATE: ["title"]}, export_data=True),
    ):
        with pytest.raises(frappe.PermissionError):
            door()


def test_only_rows_that_the_user_may_see(crates, as_user):
    frappe.get_doc(doctype="User Permission", user=email("chief"), allow="Role", for_value="All").insert()
    as_user("chief")
    rows = Exporter(CRATE, {CRATE: ["title"], "pieces": ["item"]}, export_data=True).get_csv_array()
    assert [row[0] for row in rows[1:]] == ["b"]
    frappe.db.rollback()
    frappe.clear_cache(user=email("chief"))


# -- over the web


def test_a_list_is_a_file_over_the_web(crates, door):
    form = {"doctype": CRATE, "fields": json.dumps(["title", "number"]), "file_format_type": "CSV", "order_by": "title asc"}  # fmt: skip
    path = "/api/method/frappe.desk.reportview.export_query"
    file = door("chief").get(path, params=form)
    assert file.status_code == 200
    assert "Host Crate.csv" in file.headers["Content-Disposition"].replace("%20", " ").replace("+", " ")
    rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert rows[1:] == [["1", "a", "2"], ["2", "b", "0"]]
    for person in ("clerk", "nobody", "Guest"):
        refused = door(person).get(path, params=form)
        assert refused.status_code in (401, 403) and b'"a"' not in refused.content


def test_a_template_over_the_web(crates, door):
    form = {"doctype": CRATE, "export_fields": json.dumps({CRATE: ["title"]}), "export_records": "all", "file_type": "CSV"}  # fmt: skip
    path = "/api/method/frappe.core.doctype.data_import.data_import.download_template"
    file = door("chief").get(path, params=form)
    assert file.status_code == 200 and file.headers["Content-Type"].startswith("text/csv")
    assert {row[0] for row in list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))[1:]} == {"a", "b"}  # fmt: skip
    assert door("clerk").get(path, params=form).status_code == 403


# -- for programs


def test_rows_as_csv_and_back():
    rows = [["Name", "Number"], ["a, b", 1], ['say "hi"', None]]
    text = to_csv(rows)
    assert text.splitlines()[1] == '"a, b",1'
    assert read_csv_content(text) == [["Name", "Number"], ["a, b", "1"], ['say "hi"', None]]
    assert read_csv_content("名称,数\n医务处,1\n".encode()) == [["名称", "数"], ["医务处", "1"]]


def test_rows_as_csv_are_an_answer(site):
    response = answer()
    build_csv_response([["A"], [1]], "My rows")
    assert (response.type, response.doctype) == ("csv", "My rows") and table(response) == [["A"], ["1"]]


def test_rows_as_a_workbook_and_back():
    file = make_xlsx([["Name", "Number"], ["a", 1.5], ["医务处", None]], "Sheet of mine")
    book = openpyxl.load_workbook(file)
    assert book.active.title == "Sheet of mine"
    rows = read_xlsx_file_from_attached_file(fcontent=file.getvalue())
    assert [list(row) for row in rows][:2] == [["Name", "Number"], ["a", 1.5]] and rows[2][0] == "医务处"
