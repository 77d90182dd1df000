"""How many records wait for the user, as the apps' `notification_config` say."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import frappe
from frappe.utils import cint


@frappe.whitelist()
def get_notifications() -> dict[str, Any]:
    """Counts by DocType of open records that the user may read."""
    counts: dict[str, int] = {}
    for doctype, condition in get_notification_config().for_doctype.items():
        if not frappe.db.exists("DocType", doctype) or not frappe.has_permission(doctype, "read"):
            continue
        count = _count(doctype, condition)
        if count:
            counts[doctype] = count
    return {"open_count_doctype": counts, "targets": {}}


def _count(doctype: str, condition: Any) -> int:
    if isinstance(condition, dict | list):
        rows = frappe.get_list(doctype, filters=condition, fields=["count(*) as total"], order_by=None)
        return cint(rows[0].total) if rows else 0
    return cint(frappe.get_attr(condition)())


def get_notification_config() -> frappe._dict:
    """What the apps say, joined; for a DocType the app installed last decides."""
    config = frappe._dict(for_doctype={}, for_module={}, for_other={}, targets={})
    for hook in frappe.get_hooks("notification_config"):
        for key, values in (frappe.get_attr(hook)() or {}).items():
            if isinstance(values, dict):
                config.setdefault(key, {}).update(values)
    return config


def notify_mentions(ref_doctype: str | None, ref_name: Any, content: str | None) -> None:
    """Tells those whom a comment names with an @."""
    from frappe.desk.doctype.notification_log.notification_log import (
        enqueue_create_notification,
        get_title,
        get_title_html,
    )

    people = extract_mentions(content)
    if not (people and ref_doctype and ref_name):
        return
    subject = frappe._("{0} mentioned you in a comment in {1} {2}").format(
        frappe.bold(frappe.utils.escape_html(frappe.utils.get_fullname())),
        frappe.bold(frappe._(ref_doctype)),
        get_title_html(get_title(ref_doctype, ref_name)),
    )
    enqueue_create_notification(
        people,
        {"type": "Mention", "document_type": ref_doctype, "document_name": str(ref_name), "subject": subject,
         "from_user": frappe.session.user, "email_content": content},
    )  # fmt: skip


def extract_mentions(txt: str | None) -> list[str]:
    """Users whom a text names: `<span class="mention" data-id="…">`."""
    reader = _Mentions()
    reader.feed(txt or "")
    return list(dict.fromkeys(reader.found))


class _Mentions(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keeps the user of a mention."""
        values = dict(attrs)
        if "mention" in (values.get("class") or "").split() and values.get("data-id"):
            self.found.append(values["data-id"])
