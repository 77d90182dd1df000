"""Downloading documents as PDF."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.core.doctype.access_log.access_log import make_access_log
from frappe.core.doctype.document_share_key.document_share_key import check_key
from frappe.utils import cint, cstr
from frappe.utils.pdf import get_file_data_from_writer, get_pdf
from frappe.utils.typing_validations import parsed

MAX_DOCUMENTS = 50


@frappe.whitelist(allow_guest=True)
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
    from frappe.translate import print_language
    from frappe.www.printview import language_of

    key = frappe.local.form_dict.get("key") if frappe.local.request else None
    if frappe.session.user == "Guest" and key:
        check_key(doctype, name, key)
    elif frappe.session.user == "Guest":
        # Who may read none of the kind is not told which of them there are.
        frappe.has_permission(doctype, "read", throw=True)
    document = frappe.get_doc(doctype, name)
    with print_language(language or language_of(format)):
        content = frappe.get_print(
            doctype, name, format, doc=document, as_pdf=True, no_letterhead=cint(no_letterhead), letterhead=letterhead
        )  # fmt: skip
    make_access_log(doctype=doctype, document=cstr(name), file_type="PDF", method="Print")
    frappe.local.response.filename = f"{cstr(name).replace(' ', '-').replace('/', '-')}.pdf"
    frappe.local.response.filecontent = content
    frappe.local.response.type = "pdf"


@frappe.whitelist()
def download_multi_pdf(
    doctype: str | dict[str, list[str]],
    name: str | list[str],
    format: str | None = None,
    no_letterhead: bool = False,
    letterhead: str | None = None,
    options: str | None = None,
) -> None:
    """Several documents one behind the other, at most 50.

    :param doctype: a DocType with the documents' names as JSON in `name`; or DocType → names, and `name` for the file
    :param options: JSON with options of the PDF, such as `{"page-size": "A5"}`
    """
    wanted: Any = (
        parsed(doctype, dict, "doctype") if isinstance(doctype, dict) or doctype[:1] == "{" else doctype
    )
    title = cstr(name)
    if isinstance(wanted, str):
        wanted, title = {wanted: parsed(name, list, "name")}, wanted
    if not all(isinstance(names, list) for names in wanted.values()) or not 0 < sum(map(len, wanted.values())) <= MAX_DOCUMENTS:  # fmt: skip
        frappe.throw(frappe._("Choose between 1 and {0} documents.").format(MAX_DOCUMENTS))
    content = _join(wanted, format, no_letterhead, letterhead, options)
    frappe.local.response.filename = f"{title.replace(' ', '-').replace('/', '-')}.pdf"
    frappe.local.response.filecontent = content
    frappe.local.response.type = "pdf"


def _join(
    wanted: dict[str, list[str]], format: str | None, no_letterhead: Any, letterhead: str | None, options: Any
) -> bytes:
    from pypdf import PdfWriter

    writer = PdfWriter()
    given = {key: cstr(value) for key, value in parsed(options, dict, "options").items() if key in _OPTIONS} if options else None  # fmt: skip
    for doctype, names in wanted.items():
        for entry in names:
            frappe.get_print(
                doctype, cstr(entry), format, as_pdf=True, output=writer, no_letterhead=cint(no_letterhead),
                letterhead=letterhead, pdf_options=given,
            )  # fmt: skip
    return get_file_data_from_writer(writer)


#: What a caller from outside may say of a PDF; everything else of wkhtmltopdf is the host's.
_OPTIONS = frozenset({"page-size", "page-height", "page-width", "orientation", "margin-top", "margin-bottom", "margin-left", "margin-right"})  # fmt: skip


@frappe.whitelist(methods=["POST"])
def report_to_pdf(html: str, orientation: str = "Landscape") -> None:
    """A report that a page has put together as PDF; it loads nothing."""
    frappe.local.response.filename = "report.pdf"
    frappe.local.response.filecontent = get_pdf(html, {"orientation": "Portrait" if orientation == "Portrait" else "Landscape"})  # fmt: skip
    frappe.local.response.type = "pdf"
