"""How a document looks on paper when nobody has designed it: sections of columns of fields, from the metadata or
from a print format that was put together of fields."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from markupsafe import Markup

import frappe
from frappe.model import table_fields
from frappe.utils import cint, cstr, sanitize_html, strip_html

_NEVER = {"Section Break", "Column Break", "Tab Break", "Fold", "Button", "Heading"}
_PICTURES = {"Attach Image", "Signature", "Image"}
_RICH = {"Text Editor", "HTML Editor", "Markdown Editor"}
_WIDE = _RICH | {"Code", "JSON", "HTML"}
_NUMBERS = {"Int", "Float", "Currency", "Percent"}


class Layout:
    """Sections, each a list of columns, each a list of fields or of pieces of HTML."""

    def __init__(self, doc: Any, print_format: Any = None) -> None:
        self.doc, self.print_format = doc, print_format
        self.levels = set(doc.meta.get_permlevel_access("read")) | {0}
        self.headings = bool(print_format and cint(print_format.get("show_section_headings")))
        self.heading: Any = None
        self.sections: list[dict[str, Any]] = []
        built = frappe.parse_json(print_format.format_data) if print_format and print_format.get("format_data") else None  # fmt: skip
        self._arrange(_entries(built, doc.meta) if built else doc.meta.fields)

    def _arrange(self, fields: Iterable[Any]) -> None:
        for field in fields:
            kind = field.get("fieldtype")
            if field.get("fieldname") == "print_heading_template":
                self.heading = self._template(field.get("options"))
            elif kind in {"Section Break", "Tab Break"}:
                self.sections.append({"label": field.get("label"), "columns": [[]]})
            elif kind == "Column Break":
                self._columns().append([])
            elif kind == "Custom HTML":
                self._columns()[-1].append(self._template(field.get("options")))
            elif kind == "HTML":
                if field.get("options") and not cint(field.get("print_hide")):
                    self._columns()[-1].append(self._template(field.get("options")))
            elif is_printed(self.doc, field, self.levels):
                self._columns()[-1].append(field)

    def _columns(self) -> list[list]:
        if not self.sections:
            self.sections.append({"label": None, "columns": [[]]})
        return self.sections[-1]["columns"]

    def _template(self, text: Any) -> Markup:
        """A piece of a template of who designed the DocType or format."""
        return Markup(frappe.render_template(cstr(text), {"doc": self.doc, "meta": self.doc.meta}))  # noqa: S704

    def html(self) -> Markup:
        """The whole, with the document's title above."""
        parts = [self.heading if self.heading is not None else heading(self.doc)]
        for section in self.sections:
            columns = [column for column in section["columns"] if column]
            if not columns:
                continue
            if self.headings and section["label"]:
                parts.append(Markup("<h2>{}</h2>").format(frappe._(section["label"])))
            cells = Markup("").join(self._column(column, len(columns)) for column in columns)
            parts.append(Markup("<table class='section-break'><tr>{}</tr></table>").format(cells))
        return Markup("").join(parts)

    def _column(self, column: list, count: int) -> Markup:
        inner, rows = [], []

        def close() -> None:
            if rows:
                inner.append(Markup("<table class='values'>{}</table>").format(Markup("").join(rows)))
                rows.clear()

        for entry in column:
            if isinstance(entry, Markup):
                close()
                inner.append(entry)
            elif entry.get("fieldtype") in table_fields:
                close()
                inner.append(table(self.doc, entry, self.levels))
            else:
                rows.append(_line(self.doc, entry))
        close()
        return Markup("<td class='column-break' style='width:{}%'>{}</td>").format(
            100 // count, Markup("").join(inner)
        )


def _entries(built: Any, meta: Any) -> list[Any]:
    """The fields that a designer has chosen, with his words; of either form of designer."""
    if isinstance(built, dict):
        built = [entry for section in built.get("sections") or [] for entry in _of_section(section)]
    found = []
    for entry in built:
        own = meta.get_field(entry.get("fieldname")) if entry.get("fieldname") else None
        if own is None:
            found.append(frappe._dict(entry))
            continue
        found.append(frappe._dict({
            **own, "label": entry.get("label") or own.label, "print_hide": entry.get("print_hide") or 0,
            "visible_columns": entry.get("visible_columns") or entry.get("table_columns"),
        }))  # fmt: skip
    return found


def _of_section(section: dict) -> list[dict]:
    entries: list[dict] = [{"fieldtype": "Section Break", "label": section.get("label")}]
    for position, column in enumerate(section.get("columns") or []):
        if position:
            entries.append({"fieldtype": "Column Break"})
        for field in column.get("fields") or []:
            html = field.get("html") if field.get("fieldtype") in {"HTML", "Custom HTML"} else None
            entries.append({**field, "fieldtype": "Custom HTML", "options": html} if html else field)
    return entries


