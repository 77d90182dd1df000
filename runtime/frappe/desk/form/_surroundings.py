"""What stands beside a document, read in one statement: comments, files, versions, assignments, shares, people."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.utils import get_datetime

#: Columns of the statement: what kind of row it is, where it stands, then texts and numbers that each kind calls by
#: its own names. Numbers stand apart: a database gives all values of a column one type.
_TEXTS, _NUMBERS = 5, 5
VERSIONS = 20


def _part(
    kind: str, table: str, texts: dict[str, str], numbers: dict[str, str], order: str, where: str
) -> str:
    """One kind's rows. Columns are ours, never a caller's."""
    columns = [f"'{kind}' as `kind`", f"`{order}` as `place`", "`creation` as `creation`"]
    for letter, given, room, empty in (("t", texts, _TEXTS, "null"), ("n", numbers, _NUMBERS, "0")):
        sources = [f"`{source}`" for source in given.values()]
        sources += [empty] * (room - len(sources))
        columns += [f"{source} as `{letter}{number}`" for number, source in enumerate(sources)]
    return f"select {', '.join(columns)} from `tab{table}` where {where}"


def _same(*names: str) -> dict[str, str]:
    return {name: name for name in names}


_KINDS: dict[str, tuple[str, dict[str, str], dict[str, str], str, str]] = {
    "comments": ("Comment", _same("name", "owner", "content", "comment_type", "comment_by"), {}, "creation",
                 "`reference_doctype` = %(doctype)s and `reference_name` = %(name)s"),
    "attachments": ("File", _same("name", "file_name", "file_url"), _same("is_private", "file_size"), "creation",
                    "`attached_to_doctype` = %(doctype)s and `attached_to_name` = %(name)s"),
    "versions": ("Version", _same("name", "owner", "data"), {}, "creation",
                 "`ref_doctype` = %(doctype)s and `docname` = %(name)s"),
    "assignments": ("ToDo", {"name": "name", "owner": "allocated_to", "description": "description", "status": "status"}, {},
                    "modified", "`reference_type` = %(doctype)s and `reference_name` = %(name)s"
                    " and ifnull(`status`, '') not in ('Cancelled', 'Closed')"),
    "shared": ("DocShare", _same("name", "user", "owner"), _same("read", "write", "submit", "share", "everyone"),
               "modified", "`share_doctype` = %(doctype)s and `share_name` = %(name)s"),
}  # fmt: skip
#: Kinds that begin with the newest.
_NEWEST_FIRST = frozenset({"versions", "assignments", "shared"})
_WITHOUT_CREATION = frozenset({"attachments", "assignments"})


def _statement() -> str:
    parts = []
    for kind, (table, texts, numbers, order, where) in _KINDS.items():
        part = _part(kind, table, texts, numbers, order, where)
        if kind == "versions":
            part = f"select * from ({part} order by `creation` desc limit {VERSIONS}) as `latest`"
        parts.append(part)
    return " union all ".join([*parts, _people()])


def _people() -> str:
    """The names of those who made or changed the document, and of those who stand beside it."""
    comments, versions = _KINDS["comments"][-1], _KINDS["versions"][-1]
    who = (
        "select %(owner)s as `who` union select %(modified_by)s"
        f" union select `owner` from `tabComment` where {comments}"
        f" union select `owner` from `tabVersion` where {versions}"
    )
    fill = ", ".join(["null"] * (_TEXTS - 2) + ["0"] * _NUMBERS)
    return (
        "select 'people', null, null, `tabUser`.`name`, coalesce(nullif(`full_name`, ''), nullif(`first_name`, '')),"
        f" {fill} from ({who}) as `those` join `tabUser` on `tabUser`.`name` = `those`.`who`"
    )


_STATEMENT = _statement()


def of(doc: Any) -> dict[str, Any]:
    """Rows by kind, each with its own names, in the order in which a form shows them; `people` are full names by user."""
    found: dict[str, list] = {kind: [] for kind in (*_KINDS, "people")}
    values = {
        "doctype": doc.doctype,
        "name": str(doc.name),
        "owner": doc.owner,
        "modified_by": doc.modified_by,
    }
    for row in frappe.db.sql(_STATEMENT, values):
        found[row[0]].append(row)
    people = {row[3]: row[4] or row[3] for row in found.pop("people")}
    rows = {
        kind: [_named(kind, row) for row in sorted(rows, key=_place, reverse=kind in _NEWEST_FIRST)]
        for kind, rows in found.items()
    }
    return rows | {"people": people}


def _place(row: tuple) -> str:
    return str(row[1] or "")


def _named(kind: str, row: tuple) -> frappe._dict:
    _, texts, numbers, _, _ = _KINDS[kind]
    entry = frappe._dict(zip(texts, row[3:], strict=False))
    entry.update(zip(numbers, row[3 + _TEXTS :], strict=False))
    if kind not in _WITHOUT_CREATION:
        entry.creation = get_datetime(row[2])
    return entry
