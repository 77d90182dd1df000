"""Pages made of a template and a context, in the frame of the site."""

from __future__ import annotations

import re
from typing import Any

import frappe
from frappe.website.assets import bundled_asset
from frappe.website.page_renderers.base_renderer import BaseRenderer
from frappe.website.utils import get_portal_sidebar_items


class BaseTemplatePage(BaseRenderer):
    """A page with the context that every page of the site has."""

    def __init__(self, path: str | None = None, http_status_code: int | None = None) -> None:
        super().__init__(path, http_status_code)
        self.template_path = ""
        self.source = ""
        self.init_context()

    def init_context(self) -> None:
        """What every page knows before its own code is asked."""
        self.context = frappe._dict(self._of_the_site())
        self.context.update(
            path=self.path, pathname=self.path, route=self.path, lang=frappe.local.lang, base_template_path=self._frame(),
            title=self.path.rsplit("/", 1)[-1].replace("-", " ").replace("_", " ").title(), user=frappe.session.user,
            csrf_token=_csrf_token,
        )  # fmt: skip

    @staticmethod
    def _of_the_site() -> dict[str, Any]:
        known = {key: values[-1] for key, values in (frappe.get_hooks("website_context") or {}).items()}
        known.update(
            web_include_js=[bundled_asset(path) for path in frappe.get_hooks("web_include_js")],
            web_include_css=[bundled_asset(path) for path in frappe.get_hooks("web_include_css")],
            brand_html=(frappe.get_hooks("brand_html") or [""])[-1],
        )  # fmt: skip
        return known

    def _frame(self) -> str:
        """The template around every page: the last app's, or the host's own."""
        return (frappe.get_hooks("base_template") or ["templates/base.html"])[-1]

    def frame_of_the_address(self) -> str | None:
        """The template that the apps' `base_template_map` names for the address."""
        for pattern, templates in (frappe.get_hooks("base_template_map") or {}).items():
            if re.match(pattern, self.path):
                return templates[-1]
        return None

    def post_process_context(self) -> None:
        """After the page's own code: the menu of the portal, and what the apps add to every page."""
        if self.context.show_sidebar:
            self.context.sidebar_items = get_portal_sidebar_items()
        for hook in frappe.get_hooks("update_website_context"):
            added = frappe.get_attr(hook)(self.context)
            if isinstance(added, dict):
                self.context.update(added)


def _csrf_token() -> str:
    """For forms of a page: `{{ csrf_token() }}`."""
    import frappe.sessions

    return "" if frappe.session.user == "Guest" else frappe.sessions.get_csrf_token()
