"""What a request asks for, and the chain: any change to any record is found."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medaffairs.audit import rules
from medaffairs.audit.rules import Access, Entry


@pytest.mark.parametrize(
    ("method", "path", "args", "expected"),
    [
        ("GET", "/api/resource/Practitioner", {}, Access("List", "Practitioner")),
        ("GET", "/api/resource/Practitioner/1", {}, Access("Read", "Practitioner", "1")),
        ("GET", "/api/resource/Exam%20Result/EXR-1", {}, Access("Read", "Exam Result", "EXR-1")),
        ("PUT", "/api/resource/Practitioner/1", {}, Access("Update", "Practitioner", "1")),
        ("POST", "/api/resource/Practitioner", {}, Access("Create", "Practitioner")),
        ("DELETE", "/api/v2/document/Practitioner/1", {}, Access("Delete", "Practitioner", "1")),
        ("GET", "/api/v1/resource/Practitioner", {}, Access("List", "Practitioner")),
        ("POST", "/api/method/frappe.client.get_list", {"doctype": "X"}, Access("List", "X")),
        ("POST", "/api/method/frappe.desk.reportview.export_query", {"doctype": "X"}, Access("Export", "X")),
        ("GET", "/api/method/frappe.desk.query_report.run", {"report_name": "R"}, Access("Report", "R")),
        ("POST", "/", {"cmd": "frappe.desk.reportview.get", "doctype": "X"}, Access("List", "X")),
        (
            "GET",
            "/api/method/frappe.utils.print_format.download_pdf",
            {"doctype": "X", "name": "1"},
            Access("Print", "X", "1"),
        ),
        ("GET", "/printview", {"doctype": "X", "name": "1"}, Access("Print", "X", "1")),
        ("GET", "/private/files/a.pdf", {}, Access("Download", "File", "/private/files/a.pdf")),
        ("POST", "/api/method/login", {"usr": "a@b"}, Access("Sign In", "", "a@b")),
        (
            "POST",
            "/api/method/frappe.client.save",
            {"doc": '{"doctype":"X","name":"1"}'},
            Access("Update", "X", "1"),
        ),
        ("POST", "/api/method/frappe.client.insert", {"doc": "no JSON"}, Access("Create", "no JSON")),
        (
            "GET",
            "/api/method/medaffairs.privileging.api.check",
            {},
            Access("Check", "medaffairs.privileging.api.check"),
        ),
        ("GET", "/api/method/any.other.method", {}, Access("Call", "any.other.method")),
    ],
)
def test_every_door_is_recognised(method, path, args, expected):
    assert rules.classify(method, path, args) == expected


@pytest.mark.parametrize(
    "path", ["/", "/medaffairs/list/X", "/assets/app.js", "/files/a.png", "/api/method/ping", "/api"]
)
def test_pages_and_static_files_are_not_recorded(path):
    assert rules.classify("GET", path, {}) is None


@given(st.text(max_size=60), st.sampled_from(["GET", "POST", "PUT", "DELETE"]))
def test_no_path_breaks_the_recognition(path, method):
    access = rules.classify(method, "/api/" + path, {"doc": path, "cmd": path})
    assert access is None or access.action


def test_filters_leave_out_secrets_and_contents():
    text = rules.describe_filters(
        {"filters": "[]", "pwd": "hush", "doc": "{…}", "cmd": "x", "new_password": "p"}
    )
    assert text == '{"filters":"[]"}'
    assert len(rules.describe_filters({"filters": "x" * 5_000})) == 2_000


@pytest.mark.parametrize(
    ("payload", "count"),
    [
        (None, 0),
        ([], 0),
        ([1, 2], 2),
        ({"keys": ["a"], "values": [[1], [2], [3]]}, 3),
        ({"result": [1], "columns": []}, 1),
        ({"name": "x"}, 1),
        (7, 1),
    ],
)
def test_rows_of_an_answer_are_counted(payload, count):
    assert rules.count_rows(payload) == count


def test_rows_of_a_file_are_counted():
    assert rules.count_file_rows("a,b\r\n1,2\r\n3,4\r\n", "x.csv") == 2
    assert rules.count_file_rows(b"%PDF", "x.pdf") == rules.UNKNOWN_ROWS
    assert rules.count_file_rows(b"no book", "x.xlsx") == rules.UNKNOWN_ROWS


text = st.text(max_size=40)
entries = st.lists(
    st.builds(
        Entry,
        occurred_at=text,
        user=text,
        action=text,
        target_type=text,
        filters=text,
        row_count=st.integers(-1, 9),
    ),
    min_size=2,
    max_size=8,
)


def broken(rows):
    """The first broken link, as the database joins the fields of each row."""
    joined = [(row[0], row[2], rules.hashed_text(row[1], row[0], row[3:])) for row in rows]
    return rules.find_break(joined, rules.GENESIS, 1)


def chained(records):
    return [(n, prev, digest, *values) for n, prev, digest, values in rules.chain(records, 0, rules.GENESIS)]


@given(entries)
def test_an_untouched_chain_is_whole(records):
    assert broken(chained(records)) is None


@settings(max_examples=200)
@given(entries, st.data())
def test_any_change_of_any_field_of_any_record_is_found(records, data):
    rows = chained(records)
    at = data.draw(st.integers(0, len(rows) - 1))
    column = data.draw(st.integers(1, len(rows[0]) - 1))
    changed = data.draw(text.filter(lambda value: value != rows[at][column]))
    rows[at] = (*rows[at][:column], changed, *rows[at][column + 1 :])
    assert broken(rows)[0] == at + 1


@given(entries, st.data())
def test_a_missing_a_moved_and_an_added_record_are_found(records, data):
    rows = chained(records)
    at = data.draw(st.integers(0, len(rows) - 2))
    assert broken(rows[:at] + rows[at + 1 :])[0] == at + 1
    swapped = [*rows[:at], rows[at + 1], rows[at], *rows[at + 2 :]]
    assert broken(swapped)[0] == at + 1
    forged = [(at + 1, *rows[at][1:3], *Entry("", "forged", "Read").values()), *rows[at:]]
    assert broken([*rows[:at], *forged])[0] == at + 1


@given(entries, st.data())
def test_text_that_moves_from_one_field_to_the_next_is_found(records, data):
    rows = chained([replace(record, user="ab", action="cd") for record in records])
    at = data.draw(st.integers(0, len(rows) - 1))
    row = list(rows[at])
    user = 3 + rules.CHAINED.index("user")
    row[user], row[user + 1] = row[user] + "\x1f" + row[user + 1], ""
    rows[at] = tuple(row)
    assert broken(rows)[0] == at + 1
