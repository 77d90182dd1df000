"""Texts that others ask for."""

from frappe.utils import now_datetime


def changelog(since=None):
    return [
        {
            "title": "Lendery lends films",
            "app_name": "lendery",
            "link": "https://example.com/films",
            "creation": now_datetime(),
        }
    ]
