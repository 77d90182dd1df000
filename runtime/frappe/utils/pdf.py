"""HTML to PDF with wkhtmltopdf."""

from __future__ import annotations

import base64
import re
import shutil
from typing import Any

import frappe
from frappe.utils.response import guess_type

_IMAGE = re.compile(r"(<img\b[^>]*?\bsrc\s*=\s*)([\"'])(.*?)\2", re.IGNORECASE | re.DOTALL)
_LOADING = re.compile(r"<(script|iframe|object|embed|link|base)\b[^>]*>", re.IGNORECASE)
_URL = re.compile(r"url\(\s*(?![\"']?data:)[^)]*\)|@import[^;]*;?", re.IGNORECASE)


def get_pdf(html: str, options: dict[str, Any] | None = None, output: Any = None) -> bytes:
    """The PDF of a page. Nothing is loaded over the network: pictures of the site are put into the page before.

    :raises frappe.ExecutableNotFound: when wkhtmltopdf is not installed
    """
    if not shutil.which("wkhtmltopdf"):
        frappe.throw(
            frappe._("PDF files need the package wkhtmltopdf, which is not installed on this server."),
            frappe.ExecutableNotFound,
        )
    import pdfkit

    settings = {
        "quiet": "",
        "encoding": "UTF-8",
        "page-size": "A4",
        "margin-top": "12mm",
        "margin-bottom": "12mm",
        "margin-left": "10mm",
        "margin-right": "10mm",
        "disable-javascript": "",
        "disable-local-file-access": "",
        "load-error-handling": "ignore",
        "load-media-error-handling": "ignore",
        **(options or {}),
    }
    return pdfkit.from_string(self_contained(html), False, options=settings)


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
