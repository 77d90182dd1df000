"""Answers that methods prepare: a page with a message."""

from __future__ import annotations

from typing import Any

import frappe


def respond_as_web_page(
    title: str,
    html: str,
    success: bool | None = None,
    http_status_code: int | None = None,
    context: dict | None = None,
    indicator_color: str | None = None,
    primary_action: str = "/",
    primary_label: str | None = None,
    fullpage: bool = False,
    width: int = 0,
    template: str = "message",
) -> None:
    """The request is answered with a page that shows a message. `html` is the caller's, not the user's."""
    answer: dict[str, Any] = {"title": title, "html": html, "action": primary_action, "label": primary_label}
    frappe.local.flags.message_page = answer
    frappe.local.response.update(
        {"type": "page", "route": "message", "http_status_code": http_status_code or 200}
    )
