"""Finding the document that a link shall lead to."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import frappe
from frappe.utils import cint, cstr

_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_.,` ]*")


@frappe.whitelist()
def search_link(
    doctype: str,
    txt: str = "",
    query: str | None = None,
    filters: Any = None,
    page_length: int = 10,
    searchfield: str | None = None,
    reference_doctype: str | None = None,
    ignore_user_permissions: bool = False,
    *,
    link_fieldname: str | None = None,
) -> list[dict]:
    """Documents whose name, title or search fields hold a text: `value`, `label`, `description`."""
    if isinstance(filters, str):
        try:
            filters = json.loads(filters)
        except ValueError:
            frappe.throw(frappe._("Invalid filters"), frappe.DataError)
    standard = (frappe.get_hooks("standard_queries") or {}).get(doctype)
    path = query or (standard[-1] if standard else None)
    if path:
        return _by_query(path, doctype, cstr(txt), filters, page_length, searchfield)
    meta = frappe.get_meta(doctype)
    rows = _find(meta, cstr(txt).strip()[:100], filters, min(page_length, 50), searchfield)
    return [_describe(meta, row) for row in rows]


def _by_query(
    path: str, doctype: str, txt: str, filters: Any, page_length: int, searchfield: str | None
) -> list[dict]:
    from frappe.handler import get_attr

    method = get_attr(path)
    frappe.is_whitelisted(method)
    rows = frappe.call(method, doctype=doctype, txt=txt, searchfield=searchfield or "name", start=0, page_len=page_length, filters=filters or {})  # fmt: skip
    titled = bool(cint(frappe.get_meta(doctype).show_title_field_in_link))
    return [_answer_of_query(row, titled) for row in rows]


def _answer_of_query(row: Sequence, titled: bool) -> dict:
    """A row of a query as the client wants it; where titles are shown the second column is the title."""
    if titled and len(row) > 1:
        return {"value": row[0], "label": row[1], "description": ", ".join(cstr(part) for part in (row[0], *row[2:]) if part)}  # fmt: skip
    return {"value": row[0], "description": ", ".join(cstr(part) for part in row[1:] if part)}


def validate_and_sanitize_search_inputs(function: Callable) -> Callable:
    """For queries of link fields: the numbers are numbers, the field is a name; an unknown DocType finds nothing."""

    @wraps(function)
    def checked(
        doctype: str,
        txt: str,
        searchfield: str,
        start: Any,
        page_len: Any,
        filters: Any,
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        sanitize_searchfield(searchfield)
        if not frappe.db.exists("DocType", doctype):
            return []
        return function(doctype, txt, searchfield, cint(start), cint(page_len), filters, *args, **kwargs)

    return checked


def sanitize_searchfield(searchfield: str | None) -> None:
    """Refuses what is no name of a field.

    :raises frappe.DataError: then
    """
    if searchfield and not _FIELD.fullmatch(searchfield):
        frappe.throw(
            frappe._("Invalid Search Field {0}").format(frappe.utils.escape_html(searchfield)),
            frappe.DataError,
        )


def _find(meta: Any, txt: str, filters: Any, length: int, searchfield: str | None) -> list:
    fields = list(
        dict.fromkeys(["name", *([meta.title_field] if meta.title_field else []), *meta.get_search_fields()])
    )
    fields = [field for field in fields if field == "name" or meta.has_field(field)]
    wanted = _as_rows(meta.name, filters)
    for column, value in (("enabled", 1), ("disabled", 0)):
        if meta.has_field(column) and meta.get_field(column).fieldtype == "Check":
            wanted.append([meta.name, column, "=", value])
    either = (
        [[meta.name, field, "like", f"%{txt}%"] for field in ([searchfield] if searchfield else fields)]
        if txt
        else []
    )
    rows = frappe.get_list(
        meta.name, fields=fields, filters=wanted, or_filters=either, limit_page_length=length * 3 if txt else length,
        order_by=f"`tab{meta.name}`.`{meta.get('sort_field') or 'modified'}` {meta.get('sort_order') or 'desc'}",
    )  # fmt: skip
    lowered = txt.lower()
    # What begins with the text comes first.
    rows.sort(key=lambda row: not any(cstr(row.get(field)).lower().startswith(lowered) for field in fields))
    return rows[:length]


def _as_rows(doctype: str, filters: Any) -> list:
    from frappe.model.filters import normalize

    return [list(row) for row in normalize(doctype, filters)]


def _describe(meta: Any, row: Any) -> dict:
    entry = {"value": row.name}
    label = row.get(meta.title_field) if cint(meta.show_title_field_in_link) and meta.title_field else None
    parts = [
        cstr(value)
        for key, value in row.items()
        if value and cstr(value) not in {cstr(row.name), cstr(label)}
    ]
    if label:
        entry["label"] = label
        parts.insert(0, cstr(row.name))
    entry["description"] = ", ".join(dict.fromkeys(parts))
    return entry


@frappe.whitelist()
def get_link_title(doctype: str, docname: str | int) -> str:
    """The title of a document, its name without one."""
    meta = frappe.get_meta(doctype)
    if not meta.title_field or not cint(meta.show_title_field_in_link):
        return cstr(docname)
    rows = frappe.get_list(doctype, filters={"name": docname}, fields=[meta.title_field], limit_page_length=1)
    return cstr(rows[0].get(meta.title_field)) if rows else cstr(docname)


@frappe.whitelist()
def search_widget(
    doctype: str,
    txt: str = "",
    query: str | None = None,
    searchfield: str | None = None,
    start: int = 0,
    page_length: int = 10,
    filters: Any = None,
    filter_fields: Any = None,
    as_dict: bool = False,
    reference_doctype: str | None = None,
    ignore_user_permissions: bool = False,
) -> list:
    """The rows of a link search: name, then what describes it; as dictionaries with `as_dict`."""
    found = search_link(
        doctype, txt, query, filters, min(start + page_length, 50), searchfield, reference_doctype
    )[start:]
    if as_dict:
        return [{"name": row["value"], "title": row.get("label") or row["value"]} for row in found]
    return [[row["value"], row.get("label") or row.get("description") or ""] for row in found]


@frappe.whitelist()
def get_names_for_mentions(search_term: str) -> list[dict]:
    """People who may be named in a comment: `id`, `value`, `link`."""
    wanted = cstr(search_term).strip().lower()[:100]
    people = {"name": ["not in", frappe.STANDARD_USERS], "enabled": 1, "user_type": "System User"}
    rows = frappe.get_all("User", filters=people, fields=["name", "full_name"], order_by="full_name")
    found = [row for row in rows if wanted in cstr(row.full_name).lower() or wanted in row.name.lower()]
    return [
        {
            "id": row.name,
            "value": row.full_name or row.name,
            "link": frappe.utils.get_url_to_form("User", row.name),
        }
        for row in found[:20]
    ]
