"""Files made to do harm, or damaged, are refused with a sentence; none brings the host down."""

from __future__ import annotations

import io
import zipfile

import frappe
import openpyxl
import pytest
from frappe.core.doctype.data_import import source
from frappe.core.doctype.data_import.columns import guess_format
from frappe.core.doctype.data_import.importer import ImportFile
from hypothesis import given, settings
from hypothesis import strategies as st

SHEET = "xl/worksheets/sheet1.xml"


def workbook(*rows: list) -> bytes:
    """A workbook as a spreadsheet writes it."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def altered(part: str, content: bytes, base: bytes | None = None) -> bytes:
    """A workbook one part of which is another."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(base or workbook(["Title"], ["a"]))) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for info in old.infolist():
            if info.filename != part:
                new.writestr(info.filename, old.read(info.filename))
        new.writestr(part, content)
    return target.getvalue()


def sheet(cells: str, extra: str = "") -> bytes:
    """A workbook whose sheet is written by hand."""
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    text = (
        f'<?xml version="1.0"?>{extra}<worksheet xmlns="{space}"><sheetData>{cells}</sheetData></worksheet>'
    )
    return altered(SHEET, text.encode())


ENTITIES = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
HOSTILE = {
    "a zip bomb": ("xlsx", lambda: altered(SHEET, b" " * (source.MAX_UNPACKED + 1))),
    "a bomb of texts": ("xlsx", lambda: altered("xl/sharedStrings.xml", b" " * (source.MAX_SHARED_TEXTS + 1))),
    "entities": ("xlsx", lambda: sheet('<row r="1"><c t="inlineStr"><is><t>&b;</t></is></c></row>', ENTITIES)),
    "an outside entity": ("xlsx", lambda: sheet("", '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>')),
    "entities in another alphabet": ("xlsx", lambda: altered(SHEET, ENTITIES.encode("utf-16"))),
    "no archive": ("xlsx", lambda: b"PK\x03\x04 and no more"),
    "a damaged archive": ("xlsx", lambda: workbook(["Title"], ["a"])[:-200]),
    "no workbook": ("xlsx", lambda: altered("xl/workbook.xml", b"<nonsense/>")),
    "a row beyond the sheet": ("xlsx", lambda: sheet('<row r="1"><c><v>1</v></c></row><row r="99999999999"><c><v>1</v></c></row>')),
    "a column beyond the sheet": ("xlsx", lambda: sheet('<row r="1"><c r="ZZZZZZ1"><v>1</v></c></row>')),
    "a sheet that is too wide": ("xlsx", lambda: workbook(["Title"] * (source.MAX_COLUMNS + 1), ["a"])),
    "a text that is too wide": ("csv", lambda: b"a," * (source.MAX_COLUMNS + 1) + b"b\n1\n"),
    "a line without end": ("csv", lambda: b"a" * (source.MAX_LINE + 2)),
    "a quotation without end": ("csv", lambda: b'Title\n"' + b"a\n" * 200_000),
    "bytes": ("csv", lambda: b"Title\n\0\1\2\n"),
    "GB18030": ("csv", lambda: "Title,说明\na,医务处\n".encode("gb18030")),
    "UTF-16": ("csv", lambda: "Title\na\n".encode("utf-16")),
    "an old workbook": ("xls", lambda: b"\xd0\xcf\x11\xe0"),
    "another kind": ("exe", lambda: b"MZ"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_harm_is_refused_with_a_sentence(site, name, monkeypatch):
    monkeypatch.setattr(source, "MAX_UNPACKED", 8 << 20)
    monkeypatch.setattr(source, "MAX_SHARED_TEXTS", 4 << 20)
    extension, content = HOSTILE[name]
    with pytest.raises(frappe.ValidationError) as refused:
        for _row in source.rows(content(), extension):
            pass
    assert len(str(refused.value)) > 15


def test_a_million_empty_columns_are_no_columns(site):
    assert list(source.rows(b"Title" + b"," * 1_000_000 + b"\na\n", "csv")) == [["Title"], ["a"]]
    wide = sheet('<row r="1"><c t="inlineStr"><is><t>Title</t></is></c><c r="XFD1"/></row><row r="3"><c><v>7</v></c></row>')  # fmt: skip
    assert list(source.rows(wide, "xlsx")) == [["Title"], [], [7]]


def test_formulas_are_values_and_texts(site):
    assert list(source.rows(b"Title\n=1+1\n@x\n", "csv")) == [["Title"], ["=1+1"], ["@x"]]
    assert list(source.rows(workbook(["Title"], ["=1+1"], ["b"]), "xlsx")) == [["Title"], [], ["b"]]


def test_the_mark_of_utf_8_is_no_part_of_the_first_head(site):
    assert list(source.rows("\ufeffTitle\n医务处\n".encode(), "csv")) == [["Title"], ["医务处"]]


@given(st.binary(max_size=400), st.sampled_from(["csv", "xlsx"]))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_rows_or_refused(content, extension):
    _rows_or_refusal(content, extension)


@given(st.integers(0, 4000), st.binary(min_size=1, max_size=8))
@settings(max_examples=100, deadline=None)
def test_any_damage_of_a_workbook_is_rows_or_refused(position, noise):
    whole = _WHOLE
    position %= len(whole)
    _rows_or_refusal(whole[:position] + noise + whole[position + len(noise) :], "xlsx")


_WHOLE = workbook(["Title", "Day"], ["a", 1], ["b", 2.5])


def _rows_or_refusal(content: bytes, extension: str) -> None:
    frappe.local.flags, frappe.local.message_log = frappe._dict(mute_messages=True), []
    frappe.local.lang = "en"
    try:
        for row in source.rows(content, extension):
            assert isinstance(row, list)
    except frappe.ValidationError:
        pass


def test_only_a_stored_file_is_read(site):
    for path in ("/etc/passwd.csv", "../x.csv", "https://example.com/x.csv"):
        with pytest.raises((frappe.ValidationError, frappe.PermissionError)):
            ImportFile("Role", path)


def test_another_s_private_file_is_not_read(site, as_user):
    file = frappe.get_doc(doctype="File", file_name="roles.csv", content="Role Name\nx\n", is_private=1)
    file.insert()
    assert ImportFile("Role", file.file_url).payload_count == 1
    as_user("clerk")
    with pytest.raises(frappe.PermissionError):
        ImportFile("Role", file.file_url)


def test_html_of_a_file_is_no_html_of_a_warning(site):
    file = frappe.get_doc(doctype="File", file_name="roles.csv", content="<img src=x>,Desk Access\n<b>,1\n", is_private=1)  # fmt: skip
    file.insert()
    told = str(ImportFile("Role", file.file_url).get_warnings())
    assert "<img" not in told and "&lt;img" in told


@pytest.mark.parametrize(
    ("kind", "text", "form"),
    [
        ("Date", "2024-02-29", "%Y-%m-%d"),
        ("Date", "31-12-2024", "%d-%m-%Y"),
        ("Date", "12/31/2024", "%m/%d/%Y"),
        ("Date", "2024-02-30", None),
        ("Datetime", "2024-02-29 10:11", "%Y-%m-%d %H:%M"),
        ("Datetime", "2024-02-29T10:11:12", "%Y-%m-%dT%H:%M:%S"),
        ("Datetime", "2024-02-29 later", None),
        ("Time", "23:59:59", "%H:%M:%S"),
        ("Time", "24:00", None),
    ],
)
def test_formats_of_dates(site, kind, text, form):
    assert guess_format(kind, text) == form
