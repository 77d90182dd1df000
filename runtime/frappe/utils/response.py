"""Answers: JSON, files, redirects, pages, errors."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, urlsplit

from markupsafe import escape
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.wrappers import Request, Response

import frappe
from frappe.utils.json_encoding import dumps

CONTENT_POLICY = (
    "default-src 'self'; script-src 'self'{nonce}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self' data:; connect-src 'self' ws: wss:; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)
_HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "SAMEORIGIN"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "geolocation=(), microphone=()"),
)
NO_STORE = "no-store, no-cache, must-revalidate, max-age=0"
#: Errors of libraries that mean "what you sent makes no sense".
_BAD_INPUT = (json.JSONDecodeError, UnicodeError, OverflowError, RecursionError)


def add_security_headers(request: Request, response: Response, own: dict[str, Any] | None = None) -> None:
    """Headers that every answer carries; `own` are those of the site's configuration, None there leaves one out."""
    headers = response.headers
    own = own if isinstance(own, dict) else {}
    if response.mimetype != "text/html":
        own = {name: value for name, value in own.items() if name.lower() != "content-security-policy"}
    for name, value in own.items():
        if name not in headers and value:
            headers[name] = " ".join(str(value).split())
    for name, value in _HEADERS:
        if name not in headers and name not in own:
            headers[name] = value
    name = "Content-Security-Policy"
    if response.mimetype == "text/html" and name not in headers and name not in own:
        headers["Content-Security-Policy"] = CONTENT_POLICY.format(nonce="")
    if request.is_secure and "Strict-Transport-Security" not in own:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")


# -- by the type that a method has put into frappe.response


def build_response(response_type: str | None = None) -> Response:
    """The answer for `frappe.response`; its `type` says which."""
    if "docs" in frappe.local.response and not frappe.local.response.docs:
        del frappe.local.response["docs"]
    kind = frappe.local.response.get("type") or response_type or "json"
    return _BUILDERS.get(kind, as_json)()


def as_json() -> Response:
    """JSON with messages beside the payload."""
    make_logs()
    answer = frappe.local.response
    status = answer.pop("http_status_code", None) or 200
    response = Response(dumps(dict(answer)), status=status, mimetype="application/json")
    response.headers["Cache-Control"] = NO_STORE
    return response


def make_logs(response: dict | None = None) -> None:
    """Adds messages for the user, and technical details where they may be shown."""
    local = frappe.local
    target = local.response if response is None else response
    if local.error_log and may_see_traceback():
        target["exc"] = json.dumps([entry["exc"] for entry in local.error_log])
    if local.message_log:
        target["_server_messages"] = json.dumps(
            [json.dumps(message, default=str) for message in local.message_log]
        )
    if local.debug_log:
        target["_debug_messages"] = json.dumps(local.debug_log)


def as_download() -> Response:
    """A file to be kept, or shown when `display_content_as` is "inline"."""
    answer = frappe.local.response
    content = answer.get("filecontent")
    content = content.encode("utf-8") if isinstance(content, str) else content or b""
    response = Response(content)
    filename = str(answer.get("filename") or "download")
    response.mimetype = answer.get("content_type") or guess_type(filename)
    inline = answer.get("display_content_as") == "inline" and is_inline_safe(filename)
    set_disposition(response, filename, inline=inline)
    return response


def as_csv() -> Response:
    """Rows as CSV; `doctype` names the file."""
    answer = frappe.local.response
    response = Response(str(answer.get("result") or "").encode("utf-8-sig"), mimetype="text/csv")
    set_disposition(response, f"{answer.get('doctype') or 'data'}.csv")
    return response


def as_text() -> Response:
    """Plain text as a file."""
    answer = frappe.local.response
    response = Response(str(answer.get("result") or "").encode("utf-8"), mimetype="text/plain")
    set_disposition(response, f"{answer.get('doctype') or 'data'}.txt")
    return response


def as_pdf() -> Response:
    """A PDF, shown in the browser."""
    answer = frappe.local.response
    response = Response(answer.get("filecontent") or b"", mimetype="application/pdf")
    set_disposition(response, str(answer.get("filename") or "print.pdf").replace(" ", "-"), inline=True)
    return response


def as_page() -> Response:
    """A page of the website, named by `route`."""
    from frappe.website import serve

    answer = frappe.local.response
    return serve.get_response(answer.get("route") or "", answer.get("http_status_code") or 200)


def as_redirect() -> Response:
    """To another address."""
    answer = frappe.local.response
    status = answer.get("http_status_code") or 302
    return Response(status=status, headers={"Location": quote(str(answer.location), safe="/:?&=#%+@!,;~")})


_BUILDERS = {
    "json": as_json,
    "csv": as_csv,
    "txt": as_text,
    "download": as_download,
    "binary": as_download,
    "pdf": as_pdf,
    "page": as_page,
    "redirect": as_redirect,
}


# -- files


def guess_type(filename: str) -> str:
    """The media type by the name's extension."""
    import mimetypes

    return mimetypes.guess_type(filename)[0] or "application/octet-stream"


def is_inline_safe(filename: str) -> bool:
    """Whether a browser may show the file: pictures, PDF, sound and film, but nothing that holds script."""
    kind = guess_type(filename)
    if kind == "image/svg+xml":
        return False
    return kind in {"application/pdf", "text/plain"} or kind.startswith(("image/", "video/", "audio/"))


