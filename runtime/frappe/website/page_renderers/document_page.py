"""Documents that have a page of their own: DocTypes with a web view, and those that apps name as generators."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

import frappe
from frappe.utils import cint
from frappe.utils.caching import kept
from frappe.website.page_renderers.base_template_page import BaseTemplatePage


def generators() -> list[tuple[str, str]]:
    """(DocType, field that says whether a document is published) of all that have pages."""
    return kept("website_generators", _find_generators)


def _find_generators() -> list[tuple[str, str]]:
    names = frappe.get_all(
        "DocType", {"has_web_view": 1, "allow_guest_to_view": 1}, pluck="name", ignore_permissions=True
    )
    found = []
    for doctype in dict.fromkeys([*names, *frappe.get_hooks("website_generators")]):
        if not frappe.db.exists("DocType", doctype):
            continue
        meta = frappe.get_meta(doctype)
        if meta.has_field("route"):
            found.append((doctype, meta.get("is_published_field") or _condition_field(doctype)))
    return found


def _condition_field(doctype: str) -> str:
    from frappe.model.base_document import get_controller

    website = getattr(get_controller(doctype), "website", None) or {}
    return website.get("condition_field") or ""


class DocumentPage(BaseTemplatePage):
    """The page of the document whose `route` is the address."""

    def can_render(self) -> bool:
        """Whether there is such a document, and it is published."""
        self.doc: Any = None
        for doctype, condition in generators() if self.path else []:
            filters = {"route": self.path} | ({condition: 1} if condition else {})
            name = frappe.db.get_value(doctype, filters)
            if name is not None:
                self.doc = frappe.get_doc(doctype, name)
                return True
        return False

    def render(self) -> Response:
        """The document in the template that its controller names."""
        website = getattr(self.doc, "website", None) or frappe._dict()
        self.template_path = website.get("template") or self._own_template()
        self.context.doc = self.doc
        self.context.update(self.doc.as_dict())
        title_field = website.get("page_title_field") or self.doc.meta.get_title_field()
        self.context.title = self.doc.get(title_field) or self.doc.name
        if website.get("no_cache"):
            self.context.no_cache = 1
        if hasattr(self.doc, "get_context"):
            answer = self.doc.get_context(self.context)
            self.context.update(answer if isinstance(answer, dict) else {})
        self.post_process_context()
        if frappe.local.flags.redirect_location:
            return Response(status=301, headers={"Location": frappe.local.flags.redirect_location})
        html = frappe.get_jenv().get_template(self.template_path).render(self.context)
        return self.build_response(html, cint(self.context.http_status_code) or None)

    def _own_template(self) -> str:
        module, name = frappe.scrub(self.doc.meta.module), frappe.scrub(self.doc.doctype)
        app = frappe._apps.get_module_app(module)
        return f"{app}/{module}/doctype/{name}/templates/{name}.html"
