"""Prints for programs: as HTML, as PDF, as an attachment."""

from __future__ import annotations

from typing import Any

import frappe


def get_print(
    doctype: str | None = None,
    name: str | None = None,
    print_format: str | None = None,
    style: str | None = None,
    as_pdf: bool = False,
    doc: Any = None,
    output: Any = None,
    no_letterhead: int = 0,
    password: str | None = None,
    pdf_options: dict | None = None,
    letterhead: str | None = None,
    pdf_generator: str | None = None,
) -> str | bytes:
    """A document that the user may print, as HTML or PDF.

    :param password: with it the PDF is encrypted
    :param output: a `pypdf.PdfWriter` that gets the pages
    """
    from frappe.utils.pdf import get_pdf
    from frappe.www.printview import get_html, pdf_options_of

    document = doc or frappe.get_doc(doctype, name)
    html = get_html(document, print_format, letterhead, no_letterhead)
    if not as_pdf:
        return html
    options = {
        **pdf_options_of(print_format or document.meta.get("default_print_format")),
        **(pdf_options or {}),
    }
    if password:
        options["password"] = password
    return get_pdf(html, options, output)


def attach_print(
    doctype: str,
    name: str,
    file_name: str | None = None,
    print_format: str | None = None,
    style: str | None = None,
    html: str | None = None,
    doc: Any = None,
    lang: str | None = None,
    print_letterhead: bool = True,
    password: str | None = None,
    letterhead: str | None = None,
) -> dict[str, Any]:
    """`{"fname": …, "fcontent": …}`: a document's PDF for an e-mail."""
    from frappe.translate import print_language
    from frappe.utils import cint
    from frappe.utils.pdf import get_pdf

    settings = frappe.get_single("Print Settings")
    as_pdf = bool(cint(settings.send_print_as_pdf))
    with print_language(lang):
        if html:
            content: Any = get_pdf(html, {"password": password} if password else None) if as_pdf else html
        else:
            content = get_print(
                doctype, name, print_format, as_pdf=as_pdf, doc=doc, no_letterhead=int(not print_letterhead),
                password=password, letterhead=letterhead,
            )  # fmt: skip
    extension = "pdf" if as_pdf else "html"
    return {
        "fname": f"{(file_name or name).replace(' ', '').replace('/', '-')}.{extension}",
        "fcontent": content if as_pdf else content.encode(),
    }
