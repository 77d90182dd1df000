"""Data Import: template, preview with what is wrong, new and changed records, tables over lines, going on."""

from __future__ import annotations

import csv
import datetime
import io
import json
from collections.abc import Callable, Iterator

import frappe
import openpyxl
import pytest
from frappe.core.doctype.data_import import data_import as door
from host.kit import ALL_RIGHTS, CHIEF, CLERK, field, rule

STOCK, PART, SLIP, NODE, MARK = "Host Stock", "Host Stock Part", "Host Slip", "Host Node", "Host Node Mark"
INSERT, UPDATE = "Insert New Records", "Update Existing Records"


@pytest.fixture(scope="module")
def imports(make_doctype: Callable) -> Iterator[None]:
    """A DocType named by its title, with a table; another with random names that is submitted."""
    make_doctype(PART, [field("item", reqd=1), field("qty", "Int")], [], istable=1)
    make_doctype(
        STOCK,
        [
            field("title", reqd=1, unique=1), field("kind", "Select", options="\nGood\nBad"), field("day", "Date"),
            field("seen", "Datetime"), field("price", "Float"), field("count", "Int"), field("urgent", "Check"),
            field("takes", "Duration"), field("role", "Link", options="Role"), field("hidden_text", hidden=1),
            field("place", default="shelf"), field("parts", "Table", options=PART),
        ],
        [rule("System Manager", *ALL_RIGHTS, "import"), rule(CLERK, "read", "write", "create", export=0)],
        autoname="field:title", allow_import=1,
    )  # fmt: skip
    make_doctype(
        SLIP, [field("subject", reqd=1), field("role", "Link", options="Role")],
        [rule("System Manager", *ALL_RIGHTS, "submit", "cancel", "import"), rule(CHIEF, *ALL_RIGHTS)],
        autoname="hash", is_submittable=1, allow_import=1,
    )  # fmt: skip
    make_doctype(MARK, [field("role", "Link", options="Role", in_list_view=1)], [], istable=1)
    make_doctype(
        NODE,
        [field("title", reqd=1, unique=1), field("above", "Link", options=NODE), field("kind", "Link", options="DocType"),
         field("party", "Dynamic Link", options="kind"), field("mail", options="Email"),
         field("marks", "Table MultiSelect", options=MARK)],
        [rule("System Manager", *ALL_RIGHTS, "import")], autoname="field:title", allow_import=1,
    )  # fmt: skip
    yield
    frappe.set_user("Administrator")
    for name in frappe.get_all("Data Import", {"reference_doctype": ["like", "Host %"]}, pluck="name"):
        frappe.delete_doc("Data Import", name, force=True)
        frappe.db.delete("Data Import Log", {"data_import": name})
    for name in frappe.get_all("File", {"file_name": ["like", "host_import%"]}, pluck="name"):
        frappe.delete_doc("File", name, force=True)
    frappe.db.commit()


@pytest.fixture
def load(imports: None, site: str) -> Iterator[Callable]:
    """Makes a Data Import of a text or workbook; its records are gone after the test."""

    def make(
        content: str | bytes, kind: str = INSERT, doctype: str = STOCK, suffix: str = "csv", **more: object
    ):
        file = frappe.get_doc(
            doctype="File",
            file_name=f"host_import_{frappe.generate_hash(length=6)}.{suffix}",
            content=content,
            is_private=1,
        )
        file.insert()
        doc = frappe.get_doc(
            {"doctype": "Data Import", "reference_doctype": doctype, "import_type": kind, "import_file": file.file_url, **more}
        ).insert()  # fmt: skip
        frappe.db.commit()
        return doc

    yield make
    frappe.db.rollback()
    frappe.set_user("Administrator")
    for doctype in (PART, STOCK, SLIP, MARK, NODE):
        frappe.db.delete(doctype)
    frappe.db.commit()


def run(doc) -> dict:
    """Imports as the background job does; how it ended."""
    door.start_import(doc.name)
    doc.reload()
    return door.get_import_status(doc.name)


