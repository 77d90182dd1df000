"""From an address to the renderer that answers it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

import frappe


class PathResolver:
    """Finds redirects, rewrites the address by the apps' rules, chooses the renderer."""

    def __init__(self, path: str, http_status_code: int | None = None) -> None:
        self.path = path.strip("/ ")
        self.http_status_code = http_status_code

    def resolve(self) -> tuple[str, Any]:
        """(the address behind the address, its renderer)."""
        endpoint = self._endpoint()
        for renderer in self.renderers():
            page = renderer(endpoint, self.http_status_code)
            if page.can_render():
                return endpoint, page
        raise AssertionError("the last renderer takes everything")

    def is_valid_path(self) -> bool:
        """Whether somebody has a page for the address."""
        from frappe.website.page_renderers.not_found_page import NotFoundPage

        return not isinstance(self.resolve()[1], NotFoundPage)

    def _endpoint(self) -> str:
        own = frappe.get_hooks("website_path_resolver")
        return frappe.get_attr(own[-1])(self.path) if own else resolve_path(self.path)

    @staticmethod
    def renderers() -> list[type]:
        """The apps' renderers, then the host's."""
        from frappe.website.page_renderers.document_page import DocumentPage
        from frappe.website.page_renderers.not_found_page import NotFoundPage
        from frappe.website.page_renderers.template_page import TemplatePage

        own = [frappe.get_attr(path) for path in frappe.get_hooks("page_renderer")]
        return [*own, TemplatePage, DocumentPage, NotFoundPage]


def resolve_path(path: str) -> str:
    """The address behind an address, by the apps' `website_route_rules`; the parts become arguments."""
    rules = tuple((rule["from_route"], rule["to_route"]) for rule in frappe.get_hooks("website_route_rules"))
    if not rules:
        return path
    try:
        endpoint, arguments = _map(rules).bind("").match(f"/{path}")
    except HTTPException:
        return path
    frappe.local.form_dict.update(arguments)
    return endpoint.strip("/")


@lru_cache(maxsize=64)
def _map(rules: tuple[tuple[str, str], ...]) -> Map:
    return Map([Rule(source, endpoint=target) for source, target in rules], strict_slashes=False)


def resolve_redirect(path: str) -> tuple[str, int] | None:
    """(target, status) of the apps' `website_redirects`; a source may be a regular expression with groups."""
    for rule in frappe.get_hooks("website_redirects"):
        source = str(rule.get("source", "")).strip("/")
        status = int(rule.get("redirect_http_status") or 301)
        try:
            match = re.fullmatch(source, path)
        except re.error:
            match = None
        if match:
            return (match.expand(rule["target"]) if match.groups() else rule["target"]), status
        if source == path:
            return rule["target"], status
    return None
