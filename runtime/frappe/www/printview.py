"""Documents on paper: the standard layout from the metadata, or a print format."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup
from werkzeug.wrappers import Response

import frappe
from frappe.model import table_fields
from frappe.utils import cint, cstr, get_hook_method, sanitize_html
from frappe.utils.response import NO_STORE
from frappe.utils.typing_validations import parsed

_BREAKS = {"Section Break", "Column Break", "Tab Break", "Fold", "Button", "HTML", "Heading"}
_PICTURES = {"Attach Image", "Signature"}
_RICH = {"Text Editor", "HTML Editor", "Markdown Editor"}
STYLE = """
body{font-family:'Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif;font-size:10pt;color:#111;margin:1.5cm}
h1{font-size:15pt;margin:0 0 .2rem}h2{font-size:11pt;border-bottom:1px solid #999;margin:1.2rem 0 .5rem;padding-bottom:.2rem}
.sub{color:#555}table{width:100%;border-collapse:collapse;margin:.3rem 0}
table.values th{width:9rem;text-align:left;font-weight:normal;color:#555;vertical-align:top;padding:.15rem .5rem .15rem 0}
table.values td{padding:.15rem 0}table.rows th,table.rows td{border:1px solid #bbb;padding:.25rem .4rem;text-align:left;vertical-align:top}
table.rows thead{display:table-header-group}tr{page-break-inside:avoid}.num{text-align:right!important}img{max-width:100%;max-height:6cm}
@media print{.no-print{display:none}}
"""


def get_page() -> Response:
    """/printview?doctype=…&name=…&format=…"""
    form = frappe.local.form_dict
    if not form.get("doctype") or form.get("name") in (None, ""):
        frappe.throw(frappe._("Missing arguments: {0}").format("doctype, name"))
    doc = frappe.get_doc(form.doctype, form.name)
    html = get_html(doc, form.get("format"), form.get("letterhead"), cint(form.get("no_letterhead")))
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
    doc.apply_fieldlevel_read_permissions()
    doc.run_method("before_print", None)
    head, foot = ("", "") if no_letterhead else _letter_head(doc, letterhead)
    chosen = _format(doc, print_format)
    if chosen is not None:
        arguments = {"doc": doc, "meta": doc.meta, "layout": [], "letter_head": head, "footer": foot}
        body = _rendered(_template(chosen), chosen, arguments)
        css = Markup("<style>{}</style>").format(Markup(cstr(chosen.css).replace("<", "")))  # noqa: S704
        return str(css) + (head if "letter_head" not in _source(chosen) else "") + body + foot
    whole = frappe.get_jenv().from_string("{{ head | safe }}{{ body }}{{ foot | safe }}")
    return _rendered(
        whole, None, {"doc": doc, "meta": doc.meta, "head": head, "body": standard(doc), "foot": foot}
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
    if own:
        return own(jenv=frappe.get_jenv(), template=template, print_format=chosen, args=arguments)
    return template.render(arguments)


def validate_print_permission(doc: Any) -> None:
    """Refuses who may neither read nor print the document, drafts and cancelled ones as the settings say.

    :raises frappe.PermissionError: then
    """
    for right in ("read", "print"):
        if not frappe.has_permission(doc.doctype, right, doc):
            frappe.permissions.throw_permission_error(doc.doctype, right, doc.name)


def _format(doc: Any, name: str | None) -> Any:
    """The print format to use; None for the standard layout.

    :raises frappe.DoesNotExistError: for one that belongs to another DocType or is switched off
    """
    name = name or doc.meta.get("default_print_format")
    if not name or name == "Standard":
        return None
    chosen = frappe.get_cached_doc("Print Format", name)
    if chosen.doc_type != doc.doctype or cint(chosen.disabled):
        frappe.throw(frappe._("Print Format {0} is disabled").format(name), frappe.DoesNotExistError)
    return chosen if _source(chosen) else None


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
    name = (
        name
        or doc.get("letter_head")
        or frappe.db.get_value("Letter Head", {"is_default": 1, "disabled": 0}, "name")
    )
    if not name:
        return "", ""
    head = frappe.get_cached_doc("Letter Head", name)
    content = head.content or ""
    if head.source == "Image" and head.image:
        content = str(Markup('<img src="{}">').format(head.image))
    context = {"doc": doc}
    return frappe.render_template(content, context), frappe.render_template(head.footer or "", context)


def standard(doc: Any) -> Markup:
    """The layout that every DocType has: sections of labels and values, then tables."""
    parts = [
        Markup("<h1>{}</h1><p class='sub'>{} {}</p>").format(doc.get_title(), frappe._(doc.doctype), doc.name)
    ]
    rows: list[Markup] = []
    title = ""

    def close() -> None:
        if rows:
            heading = Markup("<h2>{}</h2>").format(title) if title else ""
            parts.append(Markup("{}<table class='values'>{}</table>").format(heading, Markup("").join(rows)))
            rows.clear()

    for field in doc.meta.fields:
        if field.fieldtype in {"Section Break", "Tab Break"}:
            close()
            title = frappe._(field.label) if field.label else ""
        elif _is_printed(doc, field):
            if field.fieldtype in table_fields:
                close()
                parts.append(_table(doc, field))
            else:
                rows.append(
                    Markup("<tr><th>{}</th><td>{}</td></tr>").format(
                        frappe._(field.label or ""), _value(doc, field)
                    )
                )
    close()
    return Markup("").join(parts)


def _is_printed(doc: Any, field: Any) -> bool:
    if (
        field.fieldtype in _BREAKS
        or field.fieldtype == "Password"
        or cint(field.hidden)
        or cint(field.print_hide)
    ):
        return False
    if cint(field.permlevel) and cint(field.permlevel) not in doc.meta.get_permlevel_access("read"):
        return False
    return doc.get(field.fieldname) not in (None, "", [], 0, 0.0)


def _value(doc: Any, field: Any) -> Any:
    value = doc.get(field.fieldname)
    if field.fieldtype in _RICH:
        return Markup(sanitize_html(cstr(value)))  # noqa: S704 - sanitised
    if field.fieldtype in _PICTURES:
        return Markup('<img src="{}">').format(value)
    if field.fieldtype == "Check":
        return "✓" if cint(value) else ""
    if field.fieldtype == "Select":
        return frappe._(cstr(value))
    if field.fieldtype == "Link":
        return _linked_title(field.options, value)
    text = frappe.format_value(value, field, doc)
    return Markup("<br>").join(text.split("<br>"))


def _linked_title(doctype: str, name: str) -> str:
    meta = frappe.get_meta(doctype)
    if meta.title_field and cint(meta.show_title_field_in_link):
        return frappe.get_cached_value(doctype, name, meta.title_field) or name
    return name


def _table(doc: Any, field: Any) -> Markup:
    meta = frappe.get_meta(field.options)
    rows = doc.get(field.fieldname)
    columns = [entry for entry in meta.fields if any(_is_printed(row, entry) for row in rows)]
    listed = [entry for entry in columns if cint(entry.in_list_view)] or columns[:8]
    head = Markup("").join(Markup("<th>{}</th>").format(frappe._(entry.label or "")) for entry in listed)
    body = Markup("").join(
        Markup("<tr><td>{}</td>{}</tr>").format(
            row.idx, Markup("").join(Markup("<td>{}</td>").format(_cell(row, entry)) for entry in listed)
        )
        for row in rows
    )
    return Markup(
        "<h2>{}</h2><table class='rows'><thead><tr><th>#</th>{}</tr></thead><tbody>{}</tbody></table>"
    ).format(frappe._(field.label or ""), head, body)


def _cell(row: Any, field: Any) -> Any:
    return _value(row, field) if row.get(field.fieldname) not in (None, "") else ""
