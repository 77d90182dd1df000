"""What goes into a PDF, and what never does: pictures by their rights, letter heads, languages, nothing from outside."""

from __future__ import annotations

import base64
import io
import subprocess
import unicodedata

import frappe
import pytest
from frappe.utils.pdf import get_pdf, self_contained
from frappe.www.printview import get_html

VISIT = "Test Visit"
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
def picture(visit):
    """A private picture that belongs to a visit."""
    doc = visit(subject="with a picture")
    file = frappe.get_doc(doctype="File", file_name="x.png", content=PIXEL, is_private=1, attached_to_doctype=VISIT,
                          attached_to_name=doc.name).insert()  # fmt: skip
    return file.file_url


def test_a_private_picture_is_printed_for_who_may_read_its_document(picture, as_user):
    page = f'<p>x</p><img src="{picture}"><img src="{picture}2">'
    as_user("manager")
    inside = self_contained(page)
    assert base64.b64encode(PIXEL).decode() in inside and inside.count('src=""') == 1
    as_user("nobody")
    assert "base64" not in self_contained(page)


@pytest.mark.parametrize(
    "page",
    [
        '<img src="http://127.0.0.1:1/x.png">', '<img src="file:///etc/passwd">', '<iframe src="file:///etc/passwd"></iframe>',
        '<link rel="stylesheet" href="http://127.0.0.1:1/x.css">', "<style>@import url(http://127.0.0.1:1/x)</style>",
        '<div style="background:url(file:///etc/passwd)">', "<script>fetch('http://127.0.0.1:1')</script>",
        '<object data="file:///etc/passwd"></object>', '<img src="/files/../../site_config.json">',
    ],
)  # fmt: skip
def test_nothing_is_fetched(site, page):
    kept = self_contained(page)
    assert "127.0.0.1" not in kept.split("<script>")[0] or "<script" not in kept
    assert "passwd" not in kept and "site_config" not in kept


def words(content: bytes) -> str:
    """The text of a PDF; fonts draw radicals where the text has characters."""
    run = subprocess.run(["pdftotext", "-", "-"], input=content, capture_output=True, check=True)
    return "".join(unicodedata.normalize("NFKC", run.stdout.decode()).split())


@pytest.mark.needs("wkhtmltopdf", "pdftotext")
def test_a_letter_head_stands_in_the_pdf(visit, as_user):
    frappe.get_doc(doctype="Letter Head", letter_head_name="Test Head", is_default=1, source="HTML", content="<div>某某医院 {{ doc.subject }}</div>",
                   footer="<div>第一联</div>").insert()  # fmt: skip
    doc = visit(subject="复诊")
    as_user("manager")
    text = words(frappe.get_print(VISIT, doc.name, as_pdf=True))
    assert "某某医院复诊" in text and "第一联" in text
    assert "某某医院" not in words(frappe.get_print(VISIT, doc.name, as_pdf=True, no_letterhead=1))


@pytest.mark.needs("wkhtmltopdf")
def test_pages_join_those_of_others_and_keep_the_site_s_size(site):
    from pypdf import PdfReader, PdfWriter

    frappe.db.set_single_value("Print Settings", "pdf_page_size", "A5")
    frappe.clear_document_cache("Print Settings", "Print Settings")
    writer = PdfWriter()
    assert get_pdf("<p>one</p>", output=writer) is writer and get_pdf("<p>two</p>", output=writer) is writer
    target = io.BytesIO()
    writer.write(target)
    pages = PdfReader(target).pages
    assert [round(float(page.mediabox.width)) for page in pages] == [420, 420]


def test_a_print_in_another_language(visit):
    doc = visit()
    frappe.get_doc(
        doctype="Translation", language="zh", source_text="Subject", translated_text="主题词"
    ).insert()
    frappe.get_doc(doctype="Print Format", name="Test Chinese", doc_type=VISIT, standard="No", custom_format=1,
                   default_print_language="zh", html="<p>{{ _('Subject') }}</p>").insert()  # fmt: skip
    from frappe.translate import print_language
    from frappe.www.printview import language_of

    before = frappe.local.lang
    with print_language(language_of("Test Chinese")):
        assert "主题词" in get_html(doc, "Test Chinese")
    assert frappe.local.lang == before and "主题词" not in get_html(doc, "Test Chinese")


def test_columns_stand_side_by_side_and_headings_where_the_format_wants_them(site):
    from frappe.printing.layout import Layout

    doc = frappe.get_doc(doctype="Role", role_name="Test Printed Role", desk_access=1)
    built = {"sections": [{"label": "Head", "columns": [{"fields": [{"fieldname": "role_name", "label": "Named"}]},
                                                        {"fields": [{"fieldname": "desk_access"}, {"fieldtype": "HTML", "html": "<i>{{ doc.role_name }}!</i>"}]}]}]}  # fmt: skip
    chosen = frappe._dict(format_data=frappe.as_json(built), show_section_headings=1)
    doc.name = "Test Printed Role"
    html = str(Layout(doc, chosen).html())
    assert html.count("column-break") == 2 and "width:50%" in html
    assert "<h2>Head</h2>" in html and "Named" in html and "<i>Test Printed Role!</i>" in html
