"""HTML to PDF with wkhtmltopdf."""

from __future__ import annotations

import base64
import os
import re
import shutil
import tempfile
from typing import Any

import frappe
from frappe.utils import _pdf_parts, get_hook_method
from frappe.utils.response import guess_type

_IMAGE = re.compile(r"(<img\b[^>]*?\bsrc\s*=\s*)([\"'])(.*?)\2", re.IGNORECASE | re.DOTALL)
_LOADING = re.compile(r"<(script|iframe|object|embed|link|base)\b[^>]*>", re.IGNORECASE)
_URL = re.compile(r"url\(\s*(?![\"']?data:)[^)]*\)|@import[^;]*;?", re.IGNORECASE)


def get_pdf(html: str, options: dict[str, Any] | None = None, output: Any = None) -> bytes:
    """The PDF of a page. Nothing is loaded over the network: pictures of the site are put into the page before.

    :param options: of wkhtmltopdf; `password` encrypts the file
    :param output: a `pypdf.PdfWriter` that gets the pages and is given back
    :raises frappe.ExecutableNotFound: when wkhtmltopdf is not installed
    """
    if not shutil.which("wkhtmltopdf"):
        frappe.throw(
            frappe._("PDF files need the package wkhtmltopdf, which is not installed on this server."),
            frappe.ExecutableNotFound,
        )
    import pdfkit

    options = dict(options or {})
    password = options.pop("password", None)
    settings = {
        **_page_size(options),
        "quiet": "",
        "encoding": "UTF-8",
        "margin-top": "12mm",
        "margin-bottom": "12mm",
        "margin-left": "10mm",
        "margin-right": "10mm",
        "disable-javascript": "",
        "disable-local-file-access": "",
        "load-error-handling": "ignore",
        "load-media-error-handling": "ignore",
        **options,
    }
    with tempfile.TemporaryDirectory(prefix="pdf-") as folder:
        body, parts = _header_and_footer(html, folder)
        content = pdfkit.from_string(self_contained(body), False, options={**settings, **parts, **options})
    return _finished(content, password, output)


def _page_size(options: dict[str, Any]) -> dict[str, str]:
    """The size that Print Settings name, unless the caller names one."""
    if "page-size" in options or "page-height" in options:
        return {}
    chosen = frappe.get_cached_doc("Print Settings")
    size = chosen.get("pdf_page_size") or "A4"
    if size == "Custom" and chosen.get("pdf_page_height") and chosen.get("pdf_page_width"):
        return {"page-height": f"{chosen.pdf_page_height}mm", "page-width": f"{chosen.pdf_page_width}mm"}
    return {"page-size": "A4" if size == "Custom" else size}


def _finished(content: bytes, password: str | None, output: Any) -> Any:
    """The file, encrypted or put behind others."""
    if not password and output is None:
        return content
    import io

    from pypdf import PdfReader, PdfWriter

    reader = PdfReader(io.BytesIO(content))
    writer = PdfWriter() if output is None else output
    writer.append_pages_from_reader(reader)
    if password:
        writer.encrypt(password)
    return writer if output is not None else get_file_data_from_writer(writer)


def get_file_data_from_writer(writer_obj: Any) -> bytes:
    """The bytes of a `pypdf.PdfWriter`."""
    import io

    target = io.BytesIO()
    writer_obj.write(target)
    return target.getvalue()


def _header_and_footer(html: str, folder: str) -> tuple[str, dict[str, str]]:
    """The page without its header and footer, and the options that name their files.

    The apps' `pdf_header_html` and `pdf_footer_html` make them. Where wkhtmltopdf cannot repeat them they stay in the page.
    """
    options: dict[str, str] = {}
    body = html
    for part in ("header", "footer"):
        html_id = f"{part}-html"
        without, content = _pdf_parts.cut(body, html_id)
        if content is None:
            continue
        own = get_hook_method(f"pdf_{part}_html")
        arguments = {"content": content, "styles": _pdf_parts.styles(html), "html_id": html_id}
        page = (
            own(soup=None, head="", css="", **arguments)
            if own
            else _pdf_parts.page_of(content, arguments["styles"], html_id)
        )
        if not _pdf_parts.repeats_parts():
            continue
        body = without
        path = os.path.join(folder, f"{part}.html")
        with open(path, "w", encoding="utf-8") as file:
            file.write(self_contained(page))
        options |= {
            html_id: path,
            "allow": folder,
            f"margin-{'top' if part == 'header' else 'bottom'}": "25mm",
        }
    return body, options


def self_contained(html: str) -> str:
    """The page with the site's own pictures inside and without anything that would be fetched."""
    html = _LOADING.sub("", html)
    html = _URL.sub("none", html)
    return _IMAGE.sub(lambda match: f"{match[1]}{match[2]}{_inlined(match[3])}{match[2]}", html)


def _inlined(source: str) -> str:
    if source.startswith("data:image/"):
        return source
    if not source.startswith(("/files/", "/private/files/")):
        return ""
    names = frappe.get_all("File", filters={"file_url": source}, pluck="name", limit_page_length=5)
    for name in names:
        file = frappe.get_doc("File", name)
        if file.is_downloadable():
            content = base64.b64encode(file.get_content()).decode()
            return f"data:{guess_type(source)};base64,{content}"
    return ""
