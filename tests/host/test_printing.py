"""Documents on paper: the standard layout, print formats, letter heads, drafts, rights, PDF."""

from __future__ import annotations

import json
import re
import subprocess
import unicodedata
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import frappe
import pytest
from frappe.utils.print_format import download_multi_pdf, download_pdf, report_to_pdf
from frappe.www import printview
from host.kit import ALL_RIGHTS, CHIEF, CLERK, field, rule

FORM, LINE, FORMAT, HEAD = "Host Form", "Host Form Line", "Host Format of Form", "Host Head"


class _Words(HTMLParser):
    """The words of a page, without those of style sheets and scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.mute = 0

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.mute += tag in {"style", "script"}

    def handle_endtag(self, tag: str) -> None:
        self.mute -= tag in {"style", "script"}

    def handle_data(self, data: str) -> None:
        if not self.mute:
            self.words.append(data)


def words(html: str) -> str:
    """What a reader of a page reads."""
    parser = _Words()
    parser.feed(html)
    return re.sub(r"\s+", " ", " ".join(parser.words)).strip()


@pytest.fixture(scope="module")
def forms(make_doctype: Callable) -> None:
    """A form with sections, columns, a table, hidden fields and a level of its own."""
    make_doctype(
        LINE,
        [field("item", in_list_view=1), field("qty", "Int", in_list_view=1), field("remark", in_list_view=1, print_hide=1),
         field("unused", in_list_view=1)],
        [], istable=1,
    )  # fmt: skip
    make_doctype(
        FORM,
        [
            field("title"), field("first", "Section Break"), field("subject"), field("column", "Column Break"), field("day", "Date"),
            field("amount", "Currency"), field("count", "Int"), field("hushed", "Int", print_hide_if_no_value=1),
            field("ticked", "Check"), field("unticked", "Check"), field("kept_back", print_hide=1), field("secret", permlevel=1), field("not_on_forms", hidden=1),
            field("rich", "Text Editor"), field("lines_below", "Small Text"), field("empty_one"), field("picture", "Attach Image"),
            field("lines", "Table", options=LINE),
        ],
        [rule(CLERK, *ALL_RIGHTS, "submit", "cancel"), rule(CHIEF, "read", "print"), rule(CHIEF, "read", permlevel=1)],
        autoname="field:title", is_submittable=1, title_field="title",
    )  # fmt: skip


@pytest.fixture
def form(forms: None, site: str) -> Iterator[Callable]:
    """Makes a form, in English; nothing of it or of the settings stays."""
    language, frappe.local.lang = frappe.local.lang, "en"

    def make(title: str = "T1", **values: object):
        lines = [{"item": "bolt", "qty": 2, "remark": "unseen"}, {"item": "螺钉", "qty": 3}]
        return frappe.get_doc({
            "doctype": FORM, "title": title, "subject": "a subject", "day": "2024-05-06", "amount": 1234.5, "ticked": 1,
            "kept_back": "unseen", "secret": "level one", "not_on_forms": "hidden value", "rich": "<p>rich <i>text</i></p>", "lines": lines, **values,
        }).insert()  # fmt: skip

    yield make
    frappe.local.lang = language
    frappe.db.rollback()
    frappe.clear_document_cache("Print Settings", "Print Settings")


def setting(**values: int) -> None:
    """Changes Print Settings for one test."""
    for key, value in values.items():
        frappe.db.set_single_value("Print Settings", key, value)
    frappe.clear_document_cache("Print Settings", "Print Settings")


def printed(name: str = "T1", **arguments: object) -> str:
    """The words of a print."""
    return words(frappe.get_print(FORM, name, **arguments))


# -- the standard layout


def test_the_standard_layout_shows_labels_values_and_lines(form):
    form()
    text = printed()
    for part in ("T1", "Subject", "a subject", "Day", "2024-05-06", "Amount", "1,234.50", "Count", "rich text", "Ticked",
                 "Item", "bolt", "螺钉", "Qty"):  # fmt: skip
        assert part in text
    assert text.index("Item") < text.index("bolt") < text.index("螺钉")


def test_what_is_not_printed(form):
    form()
    text = printed()
    for part in ("unseen", "Kept Back", "Remark", "Unticked", "Hushed", "Empty One", "Unused", "Picture"):
        assert part not in text


def test_a_number_of_zero_is_printed_unless_its_field_says_otherwise(form):
    form(count=0, hushed=0)
    assert "Count" in printed() and "Hushed" not in printed()
    form("T2", hushed=7)
    assert "Hushed" in printed("T2")


def test_what_is_hidden_on_forms_is_printed_all_the_same(form):
    form()
    assert "hidden value" in printed()


def test_levels_are_those_of_the_reader(form, as_user):
    form()
    as_user("clerk")
    assert "level one" not in printed()
    as_user("chief")
    assert "level one" in printed()


def test_text_is_no_template_and_no_script(form):
    form(subject="{{ 7919*7907 }} {% raw %}", rich="<p>ok</p><script>alert(1)</script>", lines_below="a\nb")
    html = frappe.get_print(FORM, "T1")
    assert "62615533" not in words(html) and "{{ 7919*7907 }}" in words(html)
    assert "<script>alert" not in html
    assert "ok" in words(html)


# -- drafts, cancelled documents, rights


def test_drafts_and_cancelled_documents_are_marked(form):
    doc = form()
    assert "DRAFT" in printed().upper()
    setting(add_draft_heading=0)
    assert "DRAFT" not in printed().upper()
    doc.submit()
    assert "DRAFT" not in printed().upper()
    doc.cancel()
    with pytest.raises(frappe.PermissionError, match="cancelled"):
        printed()
    setting(allow_print_for_cancelled=1)
    assert "CANCELLED" in printed().upper()


def test_drafts_are_printed_only_where_that_is_allowed(form):
    form()
    setting(allow_print_for_draft=0)
    with pytest.raises(frappe.PermissionError, match="draft"):
        printed()


def test_reading_and_printing_are_both_needed(form, as_user):
    form()
    for person in ("nobody", "Guest"):
        as_user(person)
        with pytest.raises(frappe.PermissionError):
            printed()
        with pytest.raises(frappe.PermissionError):
            printview.get_html_and_style(FORM, "T1")


# -- formats


@pytest.fixture
def style(form: Callable) -> Callable:
    """Makes a print format of the form from its template."""

    def make(html: str, **values: object):
        form()
        return frappe.get_doc({
            "doctype": "Print Format", "name": FORMAT, "doc_type": FORM, "standard": "No", "custom_format": 1,
            "print_format_type": "Jinja", "html": html, **values,
        }).insert()  # fmt: skip

    return make


def test_a_format_is_a_template_with_the_document(style):
    style("<p>Own: {{ doc.subject }}, {{ doc.get_formatted('amount') }}{% for row in doc.lines %} [{{ row.item }}]{% endfor %}</p>")  # fmt: skip
    text = printed(print_format=FORMAT)
    assert "Own: a subject, 1,234.50 [bolt] [螺钉]" in text and "Amount" not in text


def test_a_format_that_is_no_template_is_not_stored(style):
    with pytest.raises(frappe.ValidationError, match="yntax"):
        style("{{ bad")


@pytest.mark.parametrize(
    "template",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ frappe.get_attr('os.system') }}",
        "{{ nothing.at_all }}",
    ],
)
def test_a_format_reaches_nothing_but_what_it_is_given(style, template):
    style(template)
    with pytest.raises(frappe.ValidationError):
        printed(print_format=FORMAT)


def test_a_format_that_is_off_and_one_that_is_not_there(style):
    style("x", disabled=1)
    with pytest.raises(frappe.DoesNotExistError, match="disabled"):
        printed(print_format=FORMAT)
    assert "a subject" in printed(print_format="Host No Such Format")


def test_a_format_that_is_built_of_fields(style):
    layout = [
        {"fieldname": "print_heading_template", "fieldtype": "Custom HTML", "options": "<h2>Heading {{ doc.name }}</h2>"},
        {"fieldtype": "Section Break", "label": ""}, {"fieldtype": "Column Break"},
        {"fieldname": "subject", "print_hide": 0, "label": "Renamed"},
        {"fieldname": "lines", "print_hide": 0, "label": "Lines", "visible_columns": [{"fieldname": "item", "print_width": "", "print_hide": 0}]},
    ]  # fmt: skip
    style("", custom_format=0, print_format_builder=1, format_data=json.dumps(layout))
    text = printed(print_format=FORMAT)
    assert "Heading T1" in text and "Renamed" in text and "a subject" in text and "bolt" in text
    for part in ("Amount", "Ticked", "Qty"):
        assert part not in text


def test_html_and_style_for_a_preview(form):
    form()
    answer = printview.get_html_and_style(FORM, "T1")
    assert set(answer) >= {"html", "style"} and "a subject" in words(answer["html"])


# -- letter heads


@pytest.fixture
def head(form: Callable) -> Callable:
    """Makes a letter head; those of the site are no default meanwhile."""
    frappe.db.set_value("Letter Head", {"is_default": 1}, "is_default", 0)

    def make(name: str = HEAD, **values: object):
        return frappe.get_doc({
            "doctype": "Letter Head", "letter_head_name": name, "source": "HTML", "content": "<div>Head of {{ doc.name }}</div>",
            "footer": "<div>Foot {{ 1 + 1 }}</div>", **values,
        }).insert()  # fmt: skip

    return make


def test_the_default_letter_head_stands_on_every_print(form, head):
    form()
    head(is_default=1)
    assert "Head of T1" in printed() and "Foot 2" in printed()
    assert "Head of T1" not in printed(no_letterhead=1)


def test_there_is_one_default(head):
    first, second = head(is_default=1), head("Host Second", content="<div>Second</div>")
    assert not second.is_default
    second.is_default = 1
    second.save()
    assert not frappe.db.get_value("Letter Head", first.name, "is_default")
    second.reload()
    second.disabled = 1
    with pytest.raises(frappe.ValidationError):
        second.save()


def test_a_letter_head_is_chosen_by_name(form, head):
    form()
    head(is_default=1)
    head("Host Second", content="<div>Second</div>", footer="")
    text = printed(letterhead="Host Second")
    assert "Second" in text and "Head of" not in text and "Foot" not in text


def test_a_format_places_the_letter_head_itself(style, head):
    style("<p>Before</p>{{ letter_head }}<p>After</p>")
    head(is_default=1)
    text = printed(print_format=FORMAT)
    assert (
        text.index("Before") < text.index("Head of T1") < text.index("After") and text.count("Head of") == 1
    )


# -- PDF


def text_of(content: bytes, folder: Path) -> str:
    """The text of a PDF as a reader would copy it, without white space."""
    file = folder / "print.pdf"
    file.write_bytes(content)
    run = subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True, check=True)
    # Fonts draw ligatures and radicals where the text has letters and characters; both are the same to a reader.
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", run.stdout.decode()))


def size_of(content: bytes, folder: Path) -> tuple[int, int, int]:
    """Pages, width and height in points."""
    file = folder / "print.pdf"
    file.write_bytes(content)
    told = subprocess.run(["pdfinfo", str(file)], capture_output=True, check=True).stdout.decode()
    wide, high = re.search(r"Page size:\s+([\d.]+) x ([\d.]+)", told).groups()
    return int(re.search(r"Pages:\s+(\d+)", told)[1]), round(float(wide)), round(float(high))


CHINESE = "医务处会诊记录张三手术分级"


@pytest.mark.needs("wkhtmltopdf", "pdftotext")
def test_the_text_of_a_pdf_is_that_of_the_document(form, tmp_path):
    form(subject=CHINESE)
    content = frappe.get_print(FORM, "T1", as_pdf=True)
    assert content.startswith(b"%PDF")
    text = text_of(content, tmp_path)
    for part in (CHINESE, "螺钉", "1,234.50", "2024-05-06"):
        assert part in text


@pytest.mark.needs("wkhtmltopdf", "pdftotext")
def test_page_size_and_orientation(form, tmp_path):
    form()
    assert size_of(frappe.get_print(FORM, "T1", as_pdf=True), tmp_path)[1:] == (595, 842)
    options = {"page-size": "A5", "orientation": "Landscape"}
    assert size_of(frappe.get_print(FORM, "T1", as_pdf=True, pdf_options=options), tmp_path)[1:] == (595, 420)


@pytest.mark.needs("wkhtmltopdf")
def test_a_pdf_as_an_attachment(form):
    form()
    kept = frappe.attach_print(FORM, "T1", file_name="my form")
    assert kept["fname"] == "my_form.pdf" or kept["fname"].endswith(".pdf")
    assert kept["fcontent"].startswith(b"%PDF")


@pytest.mark.needs("wkhtmltopdf")
def test_downloads(form, as_user):
    form()
    frappe.local.response = frappe._dict(docs=[])
    download_pdf(FORM, "T1")
    answer = frappe.local.response
    assert (answer.type, answer.filename) == ("pdf", "T1.pdf") and answer.filecontent.startswith(b"%PDF")
    as_user("nobody")
    with pytest.raises(frappe.PermissionError):
        download_pdf(FORM, "T1")


@pytest.mark.needs("wkhtmltopdf", "pdftotext")
def test_several_documents_in_one_pdf(form, tmp_path):
    form(subject="the first")
    form("T2", subject="the second")
    frappe.local.response = frappe._dict(docs=[])
    download_multi_pdf(FORM, json.dumps(["T1", "T2"]))
    content = frappe.local.response.filecontent
    assert size_of(content, tmp_path)[0] == 2
    text = text_of(content, tmp_path)
    assert text.index("thefirst") < text.index("thesecond")
    download_multi_pdf({FORM: ["T2"]}, "x")
    assert "thesecond" in text_of(frappe.local.response.filecontent, tmp_path)


@pytest.mark.needs("wkhtmltopdf", "pdftotext")
def test_a_report_as_pdf(site, tmp_path):
    frappe.local.response = frappe._dict(docs=[])
    report_to_pdf("<h1>报表</h1>", orientation="Landscape")
    content = frappe.local.response.filecontent
    assert frappe.local.response.type == "pdf" and "报表" in text_of(content, tmp_path)
    assert size_of(content, tmp_path)[1:] == (842, 595)


@pytest.mark.needs("wkhtmltopdf", "pdftotext")
def test_a_pdf_with_a_password(form, tmp_path):
    form()
    content = frappe.get_print(FORM, "T1", as_pdf=True, password="open sesame")
    file = tmp_path / "locked.pdf"
    file.write_bytes(content)
    closed = subprocess.run(["pdftotext", str(file), "-"], capture_output=True, check=False)
    assert closed.returncode and b"assword" in closed.stderr
    opened = subprocess.run(["pdftotext", "-upw", "open sesame", str(file), "-"], capture_output=True, check=True)  # fmt: skip
    assert b"subject" in opened.stdout


# -- over the web


def test_the_page_to_print_from(form, door):
    form("Web One")
    frappe.db.commit()
    try:
        page = door("clerk").get("/printview", params={"doctype": FORM, "name": "Web One"})
        assert page.status_code == 200 and "a subject" in words(page.text)
        for person in ("nobody", "Guest"):
            refused = door(person).get("/printview", params={"doctype": FORM, "name": "Web One"})
            assert refused.status_code in (401, 403) and "a subject" not in refused.text
    finally:
        frappe.db.rollback()
        frappe.delete_doc(FORM, "Web One", force=True)
        frappe.db.commit()
