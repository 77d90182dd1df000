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
    """A document that the user may print, as HTML or PDF."""
    from frappe.utils.pdf import get_pdf
    from frappe.www.printview import get_html

    document = doc or frappe.get_doc(doctype, name)
    html = get_html(document, print_format, letterhead, no_letterhead)
    if not as_pdf:
        return html
    options = dict(pdf_options or {})
    if password:
        options["password"] = password
    return get_pdf(html, options)


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
    from frappe.utils.pdf import get_pdf

    content = (
        get_pdf(html)
        if html
        else get_print(
            doctype, name, print_format, as_pdf=True, doc=doc, no_letterhead=int(not print_letterhead),
            password=password, letterhead=letterhead,
        )
    )  # fmt: skip
    return {"fname": f"{(file_name or name).replace(' ', '').replace('/', '-')}.pdf", "fcontent": content}
