"""The WSGI application: one request from the bound site to the answer."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.wrappers import Request, Response

import frappe
import frappe.api
import frappe.client
import frappe.handler
from frappe import _config, auth, rate_limiter
from frappe.utils import CallbackManager, _redis
from frappe.utils import response as answers
from frappe.website import serve, static_files

SAFE_HTTP_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
UNSAFE_HTTP_METHODS = frozenset({"POST", "PUT", "DELETE", "PATCH"})
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1", ""})
DEFAULT_MAX_BODY = 26 * 1024 * 1024
PONG = b'{"message":"pong"}'

_site_name = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")
_sites_path = os.environ.get("SITES_PATH") or "."
_redis.preload(_config.get_common_config(_sites_path))


class SiteRequest(Request):
    """A request whose forms may be as large as an upload."""

    max_form_memory_size = DEFAULT_MAX_BODY
    max_form_parts = 5000
    #: Headers that the site's configuration sets, replaces or leaves out (`http_headers`).
    own_headers: dict[str, Any] | None = None


def application(environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
    """What a WSGI server calls."""
    request = SiteRequest(environ)
    response = static_files.asset(request, _sites_path) or _answer(request)
    answers.add_security_headers(request, response, request.own_headers)
    return response(environ, start_response)


def _answer(request: Request) -> Response:
    try:
        site = _site_of(request)
        frappe.init(site, sites_path=_sites_path, force=True)
        request.own_headers = frappe.local.conf.get("http_headers")
    except (frappe.IncorrectSitePath, NotFound):
        return answers.plain_page(404, "Site not found", "There is no site of this name here.")
    if (
        request.path in {"/api/method/ping", "/api/method/frappe.ping"}
        and "Authorization" not in request.headers
    ):
        # Load balancers ask every second: this needs neither a session nor the database.
        frappe.local.release()
        return Response(PONG, mimetype="application/json")
    return _with_site(request)


def _with_site(request: Request) -> Response:
    response: Response | None = None
    try:
        init_request(request)
        response = _route(request)
        sync_database(request)
    except HTTPException as error:
        response = answers.from_http_exception(error)
    except Exception as error:
        response = handle_exception(error)
    finally:
        try:
            if frappe.local.db is not None and frappe.local.db.in_transaction:
                frappe.local.db.rollback()
            if response is not None:
                run_after_request_hooks(request, response)
                process_response(request, response)
        finally:
            _run_after_response()
            frappe.destroy()
    return response


def _site_of(request: Request) -> str:
    """The site by header, then by host name, then the folder's default site.

    :raises NotFound: for a name that no site can have
    """
    named = request.headers.get("X-Frappe-Site-Name")
    host = named or request.host.rsplit(":", 1)[0].strip("[]").lower()
    if _site_name.match(host or "") and os.path.exists(os.path.join(_sites_path, host, "site_config.json")):
        return host
    common = _config.get_common_config(_sites_path)
    default = os.environ.get("FRAPPE_SITE") or common.get("default_site")
    allowed = host in LOCAL_HOSTS or common.get("serve_default_site", True)
    if named or not default or not allowed:
        raise NotFound
    return default


def init_request(request: Request) -> None:
    """Binds request, connection, session and arguments, then runs the apps' `before_request` hooks.

    :raises frappe.SessionStopped: while the site is in maintenance
    """
    local = frappe.local
    request.after_response = CallbackManager()
    local.request = request
    local.is_ajax = request.headers.get("X-Requested-With") == "XMLHttpRequest"
    request.max_content_length = int(local.conf.get("max_file_size") or DEFAULT_MAX_BODY) + 1024 * 1024
    if local.conf.get("maintenance_mode"):
        raise frappe.SessionStopped("Session Stopped")
    rate_limiter.apply()
    frappe.connect(set_admin_as_user=False)
    make_form_dict(request)
    local.http_request = auth.HTTPRequest()
    for hook in frappe.get_hooks("before_request"):
        frappe.call(hook)
    auth.validate_auth()


def make_form_dict(request: Request) -> None:
    """Arguments of the request: a JSON object, or query string and form.

    :raises frappe.ValidationError: for a body that is no JSON object
    """
    if request.mimetype == "application/json":
        data = request.get_data()
        arguments = frappe.handler.parse_body(data) if data else request.args.to_dict()
    else:
        arguments = request.args.to_dict()
        if request.method not in SAFE_HTTP_METHODS:
            arguments.update(request.form.to_dict())
    if not isinstance(arguments.get("cmd", ""), str):
        frappe.throw(frappe._("Invalid request arguments"), frappe.DataError)
    frappe.local.form_dict = frappe._dict(arguments)
    # Browsers add this to defeat caches; it is never an argument.
    frappe.local.form_dict.pop("_", None)


def _route(request: Request) -> Response:
    path = request.path
    if request.method == "OPTIONS":
        return Response()
    if path.startswith("/api/"):
        return frappe.api.handle(request)
    if frappe.local.form_dict.get("cmd"):
        return frappe.handler.handle()
    if path.startswith(("/private/files/", "/files/")):
        return static_files.site_file(request)
    if request.method in {"GET", "HEAD", "POST"}:
        return serve.get_response(path.strip("/"))
    raise NotFound


def sync_database(request: Request) -> None:
    """Makes the changes of an unsafe request lasting; what a reading request wrote is undone."""
    db = frappe.local.db
    if request.method in UNSAFE_HTTP_METHODS or frappe.local.flags.commit:
        db.commit()
    elif db.in_transaction:
        db.rollback()
    session = frappe.local.session_obj
    if session is not None:
        session.update()


def handle_exception(error: Exception) -> Response:
    """The answer to a failed request, as JSON or as a page."""
    db = frappe.local.db
    if db is not None and db.in_transaction:
        db.rollback()
    return answers.report_error(error)


def run_after_request_hooks(request: Request, response: Response) -> None:
    """The apps' `after_request` hooks see the finished answer and may change it."""
    if frappe.local.db is None:
        return
    try:
        for hook in frappe.get_hooks("after_request"):
            frappe.call(hook, response=response, request=request)
    except Exception:
        frappe.logger("frappe.app").exception("an after_request hook failed")
        failed = answers.report_error(frappe.ValidationError("after_request"), status=500)
        response.direct_passthrough = False
        response.set_data(failed.get_data())
        response.status_code = 500
        response.headers["Content-Type"] = failed.headers["Content-Type"]


def process_response(request: Request, response: Response) -> None:
    """Cookies and headers that the request's code asked for."""
    manager = getattr(frappe.local, "cookie_manager", None)
    if manager is not None:
        manager.flush_cookies(response=response)
    if frappe.local.response_headers:
        response.headers.extend(frappe.local.response_headers)
    rate_limiter.finish(response)
    _allow_origin(request, response)


def _allow_origin(request: Request, response: Response) -> None:
    origin, allowed = request.headers.get("Origin"), frappe.local.conf.get("allow_cors")
    if not origin or not allowed:
        return
    if allowed != "*" and origin not in ([allowed] if isinstance(allowed, str) else allowed):
        return
    response.headers.update(
        {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE, PATCH, OPTIONS",
            "Access-Control-Allow-Headers": "Authorization,Content-Type,X-Frappe-CSRF-Token,X-Requested-With",
            "Vary": "Origin",
        }
    )
    if allowed != "*":
        response.headers["Access-Control-Allow-Credentials"] = "true"


def _run_after_response() -> None:
    callbacks = getattr(frappe.local.request, "after_response", None)
    if callbacks is not None:
        try:
            callbacks.run()
        except Exception:
            frappe.logger("frappe.app").exception("what was to run after the answer failed")
