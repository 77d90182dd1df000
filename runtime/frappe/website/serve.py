"""Pages: an app's `www` folder, documents with a page, the host's own pages, errors in words."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

import frappe
from frappe.utils.response import local_target
from frappe.website import pages, sign_in_pages
from frappe.website.path_resolver import PathResolver, resolve_redirect
from frappe.website.utils import get_home_page


def get_response(path: str, http_status_code: int = 200) -> Response:
    """The page of an address."""
    target = resolve_redirect(path)
    if target:
        return _redirect(*target)
    if path in {"", "index", "app", "desk"}:
        path = get_home_page()
        if path not in {"", "index"}:
            return _redirect("/" + path)
    own = pages.OWN.get(path) or sign_in_pages.OWN.get(path)
    if own is not None:
        return _finished(own())
    _endpoint, renderer = PathResolver(path, http_status_code).resolve()
    return _finished(renderer.render())


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
