"""The answer where nobody has a page."""

from __future__ import annotations

from werkzeug.wrappers import Response

import frappe
from frappe.website.page_renderers.base_renderer import BaseRenderer


class NotFoundPage(BaseRenderer):
    """Says so, with status 404."""

    def can_render(self) -> bool:
        """Always: it is the last that is asked."""
        return True

    def render(self) -> Response:
        """The host's own message."""
        from frappe.website import pages

        return pages.message(404, frappe._("Page not found"), frappe._("There is no page at this address."))