def logs(doc) -> list[tuple[list[int], int, str | None]]:
    """Rows, success and record of the lines of the log."""
    return [(json.loads(row.row_indexes), row.success, row.docname) for row in door.get_import_logs(doc.name)]


def messages(doc) -> list[str]:
    """What the log tells of rows that failed."""
    return [
        message["message"]
        for row in door.get_import_logs(doc.name)
        if not row.success
        for message in json.loads(row.messages)
    ]


# -- templates


def template(**arguments: object) -> list[list[str]]:
    """The rows of a template."""
    frappe.local.response = frappe._dict(docs=[])
    door.download_template(STOCK, **arguments)
    assert frappe.response.type == "csv" and frappe.response.doctype == STOCK
    return [row for row in csv.reader(io.StringIO(frappe.response.result)) if row]


def test_a_template_has_the_chosen_columns_with_those_of_tables(load):
    chosen = {STOCK: ["name", "title", "kind", "hidden_text", "nonsense"], "parts": ["name", "item"]}
    rows = template(export_fields=json.dumps(chosen), export_records="blank_template", file_type="CSV")
    assert rows == [["ID", "Title", "Kind", "Hidden Text", "ID (Parts)", "Item (Parts)"]]


def test_records_come_with_their_tables_over_several_lines(load):
    frappe.get_doc(
        doctype=STOCK, title="a", kind="Good", takes=3720, parts=[{"item": "x", "qty": 1}, {"item": "y", "qty": 2}]
    ).insert()  # fmt: skip
    frappe.get_doc(doctype=STOCK, title="b").insert()
    chosen = json.dumps({STOCK: ["title", "kind", "takes"], "parts": ["item", "qty"]})
    rows = template(export_fields=chosen, export_records="all")
    assert rows[0] == ["Title", "Kind", "Takes", "Item (Parts)", "Qty (Parts)"]
    start = next(index for index, row in enumerate(rows) if row[0] == "a")
    assert rows[start : start + 2] == [["a", "Good", "1h 2m", "x", "1"], ["", "", "", "y", "2"]]
    assert ["b", "", "", "", ""] in rows
    only_b = template(export_fields=chosen, export_records="by_filter",
                      export_filters=json.dumps([[STOCK, "title", "=", "b"]]))  # fmt: skip
    assert [row[0] for row in only_b] == ["Title", "b"]


