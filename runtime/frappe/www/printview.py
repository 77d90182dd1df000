"""Documents on paper: the standard layout from the metadata, or a print format."""

from __future__ import annotations

from typing import Any

from jinja2 import UndefinedError
from jinja2.sandbox import SecurityError
from markupsafe import Markup
from werkzeug.wrappers import Response

import frappe
from frappe.core.doctype.access_log.access_log import make_access_log
from frappe.core.doctype.document_share_key.document_share_key import check_key
from frappe.printing.layout import Layout
from frappe.translate import print_language, requested_language
from frappe.utils import cint, cstr, get_hook_method
from frappe.utils.response import NO_STORE
from frappe.utils.typing_validations import parsed

STYLE = """
body{font-family:'Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif;font-size:10pt;color:#111;margin:1.5cm}
h1{font-size:15pt;margin:0 0 .2rem}h2{font-size:11pt;border-bottom:1px solid #999;margin:1.2rem 0 .5rem;padding-bottom:.2rem}
.sub{color:#555}table{width:100%;border-collapse:collapse;margin:.3rem 0}
table.values th{width:9rem;text-align:left;font-weight:normal;color:#555;vertical-align:top;padding:.15rem .5rem .15rem 0}
table.values td{padding:.15rem 0}table.rows th,table.rows td{border:1px solid #bbb;padding:.25rem .4rem;text-align:left;vertical-align:top}
table.section-break{page-break-inside:auto}td.column-break{vertical-align:top;padding:0 .6rem 0 0}
.document-status{font-weight:bold;letter-spacing:.2em}table.rows thead{display:table-header-group}tr{page-break-inside:avoid}.num{text-align:right!important}img{max-width:100%;max-height:6cm}
@media print{.no-print{display:none}}
"""


def get_page() -> Response:
    """/printview?doctype=…&name=…&format=…"""
    form = frappe.local.form_dict
    if not form.get("doctype") or form.get("name") in (None, ""):
        frappe.throw(frappe._("Missing arguments: {0}").format("doctype, name"))
    doc = frappe.get_doc(form.doctype, form.name)
    with print_language(requested_language() or language_of(form.get("format"))):
        html = get_html(doc, form.get("format"), form.get("letterhead"), cint(form.get("no_letterhead")))
    make_access_log(doctype=doc.doctype, document=doc.name, file_type="PDF", method="Print")
    headers = {"Cache-Control": NO_STORE}
    return Response(html, mimetype="text/html", headers=headers)


@frappe.whitelist()
def get_html_and_style(
    doc: str | dict,
    name: str | None = None,
    print_format: str | None = None,
    no_letterhead: bool | None = None,
    letterhead: str | None = None,
    trigger_print: bool = False,
    style: str | None = None,
    settings: str | None = None,
) -> dict[str, str]:
    """The body and the style of a print, for a preview.

    :param doc: a DocType with `name`, or the name and type of a stored document as JSON
    """
    if isinstance(doc, str) and name:
        document = frappe.get_doc(doc, name)
    else:
        given = parsed(doc, dict, "doc")
        document = frappe.get_doc(given.get("doctype"), given.get("name"))
    return {"html": _body(document, print_format, letterhead, cint(no_letterhead)), "style": STYLE}


def get_html(
    doc: Any, print_format: str | None = None, letterhead: str | None = None, no_letterhead: int = 0
) -> str:
    """A whole page for a document that the user may print."""
    body = _body(doc, print_format, letterhead, no_letterhead)
    page = Markup(
        '<!doctype html><html><head><meta charset="utf-8"><title>{}</title><style>{}</style></head><body>{}</body></html>'
    )
    return str(page.format(doc.get_title(), Markup(STYLE), Markup(body)))  # noqa: S704 - put together below


def _body(doc: Any, print_format: str | None, letterhead: str | None, no_letterhead: int) -> str:
    validate_print_permission(doc)
    check_state(doc)
    doc.apply_fieldlevel_read_permissions()
    doc.run_method("before_print", None)
    head, foot = ("", "") if no_letterhead else _letter_head(doc, letterhead)
    chosen = _format(doc, print_format)
    if chosen is not None and _source(chosen):
        arguments = {"doc": doc, "meta": doc.meta, "layout": [], "letter_head": head, "footer": foot}
        body = _rendered(_template(chosen), chosen, arguments)
        css = Markup("<style>{}</style>").format(Markup(cstr(chosen.css).replace("<", "")))  # noqa: S704
        return str(css) + (head if "letter_head" not in _source(chosen) else "") + body + foot
    whole = frappe.get_jenv().from_string("{{ head | safe }}{{ body }}{{ foot | safe }}")
    return _rendered(
        whole,
        None,
        {"doc": doc, "meta": doc.meta, "head": head, "body": Layout(doc, chosen).html(), "foot": foot},
    )


def _template(chosen: Any) -> Any:
    """The template of a format: an app's by `get_print_format_template`, else its own."""
    own = get_hook_method("get_print_format_template")
    template = own(jenv=frappe.get_jenv(), print_format=chosen) if own else None
    if template:
        return template
    source = _source(chosen)
    if "__" in source:
        frappe.throw(frappe._("Illegal template"))
    return frappe.get_jenv().from_string(source)


