"""The class of documents that have a page of their own."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.model.document import Document


class WebsiteGenerator(Document):
    """A document with a `route`; `website` says which template shows it and which field publishes it."""

    website = frappe._dict()

    def get_website_properties(self, key: str | None = None, default: Any = None) -> Any:
        """What the class says of its pages."""
        out = getattr(self, "_website", None) or self.website or {}
        if not isinstance(out, dict):
            out = {}
        return out if key is None else out.get(key, default)

    def autoname(self) -> None:
        """A page's document is called as its address ends, unless names of its kind are drawn at random."""
        if not self.name and self.meta.autoname != "hash":
            self.name = self.scrubbed_title()

    def validate(self) -> None:
        """A published document has an address."""
        self.set_route()

    def set_route(self) -> None:
        """An address below the DocType's own, made of the title, when none is given."""
        if self.is_website_published() and not self.get("route"):
            self.route = self.make_route()
        if self.get("route"):
            self.route = self.route.strip("/.")[:139]

    def make_route(self) -> str:
        """`<route of the DocType>/<title>`."""
        prefix = self.meta.get("route")
        route = self.scrubbed_title()
        return f"{prefix}/{route}" if prefix else route

    def scrubbed_title(self) -> str:
        """The title as a part of an address."""
        return self.scrub(self.get(self.get_title_field()) or self.name or "")

    def get_title_field(self) -> str:
        """The field that names the page."""
        return self.get_website_properties("page_title_field", self.meta.get_title_field())

    @staticmethod
    def scrub(text: str) -> str:
        """Small letters, digits and dashes."""
        import re

        return re.sub(r"[^\w]+", "-", str(text).lower()).strip("-")

    def get_condition_field(self) -> str | None:
        """The field that publishes the document."""
        return self.get_website_properties("condition_field") or self.meta.get("is_published_field") or None

    @property
    def condition_field(self) -> str | None:
        """The field that publishes the document."""
        return self.get_condition_field()

    def is_website_published(self) -> bool:
        """Whether the document has a page now."""
        field = self.get_condition_field()
        return bool(self.get(field)) if field else True
