"""Pages: an app's `www` folder, the host's own pages, errors in words."""

from __future__ import annotations

import importlib
import os
import re
from functools import lru_cache
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Response

import frappe
from frappe.utils.response import NO_STORE, local_target
from frappe.website import pages
from frappe.website.utils import get_home_page

_safe_path = re.compile(r"^[\w][\w\-./ ]*$")
_KINDS = (".html", ".md")


def get_response(path: str, http_status_code: int = 200) -> Response:
    """The page of an address."""
    target = _redirected(path)
    if target:
        return _redirect(target, 301)
    if path in {"", "index", "app", "desk"}:
        path = get_home_page()
        if path not in {"", "index"}:
            return _redirect("/" + path)
    if path in pages.OWN:
        return _finished(pages.OWN[path]())
    endpoint = _resolve(path)
    found = _find(endpoint)
    if found is None:
        return pages.message(404, frappe._("Page not found"), frappe._("There is no page at this address."))
    return _finished(_render(*found, endpoint, http_status_code))


def _redirected(path: str) -> str | None:
    """The target of the apps' `website_redirects`; a source may be a regular expression with groups."""
    for rule in frappe.get_hooks("website_redirects"):
        source = str(rule.get("source", "")).strip("/")
        try:
            match = re.fullmatch(source, path)
        except re.error:
            match = None
        if match:
            return match.expand(rule["target"]) if match.groups() else rule["target"]
        if source == path:
            return rule["target"]
    return None


@lru_cache(maxsize=64)
def _map(rules: tuple[tuple[str, str], ...]) -> Map:
    return Map([Rule(source, endpoint=target) for source, target in rules], strict_slashes=False)


def _resolve(path: str) -> str:
    """The page behind an address, by the apps' `website_route_rules`."""
    rules = tuple((rule["from_route"], rule["to_route"]) for rule in frappe.get_hooks("website_route_rules"))
    if not rules:
        return path
    try:
        endpoint, arguments = _map(rules).bind("").match(f"/{path}")
    except HTTPException:
        return path
    frappe.local.form_dict.update(arguments)
    return endpoint.strip("/")


def _find(path: str) -> tuple[str, str] | None:
    """(app, path below its `www`) of a page's file; the app installed last wins."""
    if (
        not _safe_path.match(path)
        or ".." in path
        or any(part.startswith(("_", ".")) for part in path.split("/"))
    ):
        return None
    for app in reversed(frappe.get_installed_apps()):
        folder = frappe.get_app_path(app, "www")
        for name in (path, f"{path}/index"):
            for kind in _KINDS:
                if os.path.isfile(os.path.join(folder, name + kind)):
                    return app, name + kind
    return None


def _render(app: str, file: str, path: str, status: int) -> Response:
    context = frappe._dict(path=path, pathname=path, lang=frappe.local.lang, title=_title(path), route=path)
    module = _module(app, os.path.splitext(file)[0])
    headers = {"Cache-Control": NO_STORE}
    if module is not None and hasattr(module, "get_context"):
        answer = module.get_context(context)
        context.update(answer if isinstance(answer, dict) else {})
    if frappe.local.flags.redirect_location:
        return _redirect(frappe.local.flags.redirect_location)
    environment = frappe.get_jenv()
    source, _, _ = environment.loader.get_source(environment, f"{app}/www/{file}")
    html = environment.get_template(f"{app}/www/{file}").render(context)
    if file.endswith(".md"):
        html = frappe.utils.markdown(html)
    if "<body" not in source and "{% extends" not in source:
        html = pages.wrap(str(context.title or ""), html)
    return Response(
        html, status=context.get("http_status_code") or status, mimetype="text/html", headers=headers
    )


def _module(app: str, name: str) -> Any:
    """The Python file beside a page; None when there is none."""
    dotted = f"{app}.www.{re.sub(r'[/ ]', '.', name).replace('-', '_')}"
    try:
        return importlib.import_module(dotted)
    except ModuleNotFoundError as error:
        if not dotted.startswith(str(error.name)):
            raise
        return None


def _title(path: str) -> str:
    return path.rsplit("/", 1)[-1].replace("-", " ").replace("_", " ").title()


def _redirect(target: str, status: int = 302) -> Response:
    return Response(status=status, headers={"Location": target})


def _finished(response: Response) -> Response:
    """A method that was called for a page may have asked for a redirect."""
    if frappe.local.response.get("type") == "redirect":
        return _redirect(frappe.local.response.location)
    return response


def error_page(error: Any, status: int) -> Response:
    """A page for an error; who is not signed in is led to the sign-in page."""
    request = frappe.local.request
    if status in {401, 403} and frappe.session and frappe.session.user == "Guest" and request.method == "GET":
        from urllib.parse import quote

        here = local_target(request.full_path.rstrip("?"))
        return _redirect(f"/login?redirect-to={quote(here, safe='')}")
    titles = {
        401: frappe._("Please sign in"),
        403: frappe._("Not permitted"),
        404: frappe._("Page not found"),
        413: frappe._("The request is too large."),
        503: frappe._("The server is busy. Please try again."),
    }
    text = str(error) if isinstance(error, frappe.ValidationError | frappe.PermissionError) else ""
    return pages.message(status, titles.get(status, frappe._("Something went wrong")), text)