def _rendered(template: Any, chosen: Any, arguments: dict[str, Any]) -> str:
    """The text of a print, by the last app's `pdf_body_html` when there is one."""
    own = get_hook_method("pdf_body_html")
    try:
        if own:
            return own(jenv=frappe.get_jenv(), template=template, print_format=chosen, args=arguments)
        return template.render(arguments)
    except (UndefinedError, SecurityError, TypeError) as error:
        frappe.throw(
            frappe._("Error in print format: {0}").format(frappe.utils.escape_html(cstr(error))),
            frappe.PrintFormatError,
        )


def validate_print_permission(doc: Any) -> None:
    """Refuses who may not read and print the document, unless the request has a key of it.

    :raises frappe.PermissionError: then
    :raises frappe.InvalidKeyError: for a wrong key
    :raises frappe.LinkExpired: for a key that has ended
    """
    for right in ("read", "print"):
        if frappe.has_permission(doc.doctype, right, doc):
            continue
        key = frappe.local.form_dict.get("key") if frappe.local.request else None
        if not key:
            frappe.permissions.throw_permission_error(doc.doctype, right, doc.name)
        check_key(doc.doctype, doc.name, key)


def check_state(doc: Any) -> None:
    """Refuses drafts and cancelled documents where Print Settings do not let them be printed.

    :raises frappe.PermissionError: then
    """
    if not doc.meta.is_submittable or cint(doc.docstatus) == 1:
        return
    draft = not cint(doc.docstatus)
    if not cint(frappe.db.get_single_value("Print Settings", "allow_print_for_draft" if draft else "allow_print_for_cancelled")):  # fmt: skip
        words = frappe._("Not allowed to print draft documents") if draft else frappe._("Not allowed to print cancelled documents")  # fmt: skip
        frappe.throw(words, frappe.PermissionError)


def pdf_options_of(print_format: str | None) -> dict[str, str]:
    """Margins of a print format in millimetres, as wkhtmltopdf is told them."""
    if not print_format or not frappe.db.exists("Print Format", print_format):
        return {}
    chosen = frappe.get_cached_doc("Print Format", print_format)
    sides = ("top", "bottom", "left", "right")
    return {f"margin-{side}": f"{chosen.get(f'margin_{side}')}mm" for side in sides if chosen.get(f"margin_{side}")}  # fmt: skip


def language_of(print_format: str | None) -> str | None:
    """The language that a print format is written in."""
    return print_format and frappe.db.get_value("Print Format", print_format, "default_print_language")


def _format(doc: Any, name: str | None) -> Any:
    """The print format to use; None for the standard layout, and for a name that nothing has.

    :raises frappe.DoesNotExistError: for one that belongs to another DocType or is switched off
    """
    name = name or doc.meta.get("default_print_format")
    if not name or name == "Standard" or not frappe.db.exists("Print Format", name):
        return None
    chosen = frappe.get_cached_doc("Print Format", name)
    if chosen.doc_type != doc.doctype or cint(chosen.disabled):
        frappe.throw(frappe._("Print Format {0} is disabled").format(name), frappe.DoesNotExistError)
    return chosen


def _source(chosen: Any) -> str:
    """The template: of a standard format the file beside its JSON, else what is stored."""
    if chosen.html:
        return chosen.html
    if chosen.standard == "Yes" and chosen.module:
        import os

        name = frappe.scrub(chosen.name)
        return (
            frappe.read_file(
                os.path.join(frappe.get_module_path(chosen.module, "print_format", name), f"{name}.html")
            )
            or ""
        )
    return ""


def _letter_head(doc: Any, name: str | None) -> tuple[str, str]:
    """What stands above and below: of the letter head that is named, the document's or the site's.

    They carry the ids by which a PDF repeats them on every page.
    """
    if not (name and frappe.db.exists("Letter Head", name)):
        name = doc.get("letter_head") or frappe.db.get_value("Letter Head", {"is_default": 1, "disabled": 0}, "name")  # fmt: skip
    if not name:
        return "", ""
    chosen = frappe.get_cached_doc("Letter Head", name)
    repeated = cint(frappe.db.get_single_value("Print Settings", "repeat_header_footer"))
    parts = []
    for part, kind, text, picture in (
        ("header", chosen.source, chosen.content, chosen.image),
        ("footer", chosen.get("footer_source"), chosen.footer, chosen.get("footer_image")),
    ):
        if kind == "Image" and picture:
            html = str(Markup('<img src="{}">').format(picture))
        else:
            html = frappe.render_template(text or "", {"doc": doc})
        identity = Markup(" id='{}-html'").format(part) if repeated else Markup("")
        name_of_class = "letter-head" if part == "header" else "letter-head-footer"
        parts.append(f"<div{identity} class='{name_of_class}'>{html}</div>" if html.strip() else "")
    # A format that places the letter head itself writes it out as it is.
    return Markup(parts[0]), Markup(parts[1])  # noqa: S704 - rendered above
