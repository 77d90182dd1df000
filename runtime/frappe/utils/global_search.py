"""The search over several DocTypes: fields that ask for it, of the DocTypes that the site has chosen.

The index is a table of the site's own and follows every document within its transaction. A search reads the rows of the
chosen DocTypes once; it is meant for a person's words, not for a machine's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

import frappe
from frappe.desk.doctype.global_search_settings.global_search_settings import get_doctypes_for_global_search
from frappe.model import table_fields
from frappe.model.hooks import concerns
from frappe.utils import cint, cstr, strip_html_tags

#: Words of one search, characters of one row, rows that are looked at before rights are asked.
MOST_WORDS, LONGEST, MOST_ROWS = 10, 20_000, 500
_WORD = re.compile(r"[\w.@/-]+")


def _is_searched(doctype: str) -> bool:
    return doctype in get_doctypes_for_global_search()


@concerns(_is_searched)
def update_global_search(doc: Any, method: str | None = None) -> None:
    """The row of a document, as it is now."""
    if doc.doctype not in get_doctypes_for_global_search() or doc.meta.istable or doc.meta.issingle:
        return
    content = " ||| ".join(_parts(doc))[:LONGEST]
    row = {"doctype": doc.doctype, "name": str(doc.name)}
    _delete(**row)
    if content:
        title = strip_html_tags(cstr(doc.get_title()))[:140]
        frappe.db.sql(
            "insert into `__global_search` (`doctype`, `name`, `title`, `content`, `published`) values (%s, %s, %s, %s, 0)",
            (doc.doctype, str(doc.name), title, content),
        )


def _parts(doc: Any) -> Iterator[str]:
    """Label and value of each field that everybody who may read the document may see."""
    for field in doc.meta.get_global_search_fields():
        if cint(field.permlevel):
            continue
        if field.fieldtype in table_fields:
            for row in doc.get(field.fieldname) or []:
                yield from _parts(row)
            continue
        value = strip_html_tags(cstr(doc.get(field.fieldname))).strip()
        if value:
            yield f"{field.label or field.fieldname} : {value}"
    if cint(doc.meta.get("show_name_in_global_search")):
        yield f"ID : {doc.name}"


def delete_for_document(doc: Any, method: str | None = None) -> None:
    """Forgets a document that is gone."""
    if doc.doctype in get_doctypes_for_global_search():
        _delete(doc.doctype, str(doc.name))


def _delete(doctype: str, name: str) -> None:
    frappe.db.sql("delete from `__global_search` where `doctype` = %s and `name` = %s", (doctype, name))


def rename_for_document(
    doc: Any, method: str | None = None, old: str = "", new: str = "", merge: bool = False
) -> None:
    """The row follows a document's new name."""
    if doc.doctype in get_doctypes_for_global_search():
        _delete(doc.doctype, str(old))
        update_global_search(frappe.get_doc(doc.doctype, new))


def rebuild_for_doctype(doctype: str) -> None:
    """All rows of a DocType anew."""
    frappe.db.sql("delete from `__global_search` where `doctype` = %s", (doctype,))
    meta = frappe.get_meta(doctype)
    if cint(meta.istable) or cint(meta.issingle) or not meta.get_global_search_fields():
        return
    for name in frappe.get_all(doctype, pluck="name"):
        update_global_search(frappe.get_doc(doctype, name))


def reset() -> None:
    """Forgets every row."""
    frappe.db.sql("delete from `__global_search`")


def sync_global_search() -> None:
    """Nothing waits: the index follows every document within its transaction."""


@frappe.whitelist()
def search(text: str, start: int = 0, limit: int = 20, doctype: str = "") -> list[dict]:
    """Documents in which a word begins with one of the words asked for, as far as the user may read them.

    :returns: `{"doctype", "name", "content", "rank"}`, those with most of the words first
    """
    words = [word.lower() for word in _WORD.findall(cstr(text))][:MOST_WORDS]
    chosen = [name for name in get_doctypes_for_global_search() if not doctype or name == doctype]
    chosen = [name for name in chosen if frappe.has_permission(name, "read")]
    if not words or not chosen:
        return []
    order = {name: place for place, name in enumerate(chosen)}
    found = [(_rank(row.content, words), row) for row in _rows(chosen, words)]
    found = sorted(
        (entry for entry in found if entry[0]),
        key=lambda entry: (-entry[0], order[entry[1].doctype], entry[1].name),
    )
    mine = (
        {"doctype": row.doctype, "name": row.name, "content": row.content, "rank": rank}
        for rank, row in found
        if frappe.has_permission(row.doctype, "read", row.name)
    )
    first, most = max(cint(start), 0), min(max(cint(limit), 1), 100)
    return list(islice(mine, first, first + most))


def _rows(doctypes: list[str], words: list[str]) -> list:
    patterns = ["%" + re.sub(r"([%_!])", r"!\1", word) + "%" for word in words]
    either = " or ".join(["`content` like %s escape '!'"] * len(words))
    return frappe.db.sql(
        f"select `doctype`, `name`, `content` from `__global_search` where `doctype` in %s and ({either}) limit {MOST_ROWS}",
        (doctypes, *patterns),
        as_dict=True,
    )


def _rank(content: str, words: list[str]) -> float:
    """How many of the words a text has; Chinese has no gaps, so its words may stand anywhere."""
    text = content.lower()
    return float(
        sum(
            1
            for word in words
            if re.search(("" if not word.isascii() else r"(?<![\w])") + re.escape(word), text)
        )
    )


@frappe.whitelist(allow_guest=True)
def web_search(text: str, scope: str | None = None, start: int = 0, limit: int = 20) -> list:
    """Pages of the web site: this host indexes none."""
    return []
