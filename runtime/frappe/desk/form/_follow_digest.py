"""Mail about followed documents: what others have changed and written in the last hour, yesterday or in seven days."""

from __future__ import annotations

from typing import Any

import frappe
from frappe import _
from frappe.utils import (
    add_to_date,
    cint,
    cstr,
    format_time,
    get_datetime,
    get_fullname,
    get_link_to_form,
    now_datetime,
    nowdate,
    strip_html,
)

#: Lines of one document in one mail.
_MOST = 50


def send(frequency: str) -> None:
    """One mail to each user with something to read; a mail that fails keeps nobody else from his."""
    span = _span(frequency)
    people = {"document_follow_notify": 1, "document_follow_frequency": frequency, "enabled": 1}
    for user in frappe.get_all("User", filters=people, pluck="name"):
        documents = _news_of(user, span)
        if not documents:
            continue
        try:
            frappe.sendmail(
                recipients=[frappe.db.get_value("User", user, "email") or user],
                subject=_("Document Follow Notification"),
                template="document_follow",
                args={"documents": documents},
            )
        except frappe.ValidationError:
            frappe.log_error(_("A digest of followed documents could not be sent"))


def _span(frequency: str) -> tuple[Any, Any]:
    """From when to when: the hour that ends now, the day or the seven days that ended with yesterday."""
    if frequency == "Hourly":
        return add_to_date(now_datetime(), hours=-1), now_datetime()
    today = get_datetime(nowdate())
    days = {"Daily": 1, "Weekly": 7}[frequency]
    return add_to_date(today, days=-days), add_to_date(today, seconds=-1)


def _news_of(user: str, span: tuple) -> list[dict]:
    followed = frappe.get_all(
        "Document Follow", {"user": user}, ["ref_doctype", "ref_docname"], order_by="creation"
    )
    found = []
    for row in followed:
        lines = _lines(row.ref_doctype, row.ref_docname, user, span)
        if lines:
            link = get_link_to_form(
                row.ref_doctype, row.ref_docname, f"{_(row.ref_doctype)}: {row.ref_docname}"
            )
            found.append(
                {"link": link, "lines": [line for _when, line in sorted(lines, key=lambda entry: entry[0])]}
            )
    return found


def _lines(doctype: str, name: str, user: str, span: tuple) -> list[tuple[Any, str]]:
    """What others did with a document, as far as the user may see it."""
    if not frappe.db.exists(doctype, name) or not frappe.has_permission(doctype, "read", name, user=user):
        return []
    others = {"creation": ["between", span], "owner": ["!=", user]}
    versions = frappe.get_all(
        "Version",
        {"ref_doctype": doctype, "docname": name, **others},
        ["data", "creation", "owner"],
        limit=_MOST,
    )
    comments = frappe.get_all(
        "Comment",
        {"reference_doctype": doctype, "reference_name": name, "comment_type": "Comment", **others},
        ["content", "creation", "owner"],
        limit=_MOST,
    )
    meta = frappe.get_meta(doctype)
    levels = set(meta.get_permlevel_access("read", user=user)) | {0}
    found = [(row.creation, text) for row in versions for text in _changes(row, meta, levels)]
    for row in comments:
        said = strip_html(cstr(row.content))
        found.append((row.creation, f"{format_time(row.creation)}: {get_fullname(row.owner)}: “{said}”"))
    return found[:_MOST]


def _changes(version: Any, meta: Any, levels: set[int]) -> list[str]:
    """Sentences about one change; fields that the reader may not see are left out."""
    data = frappe.parse_json(version.data or "{}")
    head = f"{format_time(version.creation)}: {get_fullname(version.owner)}: "
    lines = []
    for fieldname, before, after in data.get("changed") or []:
        field = meta.get_field(fieldname)
        if field is None or cint(field.permlevel) in levels:
            label = _(meta.get_label(fieldname))
            lines.append(
                head + _("{0} changed from “{1}” to “{2}”").format(label, _short(before), _short(after))
            )
    for part, sentence in (("added", _("Row added to {0}")), ("removed", _("Row removed from {0}"))):
        lines += [
            head + sentence.format(_(meta.get_label(table)))
            for table in _tables(data.get(part), meta, levels)
        ]
    lines += [
        head + _("Row changed in {0}").format(_(meta.get_label(table)))
        for table in _tables(data.get("row_changed"), meta, levels)
    ]
    return lines


def _tables(rows: Any, meta: Any, levels: set[int]) -> list[str]:
    names = dict.fromkeys(row[0] for row in rows or [])
    return [name for name in names if meta.get_field(name) and cint(meta.get_field(name).permlevel) in levels]


def _short(value: Any) -> str:
    text = strip_html(cstr(value))
    return text if len(text) <= 140 else f"{text[:140]}…"
