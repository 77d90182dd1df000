"""Pages: an app's `www` folder, the host's sign-in page, errors in words."""

from __future__ import annotations

import importlib
import os
from typing import Any

from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Response

import frappe
from frappe.utils import escape_html


def get_response(path: str, http_status_code: int = 200) -> Response:
    """The page of a path."""
    for rule in frappe.get_hooks("website_redirects") or []:
        if rule.get("source", "").strip("/") == path:
            return _redirect(rule["target"])
    if not path:
        return _redirect(_home())
    if path == "login":
        return _login_page()
    path = _resolve(path)
    for app in reversed(frappe.get_installed_apps()):
        folder = frappe.get_app_path(app, "www")
        file = os.path.normpath(os.path.join(folder, f"{path}.html"))
        if file.startswith(folder + os.sep) and os.path.isfile(file):
            return _render(app, path, http_status_code)
    return _message_page(404, frappe._("Page not found"), frappe._("There is no page at this address."))


def _home() -> str:
    if frappe.session.user == "Guest":
        apps = [entry for entry in frappe.get_hooks("add_to_apps_screen") or [] if isinstance(entry, dict)]
        return apps[0]["route"] if apps else "/login"
    from frappe.auth import _home_page

    home = _home_page()
    if home != "/":
        return home
    apps = [entry for entry in frappe.get_hooks("add_to_apps_screen") or [] if isinstance(entry, dict)]
    return apps[0]["route"] if apps else "/login"


def _resolve(path: str) -> str:
    """The page behind an address, by the apps' `website_route_rules`."""
    rules = [
        Rule(f"{rule['from_route']}", endpoint=rule["to_route"])
        for rule in frappe.get_hooks("website_route_rules") or []
    ]
    if not rules:
        return path
    from werkzeug.exceptions import HTTPException

    try:
        endpoint, arguments = Map(rules, strict_slashes=False).bind("").match(f"/{path}")
    except HTTPException:
        return path
    frappe.local.form_dict.update(arguments)
    return endpoint


def _render(app: str, path: str, status: int) -> Response:
    from frappe.utils.jinja import get_jenv

    context: dict[str, Any] = frappe._dict(path=path, lang=frappe.local.lang)
    try:
        module = importlib.import_module(f"{app}.www.{path.replace('/', '.').replace('-', '_')}")
    except ModuleNotFoundError as error:
        if not str(error.name).startswith(f"{app}.www"):
            raise
        module = None
    headers = {}
    if module is not None:
        if hasattr(module, "get_context"):
            answer = module.get_context(context)
            context.update(answer if isinstance(answer, dict) else {})
        if getattr(module, "no_cache", False):
            headers["Cache-Control"] = "no-store, no-cache, must-revalidate, max-age=0"
    if frappe.local.flags.redirect_location:
        return _redirect(frappe.local.flags.redirect_location)
    html = get_jenv().get_template(f"{app}/www/{path}.html").render(context)
    return Response(html, status=status, mimetype="text/html", headers=headers)


def _redirect(target: str) -> Response:
    return Response(status=302, headers={"Location": target})


def error_page(error: Any, status: int) -> Response:
    """A page for an error."""
    titles = {
        403: frappe._("Not permitted"),
        404: frappe._("Page not found"),
        401: frappe._("Please sign in"),
    }
    text = str(error) if isinstance(error, frappe.ValidationError | frappe.PermissionError) else ""
    return _message_page(status, titles.get(status, frappe._("Something went wrong")), text)


def _message_page(status: int, title: str, text: str) -> Response:
    body = _PAGE.format(lang="zh-CN" if frappe.local.lang == "zh" else "en", title=escape_html(title), body=(
        f"<h1>{escape_html(title)}</h1><p>{escape_html(text)}</p><p><a href='/'>{frappe._('Back to the start')}</a></p>"
    ))  # fmt: skip
    return Response(body, status=status, mimetype="text/html")


def _login_page() -> Response:
    target = str(frappe.local.form_dict.get("redirect-to") or "/")
    if not target.startswith("/") or target.startswith("//"):
        target = "/"
    form = (
        f"<h1>{frappe._('Sign in')}</h1><form method='post' action='/api/method/login'>"
        f"<label>{frappe._('User name')}<input name='usr' autocomplete='username' required autofocus></label>"
        f"<label>{frappe._('Password')}<input name='pwd' type='password' autocomplete='current-password' required></label>"
        f"<input type='hidden' name='redirect-to' value='{escape_html(target)}'>"
        f"<button>{frappe._('Sign in')}</button></form>"
    )
    page = _PAGE.format(
        lang="zh-CN" if frappe.local.lang == "zh" else "en", title=frappe._("Sign in"), body=form
    )
    return Response(page, mimetype="text/html")


_PAGE = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>
body{{font-family:system-ui,'Noto Sans CJK SC',sans-serif;background:#f5f6f7;color:#1f2937;margin:0}}
main{{max-width:22rem;margin:12vh auto;background:#fff;border-radius:.75rem;padding:2rem;box-shadow:0 1px 4px #0002}}
h1{{font-size:1.25rem;margin-top:0}}label{{display:block;margin-bottom:1rem;font-size:.875rem}}
input{{display:block;width:100%;box-sizing:border-box;margin-top:.25rem;padding:.5rem;border:1px solid #cbd5e1;border-radius:.375rem}}
button{{width:100%;padding:.625rem;border:0;border-radius:.375rem;background:#1f2937;color:#fff;font-size:1rem}}
</style></head><body><main>{body}</main></body></html>
"""
