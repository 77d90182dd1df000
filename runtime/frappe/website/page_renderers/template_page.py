"""Files of the apps' `www` folders: pages, texts, and the Python beside them."""

from __future__ import annotations

import importlib
import mimetypes
import os
import re
from types import ModuleType

from werkzeug.wrappers import Response

import frappe
from frappe.utils import cint
from frappe.website.page_renderers.base_template_page import BaseTemplatePage

_safe_path = re.compile(r"^[\w][\w\-./ ]*$")
_comment = re.compile(r"<!--\s*(base_template|title|no-cache|show-sidebar)\s*(?::\s*(.*?))?\s*-->")
_front_matter = re.compile(r"\A---[ \t]*\n(.*?)\n---[ \t]*\n", re.DOTALL)
_KINDS = (".html", ".md")
#: Files that are answered under their own name, as templates too.
_TEXTS = (".txt", ".xml", ".css", ".js", ".json")


class TemplatePage(BaseTemplatePage):
    """A page of an app; the app installed last wins."""

    def __init__(self, path: str | None = None, http_status_code: int | None = None) -> None:
        super().__init__(path, http_status_code)
        self.app, self.file = find_file(self.path) or ("", "")
        self.template_path = f"{self.app}/www/{self.file}"

    def can_render(self) -> bool:
        """Whether there is such a file."""
        return bool(self.file)

    def render(self) -> Response:
        """The page; a text has the type of its name."""
        environment = frappe.get_jenv()
        self.source, _, _ = environment.loader.get_source(environment, self.template_path)
        if self.file.endswith(_TEXTS):
            self.post_process_context()
            self.headers = {"Content-Type": f"{mimetypes.guess_type(self.file)[0]}; charset=utf-8"}
            return self.build_response(environment.from_string(self.source).render(self.context))
        self._read_front_matter()
        self._read_comments()
        self.context.base_template = self.frame_of_the_address() or self.context.base_template
        self.update_context()
        self.post_process_context()
        if frappe.local.flags.redirect_location:
            return Response(status=301, headers={"Location": frappe.local.flags.redirect_location})
        return self.build_response(self.render_template(), cint(self.context.http_status_code) or None)

    def update_context(self) -> None:
        """Asks the page's own Python.

        :raises frappe.PermissionError: when the page is for signed-in users and this is none
        """
        module = self._module()
        if module is None:
            return
        if getattr(module, "login_required", False) and frappe.session.user == "Guest":
            raise frappe.PermissionError(frappe._("You need to be logged in to access this page"))
        for name in ("no_cache", "base_template_path", "template", "page_title"):
            if hasattr(module, name):
                self.context[name] = getattr(module, name)
        if hasattr(module, "get_context"):
            answer = module.get_context(self.context)
            self.context.update(answer if isinstance(answer, dict) else {})

    def render_template(self) -> str:
        """The text of the page; one that names a frame but does not extend it is put into its block."""
        source, environment = self.source, frappe.get_jenv()
        frame = self.context.base_template
        if self.file.endswith(".md"):
            source = f'<div class="from-markdown">{frappe.utils.markdown(source)}</div>'
        if frame and "{% extends" not in source and "<body" not in source:
            self.context.frame_of_page = frame
            source = f"{{% extends frame_of_page %}}{{% block page_content %}}{source}{{% endblock %}}"
        if source is self.source and not self.context.front_matter:
            return environment.get_template(self.template_path).render(self.context)
        return environment.from_string(source).render(self.context)

    def _read_front_matter(self) -> None:
        """`key: value` lines between two lines of dashes become part of the context."""
        found = _front_matter.match(self.source)
        if not found:
            return
        self.source = self.source[found.end() :]
        self.context.front_matter = True
        for line in found[1].splitlines():
            key, colon, value = line.partition(":")
            if colon and key.strip().isidentifier():
                self.context[key.strip()] = value.strip().strip("\"'")

    def _read_comments(self) -> None:
        for name, value in _comment.findall(self.source):
            self.context[name.replace("-", "_")] = value or 1

    def _module(self) -> ModuleType | None:
        """The Python file beside a page; None when there is none."""
        name = os.path.splitext(self.file)[0]
        dotted = f"{self.app}.www.{re.sub(r'[/ ]', '.', name).replace('-', '_')}"
        try:
            return importlib.import_module(dotted)
        except ModuleNotFoundError as error:
            if not dotted.startswith(str(error.name)):
                raise
            return None


def find_file(path: str) -> tuple[str, str] | None:
    """(app, path below its `www`) of a page's file."""
    if (
        not _safe_path.match(path)
        or ".." in path
        or any(part.startswith(("_", ".")) for part in path.split("/"))
    ):
        return None
    own_name = [path] if path.endswith(_TEXTS) else []
    names = own_name or [name + kind for name in (path, f"{path}/index") for kind in _KINDS]
    for app in reversed(frappe.get_installed_apps()):
        folder = frappe.get_app_path(app, "www")
        for name in names:
            if os.path.isfile(os.path.join(folder, name)):
                return app, name
    return None