def heading(doc: Any) -> Markup:
    """The title, and what kind of document it is; a draft or a cancelled one says so."""
    mark = ""
    if doc.meta.is_submittable and cint(doc.docstatus) == 0:
        mark = frappe._("DRAFT") if cint(frappe.db.get_single_value("Print Settings", "add_draft_heading")) else ""  # fmt: skip
    elif cint(doc.docstatus) == 2:
        mark = frappe._("CANCELLED")
    marked = Markup("<p class='document-status'>{}</p>").format(mark) if mark else ""
    return Markup("<div class='print-heading'><h1>{}</h1><p class='sub'>{} {}</p>{}</div>").format(
        doc.get_title(), frappe._(doc.doctype), doc.name, marked
    )


def is_printed(doc: Any, field: Any, levels: set[int]) -> bool:
    """Whether a field is printed: it is meant to be, the reader may read it, and it holds something."""
    if field.get("fieldtype") in _NEVER or cint(field.get("print_hide")):
        return False
    if cint(field.get("permlevel")) not in levels:
        return False
    value = doc.get(field.get("fieldname"))
    if field.get("fieldtype") == "Check" or cint(field.get("print_hide_if_no_value")):
        return bool(value)
    if isinstance(value, str):
        return bool(strip_html(value).strip() or "<img" in value)
    return value is not None and value != []


def _line(doc: Any, field: Any) -> Markup:
    name, label, shown = field.get("fieldname"), frappe._(field.get("label") or ""), value_of(doc, field)
    if field.get("fieldtype") in _WIDE and not label:
        return Markup("<tr><td colspan='2' data-fieldname='{}'>{}</td></tr>").format(name, shown)
    return Markup("<tr data-fieldname='{}'><th>{}</th><td>{}</td></tr>").format(name, label, shown)


def value_of(doc: Any, field: Any) -> Any:
    """A value as it is read on paper."""
    kind, value = field.get("fieldtype"), doc.get(field.get("fieldname"))
    if value is None:
        return ""
    if kind in _RICH:
        return Markup(sanitize_html(cstr(value)))  # noqa: S704 - sanitised
    if kind in _PICTURES:
        return Markup('<img src="{}">').format(value)
    if kind == "Password":
        return "********"
    if kind == "Check":
        return "✓" if cint(value) else ""
    if kind == "Select":
        return frappe._(cstr(value))
    if kind == "Link":
        return _linked_title(field.get("options"), value)
    text = cstr(frappe.format_value(value, field, doc))
    return Markup("<br>").join(text.split("<br>"))


def _linked_title(doctype: str, name: str) -> str:
    meta = frappe.get_meta(doctype)
    if meta.title_field and cint(meta.show_title_field_in_link):
        return frappe.get_cached_value(doctype, name, meta.title_field) or name
    return name


def table(doc: Any, field: Any, levels: set[int]) -> Markup:
    """The lines of a table; a column in which no line has anything is left out."""
    meta = frappe.get_meta(field.get("options"))
    rows = doc.get(field.get("fieldname"))
    chosen = field.get("visible_columns")
    columns = [meta.get_field(entry["fieldname"]) for entry in chosen if not cint(entry.get("print_hide"))] if chosen else meta.fields  # fmt: skip
    listed = [
        entry
        for entry in columns
        if entry
        and entry.fieldtype not in _NEVER
        and not cint(entry.print_hide)
        and cint(entry.permlevel) in levels
        and any(_holds(row.get(entry.fieldname)) for row in rows)
    ]
    head = Markup("").join(
        Markup("<th{}>{}</th>").format(_side(entry), frappe._(entry.label or "")) for entry in listed
    )
    body = Markup("").join(
        Markup("<tr><td>{}</td>{}</tr>").format(
            row.idx,
            Markup("").join(
                Markup("<td{}>{}</td>").format(_side(entry), value_of(row, entry)) for entry in listed
            ),
        )
        for row in rows
    )
    return Markup("<table class='rows'><thead><tr><th>{}</th>{}</tr></thead><tbody>{}</tbody></table>").format(
        frappe._("Sr"), head, body
    )  # fmt: skip


def _side(field: Any) -> Markup:
    return Markup(" class='num'") if field.fieldtype in _NUMBERS else Markup("")


def _holds(value: Any) -> bool:
    return bool(strip_html(value).strip() or "<img" in value) if isinstance(value, str) else bool(value)