def set_disposition(response: Response, filename: str, inline: bool = False) -> None:
    """How the browser treats the file, with its name in any script."""
    filename = filename.replace("\r", "").replace("\n", "").replace("/", "_").replace("\\", "_")
    ascii_name = filename.encode("ascii", "ignore").decode().replace('"', "").strip() or "download"
    kind = "inline" if inline else "attachment"
    response.headers["Content-Disposition"] = (
        f"{kind}; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(filename, safe='')}"
    )


# -- errors


def may_see_traceback() -> bool:
    """Technical details are for developers."""
    return bool(frappe.local.conf.get("developer_mode")) and not frappe.local.flags.disable_traceback


def status_of(error: Exception) -> int:
    """The HTTP status of an error."""
    from frappe.utils.typing_validations import FrappeTypeError

    if isinstance(error, HTTPException):
        return error.code or 500
    if isinstance(error, (FrappeTypeError, *_BAD_INPUT)):
        return 417
    if isinstance(error, frappe.QueryTimeoutError | frappe.QueryDeadlockError):
        return 503
    return int(getattr(error, "http_status_code", 500))


def wants_json(request: Request) -> bool:
    """Whether the caller is a program rather than somebody who follows a link."""
    if request.path.startswith("/api/") or frappe.local.form_dict.get("cmd"):
        return not request.path.startswith("/api/method/") or not _prefers_html(request)
    return "application/json" in request.headers.get("Accept", "")


def _prefers_html(request: Request) -> bool:
    accept = request.headers.get("Accept", "")
    return request.method == "GET" and accept.startswith("text/html")


def report_error(error: Exception, status: int | None = None) -> Response:
    """The answer to an error: JSON for programs, a page for people."""
    status = status or status_of(error)
    if status >= 500 and not isinstance(error, frappe.SessionStopped):
        _keep(error)
    if frappe.local.flags.redirect_location and isinstance(error, frappe.Redirect):
        return Response(
            status=error.http_status_code, headers={"Location": frappe.local.flags.redirect_location}
        )
    request = frappe.local.request
    if request is None or wants_json(request):
        return error_as_json(error, status)
    from frappe.website import serve

    return serve.error_page(error, status)


def _keep(error: Exception) -> None:
    logger = frappe.logger("frappe.app")
    logger.error("request failed", exc_info=(type(error), error, error.__traceback__))
    try:
        if frappe.local.db is not None:
            frappe.log_error(title=f"{type(error).__name__}: {error}"[:140])
            frappe.local.db.commit()
    except Exception:
        logger.exception("the error could not be kept as Error Log")


def error_as_json(error: Exception, status: int) -> Response:
    """`exc_type`, messages, and `exception` and `exc` for developers."""
    if frappe.local.request is not None and frappe.local.request.path.startswith("/api/v2/"):
        return _error_for_v2(error, status)
    kind = type(error)
    kept = frappe.local.response or {}
    answer: dict[str, Any] = {"exc_type": kind.__name__}
    for key in ("session_expired", "verification", "tmp_id", "message", "home_page"):
        if kept.get(key) is not None:
            answer[key] = kept[key]
    if may_see_traceback():
        answer["exception"] = f"{kind.__module__}.{kind.__qualname__}: {error}"
        frappe.local.error_log.append({"exc": frappe.get_traceback()})
    if not frappe.local.message_log:
        answer["_error_message"] = _in_words(error, status)
    make_logs(answer)
    response = Response(dumps(answer), status=status, mimetype="application/json")
    response.headers["Cache-Control"] = NO_STORE
    if status == 429 or status == 503:
        response.headers.setdefault("Retry-After", "1")
    return response


def _error_for_v2(error: Exception, status: int) -> Response:
    messages = [entry.get("message") for entry in frappe.local.message_log] or [_in_words(error, status)]
    errors = [{"type": type(error).__name__, "message": message} for message in messages]
    if may_see_traceback():
        errors[0]["exception"] = frappe.get_traceback()
    return Response(dumps({"errors": errors}), status=status, mimetype="application/json")


def _in_words(error: Exception, status: int) -> str:
    if isinstance(error, RecursionError):
        return frappe._("The request is nested too deeply.")
    if isinstance(error, RequestEntityTooLarge):
        return frappe._("The request is too large.")
    if status >= 500 and not isinstance(error, frappe.SessionStopped):
        return frappe._("The server could not do this. The error has been recorded.")
    return str(error) or {
        401: frappe._("Please sign in first."),
        403: frappe._("You are not permitted to do this."),
        404: frappe._("Not found"),
    }.get(status, type(error).__name__)


def from_http_exception(error: HTTPException) -> Response:
    """Errors that Werkzeug raises: redirects as they are, the others in our form."""
    if error.response is not None or (error.code or 500) < 400:
        return error.get_response()
    if frappe.local.response is None or frappe.local.db is None:
        return plain_page(error.code or 500, error.name, error.description or "")
    return report_error(error, error.code)


def plain_page(status: int, title: str, text: str) -> Response:
    """A page that needs neither a site nor a template."""
    html = (
        "<!doctype html><html><head><meta charset='utf-8'><meta name='viewport' content='width=device-width'>"
        f"<title>{escape(title)}</title></head><body style='font-family:sans-serif;margin:4rem auto;max-width:32rem'>"
        f"<h1>{escape(title)}</h1><p>{escape(text)}</p></body></html>"
    )
    return Response(html, status=status, mimetype="text/html")


def local_target(address: Any, default: str = "/") -> str:
    """An address on this site; anything that leads elsewhere becomes `default`."""
    text = str(address or "").strip()
    if not text.startswith("/") or text.startswith(("//", "/\\")) or "\\" in text:
        return default
    if any(ord(character) < 32 for character in text):
        return default
    parts = urlsplit(text)
    return default if parts.scheme or parts.netloc else text
