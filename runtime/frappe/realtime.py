"""Messages to open pages. Pages of this host ask for progress; nothing is pushed to them."""

from __future__ import annotations

from typing import Any

import frappe


def publish_realtime(
    event: str | None = None,
    message: Any = None,
    room: str | None = None,
    user: str | None = None,
    doctype: str | None = None,
    docname: str | None = None,
    task_id: str | None = None,
    after_commit: bool = False,
) -> None:
    """Keeps the newest message of an event, where a page can ask for it."""
    if event != "progress" or not user:
        return
    frappe.cache.set_value(f"progress::{user}", message, expires_in_sec=600)


def publish_progress(
    percent: float,
    title: str = "Progress",
    doctype: str | None = None,
    docname: str | None = None,
    description: str | None = None,
    task_id: str | None = None,
) -> None:
    """Says how far a long action is."""
    message = {
        "percent": percent,
        "title": title,
        "doctype": doctype,
        "docname": docname,
        "description": description,
    }
    publish_realtime("progress", message, user=frappe.session.user)


@frappe.whitelist()
def get_progress() -> dict | None:
    """How far the user's long action is."""
    return frappe.cache.get_value(f"progress::{frappe.session.user}")
