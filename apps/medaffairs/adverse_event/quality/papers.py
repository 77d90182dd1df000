"""A quality report as a Word file and as PDF: the same content twice."""

from __future__ import annotations

from base64 import b64encode
from io import BytesIO
from typing import Any

import frappe
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from frappe.utils.pdf import get_pdf

from medaffairs.adverse_event.quality import charts
from medaffairs.adverse_event.quality.content import Block, Content, Table

BODY_FONT, HEADING_FONT = "宋体", "黑体"
PICTURE = Cm(16)
TEMPLATE = "medaffairs/templates/print/quality_report.html"


def picture(block: Block) -> bytes | None:
    """The chart of a section as a PNG, None without one."""
    if block.heat:
        return charts.heat(*block.heat)
    return charts.png(block.chart) if block.chart else None


def word(content: Content, pictures: list[bytes | None]) -> bytes:
    """The report as a .docx file."""
    document = Document()
    for section in document.sections:
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2.4)
    _use_fonts(document)
    title = document.add_heading(content.title, level=0)
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for block, image in zip(content.blocks, pictures, strict=True):
        if block.heading:
            document.add_heading(block.heading, level=1)
        for line in filter(None, block.text.split("\n")):
            document.add_paragraph(line).paragraph_format.first_line_indent = Pt(22)
        if image:
            document.add_picture(BytesIO(image), width=PICTURE)
        if block.table:
            _add_table(document, block.table)
    output = BytesIO()
    document.save(output)
    return output.getvalue()


def _use_fonts(document: Any) -> None:
    for name, font, size in (
        ("Normal", BODY_FONT, 11), ("Title", HEADING_FONT, 20), ("Heading 1", HEADING_FONT, 14), ("Table Grid", BODY_FONT, 9),
    ):  # fmt: skip
        style = document.styles[name]
        style.font.name, style.font.size = font, Pt(size)
        style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)


def _add_table(document: Any, table: Table) -> None:
    made = document.add_table(rows=1, cols=len(table.headings), style="Table Grid")
    for cell, heading in zip(made.rows[0].cells, table.headings, strict=True):
        cell.text = heading
        cell.paragraphs[0].runs[0].bold = True
    for row in table.rows:
        for cell, text in zip(made.add_row().cells, row, strict=True):
            cell.text = text
    document.add_paragraph()


def pdf(content: Content, pictures: list[bytes | None]) -> bytes:
    """The report as PDF."""
    blocks = [
        {"block": block, "picture": b64encode(image).decode() if image else "", "lines": [line for line in block.text.split("\n") if line]}
        for block, image in zip(content.blocks, pictures, strict=True)
    ]  # fmt: skip
    return get_pdf(frappe.render_template(TEMPLATE, {"title": content.title, "blocks": blocks}))
