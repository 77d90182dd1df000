"""Downloading documents as PDF."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import frappe
from frappe.utils import cint
from frappe.utils.pdf import get_pdf

MAX_DOCUMENTS = 50


@frappe.whitelist()
def download_pdf(
    doctype: str,
    name: str | int,
    format: str | None = None,
    doc: Any = None,
    no_letterhead: int = 0,
    language: str | None = None,
    letterhead: str | None = None,
    pdf_generator: str | None = None,
) -> None:
    """A stored document as PDF. What a caller sends as `doc` is not printed: only what is stored counts."""
    from frappe.www.printview import get_html

    document = frappe.get_doc(doctype, name)
    html = get_html(document, format, letterhead, cint(no_letterhead))
    frappe.local.response.filename = f"{str(name).replace(' ', '-').replace('/', '-')}.pdf"
    frappe.local.response.filecontent = get_pdf(html)
    frappe.local.response.type = "pdf"


@frappe.whitelist()
def download_multi_pdf(
    doctype: str,
    name: str | list,
    format: str | None = None,
    no_letterhead: int = 0,
    letterhead: str | None = None,
    options: str | None = None,
) -> None:
    """Several documents of a DocType, one behind the other, at most 50."""
    from frappe.www.printview import get_html

    names = frappe.parse_json(name)
    if not isinstance(names, list) or not names or len(names) > MAX_DOCUMENTS:
        frappe.throw(frappe._("Choose between 1 and {0} documents.").format(MAX_DOCUMENTS))
    pages = [
        get_html(frappe.get_doc(doctype, entry), format, letterhead, cint(no_letterhead)) for entry in names
    ]
    joined = "<div style='page-break-after: always'></div>".join(pages)
    buffer = BytesIO(get_pdf(joined))
    frappe.local.response.filename = f"{frappe.scrub(doctype)}.pdf"
    frappe.local.response.filecontent = buffer.getvalue()
    frappe.local.response.type = "pdf"
