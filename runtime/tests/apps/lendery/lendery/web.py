"""The library's website."""

import frappe
from frappe.website.page_renderers.base_renderer import BaseRenderer
from frappe.website.path_resolver import resolve_path

from lendery.trace import note


def home_page_of(user):
    if frappe.db.exists("Lending Member", {"user": user}):
        return "lending/mine"
    return None


def add_to_context(context):
    context.lendery_items = frappe.db.count("Lending Item", {"published": 1})


def page_changed(path=None):
    note("website_clear_cache", path=path)


def resolve(path):
    if path == "catalogue-of-today":
        return resolve_path("lending/clerk")
    return resolve_path(path)


class ReceiptPage(BaseRenderer):
    """Plain-text receipts at /receipt/<loan>."""

    def can_render(self):
        return self.path.startswith("receipt/")

    def render(self):
        name = self.path.removeprefix("receipt/")
        return self.build_response(f"<pre>receipt of {name}</pre>")
