"""Header and footer of a page for paper, cut out of it."""

from __future__ import annotations

from frappe.utils import _pdf_parts

PAGE = '<body><div id="header-html">\n<div>head <br> &amp;</div>\n</div><p>body</p><div class="x" id="footer-html">foot</div></body>'


def test_an_element_is_cut_out_with_what_is_nested_in_it():
    without, content = _pdf_parts.cut(PAGE, "header-html")
    assert content == "\n<div>head <br> &amp;</div>\n"
    assert without == '<body><p>body</p><div class="x" id="footer-html">foot</div></body>'
    assert _pdf_parts.cut(without, "footer-html") == ("<body><p>body</p></body>", "foot")


def test_a_page_without_the_element_or_with_an_unclosed_one_stays_as_it_is():
    assert _pdf_parts.cut("<p>header-html</p>", "header-html") == ("<p>header-html</p>", None)
    assert _pdf_parts.cut('<div id="header-html">', "header-html") == ('<div id="header-html">', None)


def test_a_part_becomes_a_page_with_the_styles():
    page = _pdf_parts.page_of("head", _pdf_parts.styles("<style>b{}</style><p>x</p>"), "header-html")
    assert "<style>b{}</style></head>" in page and '<div id="header-html">head</div>' in page