def test_five_records_and_a_workbook(load):
    for number in range(7):
        frappe.get_doc(doctype=STOCK, title=f"n{number}").insert()
        frappe.db.set_value(STOCK, f"n{number}", "creation", f"2024-01-0{number + 1}", update_modified=False)
    frappe.local.response = frappe._dict(docs=[])
    door.download_template(STOCK, json.dumps({STOCK: ["title"]}), "5_records", None, "Excel")
    assert (frappe.response.type, frappe.response.filename) == ("binary", f"{STOCK}.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(frappe.response.filecontent)).active
    assert [row[0] for row in sheet.values] == ["Title", "n6", "n5", "n4", "n3", "n2"]


def test_who_may_not_export_gets_no_records(load, as_user):
    as_user("clerk")
    with pytest.raises(frappe.PermissionError):
        door.download_template(STOCK, json.dumps({STOCK: ["title"]}), "all")


# -- what may be imported


def test_parts_of_the_system_and_other_kinds_of_file_are_refused(load):
    with pytest.raises(frappe.ValidationError, match="not allowed"):
        frappe.get_doc(doctype="Data Import", reference_doctype="DocType", import_type=INSERT).insert()
    for suffix, content in (("txt", "Title\na\n"), ("csv", "Title\n")):
        with pytest.raises(frappe.ValidationError):
            load(content, suffix=suffix)


def test_an_import_without_file_previews_as_nothing(imports, site):
    doc = frappe.get_doc(doctype="Data Import", reference_doctype=STOCK, import_type=INSERT).insert()
    assert doc.status == "Pending" and doc.name.startswith(f"{STOCK} Import on ")
    assert door.get_preview_from_template(doc.name) is None


def test_only_who_may_make_imports_makes_one(load, as_user):
    as_user("clerk")
    with pytest.raises(frappe.PermissionError):
        load("Title\na\n")


# -- preview


def test_the_preview_maps_columns_and_tells_what_it_skips(load):
    doc = load("Title,kind,parts.item,Unheard,,Title\na,Good,x,1,2,z\n")
    seen = door.get_preview_from_template(doc.name)
    assert seen["data"] == [[2, "a", "Good", "x", "1", "2", "z"]]
    first, *columns = seen["columns"]
    assert first == {"header_title": "Sr. No", "skip_import": True}
    assert [(column["df"] or {}).get("fieldname") for column in columns[:3]] == ["title", "kind", "item"]
    assert [column["skip_import"] for column in columns] == [False, False, False, True, True, True]
    assert columns[2]["is_child_table_field"] is True
    assert columns[0]["df"]["reqd"] == 1 and columns[0]["column_number"] == 1
    assert {warning["type"] for warning in seen["warnings"]} == {"info"} and len(seen["warnings"]) == 3
    assert "max_rows_exceeded" not in seen


def test_a_long_file_is_shown_by_its_first_rows(load):
    doc = load("Title\n" + "".join(f"r{number}\n" for number in range(25)))
    seen = door.get_preview_from_template(doc.name)
    assert doc.payload_count == 25 and len(seen["data"]) == 10
    assert (seen["max_rows_exceeded"], seen["max_rows_in_preview"], seen["total_number_of_rows"]) == (
        True,
        10,
        25,
    )


def test_the_user_maps_columns_himself(load):
    options = json.dumps({"column_to_field_map": {"1": "kind", "2": "Don't Import"}})
    doc = load("Title,Foo,Place\na,Bad,cellar\n", template_options=options)
    assert run(doc)["status"] == "Success"
    assert frappe.db.get_value(STOCK, "a", ["kind", "place"]) == ("Bad", "shelf")


@pytest.mark.parametrize(
    ("head", "value", "place"),
    [
        ("Kind", "Ugly", {"row": 3}),
        ("Role", "Host Nobody There", {"row": 3}),
        ("Day", "31-12-2024", {"row": 3, "col": 2}),
    ],
)
def test_a_wrong_value_is_named_by_its_row_and_stops_the_import(load, head, value, place):
    good = {"Kind": "Good", "Role": "Guest", "Day": "2024-01-02"}[head]
    doc = load(f"Title,{head}\na,{good}\nb,{value}\nc,{good}\n")
    assert run(doc) == {"status": "Pending", "total_records": 3}
    row = next(warning for warning in json.loads(doc.template_warnings) if "row" in warning)
    assert {key: row[key] for key in place} == place
    assert row["field"]["fieldname"] == head.lower()
    assert not frappe.db.count(STOCK)


def test_a_column_of_wrong_values_is_named(load):
    doc = load("Title,Kind,Role\na,Ugly,Host Nobody There\n")
    columns = door.get_preview_from_template(doc.name)["columns"]
    assert "Ugly" in columns[2]["warnings"][0]["message"] and columns[2]["warnings"][0]["col"] == 2
    assert "Host Nobody There" in columns[3]["warnings"][0]["message"]
    assert columns[3]["warnings"][0]["type"] == "warning"


def test_a_duration_that_is_none_is_refused_with_the_file(load):
    with pytest.raises(frappe.ValidationError, match="duration"):
        load("Title,Takes\na,bad\n")


# -- new records


def test_values_become_what_their_fields_hold(load):
    doc = load(
        "Title,Kind,Day,Seen,Price,Count,Urgent,Takes,Hidden Text\n"
        ' a , Good ,02-01-2024,2024-03-04 05:06:07,"1,234.5",2000,Yes,1h 2m,h\n'
    )
    assert run(doc) == {"status": "Success", "success": 1, "total_records": 1}
    made = frappe.get_doc(STOCK, "a")
    assert (made.kind, str(made.day), str(made.seen)) == ("Good", "2024-01-02", "2024-03-04 05:06:07")
    assert (made.price, made.count, made.urgent, made.takes, made.hidden_text) == (
        1234.5,
        2000,
        1,
        3720,
        "h",
    )
    assert made.place == "shelf", "defaults fill what the file does not say"


def test_lines_without_values_of_the_record_belong_to_the_record_above(load):
    doc = load("Title,Item (Parts),Qty (Parts)\na,x,1\n,y,2\n\nb,,\nc,z,3\n")
    assert doc.payload_count == 3 and run(doc)["status"] == "Success"
    assert logs(doc) == [([2, 3], 1, "a"), ([5], 1, "b"), ([6], 1, "c")]
    assert [(row.item, row.qty) for row in frappe.get_doc(STOCK, "a").parts] == [("x", 1), ("y", 2)]
    assert not frappe.get_doc(STOCK, "b").parts


def test_a_workbook_brings_its_own_kinds_of_value(load):
    book = openpyxl.Workbook()
    for row in (
        ["Title", "Day", "Seen", "Price", "Count", "Urgent"],
        ["a", datetime.date(2024, 5, 6), datetime.datetime(2024, 5, 6, 7, 8, 9), 1.5, 3, True],
        [123, "2024-05-07", None, None, 4.0, 0],
    ):
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    doc = load(file.getvalue(), suffix="xlsx")
    assert run(doc) == {"status": "Success", "success": 2, "total_records": 2}
    a, b = frappe.get_doc(STOCK, "a"), frappe.get_doc(STOCK, "123")
    assert (str(a.day), str(a.seen), a.price, a.count, a.urgent) == (
        "2024-05-06",
        "2024-05-06 07:08:09",
        1.5,
        3,
        1,
    )
    assert (str(b.day), b.count, b.urgent) == ("2024-05-07", 4, 0)


def test_rows_that_fail_are_told_and_the_others_made(load):
    frappe.get_doc(doctype=STOCK, title="there").insert()
    doc = load("Title,Place\na,x\nthere,x\n,x\nb,x\n")
    assert run(doc) == {"status": "Partial Success", "failed": 2, "success": 2, "total_records": 4}
    assert logs(doc) == [([2], 1, "a"), ([3], 0, None), ([4], 0, None), ([5], 1, "b")]
    told = messages(doc)
    assert "already exists" in told[0] and "Title" in told[1]
    assert all(row.exception for row in door.get_import_logs(doc.name) if not row.success)


def test_when_all_fail_the_import_failed(load):
    doc = load("Kind\nGood\n")
    assert run(doc) == {"status": "Error", "failed": 1, "total_records": 1}


def test_the_rows_that_failed_are_downloaded_to_be_mended(load):
    doc = load("Title,Place,Item (Parts)\na,x,\n,mended,\nb,y,\n")
    run(doc)
    frappe.local.response = frappe._dict(docs=[])
    door.download_errored_template(doc.name)
    assert list(csv.reader(io.StringIO(frappe.response.result))) == [["Title", "Place", "Item (Parts)"], ["", "mended", ""]]  # fmt: skip
    door.download_import_log(doc.name)
    rows = list(csv.reader(io.StringIO(frappe.response.result)))
    assert rows[0] == ["Row Numbers", "Status", "Message", "Exception"]
    assert [row[:2] for row in rows[1:]] == [["2", "Success"], ["3", "Failure"], ["4", "Success"]]


def test_an_import_goes_on_where_it_stopped(load):
    doc = load("Title\na\nb\nc\n")
    frappe.get_doc(doctype=STOCK, title="b").insert()
    frappe.db.commit()
    assert run(doc)["status"] == "Partial Success"
    frappe.delete_doc(STOCK, "b", force=True)
    frappe.delete_doc(STOCK, "a", force=True)
    frappe.db.commit()
    run(doc)
    assert doc.status == "Success"
    assert sorted(frappe.get_all(STOCK, pluck="name")) == ["b", "c"], (
        "what was imported is not imported twice"
    )
    assert sorted(logs(doc)) == [([2], 1, "a"), ([3], 1, "b"), ([4], 1, "c")]


def test_names_are_kept_where_the_file_gives_them(load):
    doc = load("ID,Subject\nmy-id,x\n", doctype=SLIP)
    run(doc)
    assert logs(doc) == [([2], 1, "my-id")]


def test_records_are_submitted_when_asked_for(load):
    doc = load("Subject\nx\n,\ny\n", doctype=SLIP, submit_after_import=1)
    assert run(doc)["success"] == 2
    assert [row[0] for row in logs(doc)] == [[2], [4]]
    assert frappe.get_all(SLIP, pluck="docstatus") == [1, 1]


def test_a_mandatory_value_that_is_missing(load):
    doc = load("Subject,Role\nx,Guest\n,Guest\n", doctype=SLIP)
    assert run(doc) == {"status": "Partial Success", "failed": 1, "success": 1, "total_records": 2}
    assert "Subject" in messages(doc)[-1]


def test_links_by_a_field_of_the_row_and_addresses_are_checked_record_by_record(load):
    doc = load(
        "Title,Kind,Party,Mail\na,Role,Guest,\nb,Role,Host Nobody There,\nc,,,nonsense\n", doctype=NODE
    )
    assert run(doc) == {"status": "Partial Success", "failed": 2, "success": 1, "total_records": 3}
    told = messages(doc)
    assert "Host Nobody There" in told[0] and "nonsense" in told[1]


def test_a_choice_of_several_stands_over_several_lines(load):
    doc = load("Title,Role (Marks)\na,Guest\n,All\n", doctype=NODE)
    assert run(doc)["success"] == 1
    assert [row.role for row in frappe.get_doc(NODE, "a").marks] == ["Guest", "All"]


def test_a_record_that_another_row_makes_is_not_there_yet(load):
    doc = load("Title,Above\nroot,\nleaf,root\n", doctype=NODE)
    assert run(doc) == {"status": "Pending", "total_records": 2}
    assert not frappe.db.exists(NODE, "root")


def test_the_form_starts_an_import(load):
    doc = load("Title\na\n")
    assert door.form_start_import(doc.name) is True
    assert door.get_import_status(doc.name) == {"status": "Success", "success": 1, "total_records": 1}
    assert frappe.db.exists(STOCK, "a")
    assert door.get_preview_from_template(doc.name)["import_log"] == [{"row_indexes": "[2]", "success": 1}]


# -- changed records


def test_cells_that_are_filled_change_their_record(load):
    frappe.get_doc(doctype=STOCK, title="a", kind="Good", price=1).insert()
    doc = load("ID,Kind,Price\na,,9\nnobody,Good,1\n", kind=UPDATE)
    assert run(doc) == {"status": "Partial Success", "failed": 1, "success": 1, "total_records": 2}
    assert frappe.db.get_value(STOCK, "a", ["kind", "price"]) == ("Good", 9.0)
    assert "not found" in messages(doc)[0]


def test_a_record_that_would_not_change_is_told(load):
    frappe.get_doc(doctype=STOCK, title="a", price=9).insert()
    doc = load("Title,Price\na,9\n", kind=UPDATE)
    assert run(doc) == {"status": "Error", "failed": 1, "total_records": 1}
    assert messages(doc) == ["No changes to update"]


def test_lines_of_tables_are_found_by_their_id(load):
    before = frappe.get_doc(doctype=STOCK, title="a", parts=[{"item": "x", "qty": 1}, {"item": "y", "qty": 2}]).insert()  # fmt: skip
    kept = before.parts[1].name
    doc = load(f"ID,ID (Parts),Qty (Parts),Item (Parts)\na,{kept},22,\n,,5,new\n", kind=UPDATE)
    assert run(doc) == {"status": "Success", "success": 1, "total_records": 1}
    after = {row.item: row for row in frappe.get_doc(STOCK, "a").parts}
    assert {item: row.qty for item, row in after.items()} == {"y": 22, "new": 5}
    assert after["y"].name == kept
