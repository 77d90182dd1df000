"""The host's own pages: messages, prints, who is signed in. Plain HTML, no script."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from markupsafe import Markup, escape
from werkzeug.wrappers import Response

import frappe
from frappe.utils import sanitize_html
from frappe.utils.response import NO_STORE, local_target

_STYLE = """
body{font-family:system-ui,'Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif;background:#f5f6f7;color:#1f2937;margin:0}
main{max-width:22rem;margin:12vh auto;background:#fff;border-radius:.75rem;padding:2rem;box-shadow:0 1px 4px #0002}
main.wide{max-width:48rem;margin:3rem auto}
h1{font-size:1.25rem;margin-top:0}label{display:block;margin-bottom:1rem;font-size:.875rem}
input{display:block;width:100%;box-sizing:border-box;margin-top:.25rem;padding:.5rem;border:1px solid #cbd5e1;border-radius:.375rem}
button{width:100%;padding:.625rem;border:0;border-radius:.375rem;background:#1f2937;color:#fff;font-size:1rem;cursor:pointer}
a{color:#0f766e}.wrong{color:#b91c1c;font-size:.875rem}
"""


def page(title: str, body: Markup, status: int = 200, wide: bool = False) -> Response:
    """A page of the host."""
    lang = "zh-CN" if str(frappe.local.lang).startswith("zh") else "en"
    html = Markup(
        '<!doctype html><html lang="{}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>{}</title>'
        '<style>{}</style></head><body><main class="{}">{}</main></body></html>'
    ).format(lang, title, Markup(_STYLE), "wide" if wide else "", body)  # noqa: S704 - our own style sheet
    return Response(str(html), status=status, mimetype="text/html", headers={"Cache-Control": NO_STORE})


def wrap(title: str, html: str) -> str:
    """A fragment of an app's page, made a whole page. The fragment comes from the app's own file."""
    return page(title, Markup(html), wide=True).get_data(as_text=True)  # noqa: S704


def message(status: int, title: str, text: str) -> Response:
    """A page that says one thing. The text may be the user's own; markup in it is sanitised."""
    body = Markup('<h1>{}</h1><p>{}</p><p><a href="/">{}</a></p>').format(
        title,
        Markup(sanitize_html(text)) if "<" in text else text,  # noqa: S704 - sanitised
        frappe._("Back to the start"),
    )
    return page(title, body, status)


def _prepared_message() -> Response:
    """What `respond_as_web_page` has prepared."""
    given = frappe.local.flags.message_page
    if not given:
        return message(404, frappe._("Page not found"), frappe._("There is no page at this address."))
    body = Markup('<h1>{}</h1><div>{}</div><p><a href="{}">{}</a></p>').format(
        given["title"],
        Markup(sanitize_html(given["html"])),  # noqa: S704 - sanitised
        local_target(given["action"]),
        given["label"] or frappe._("Back to the start"),
    )
    return page(given["title"], body, frappe.local.response.get("http_status_code") or 200)


def same_origin() -> bool:
    """Whether a form was sent from a page of this host; programs that name no origin are believed."""
    request = frappe.local.request
    origin = request.headers.get("Origin") or request.headers.get("Referer")
    return not origin or urlsplit(origin).netloc == request.host


def _me() -> Response:
    """Who is signed in, and the way out."""
    if frappe.session.user == "Guest":
        return Response(status=302, headers={"Location": "/login?redirect-to=/me"})
    body = Markup(
        '<h1>{}</h1><p>{}</p><p><a href="/update-password">{}</a></p><p><a href="/api/method/web_logout">{}</a></p>'
    ).format(
        frappe.utils.get_fullname(),
        escape(frappe.session.user),
        frappe._("Set Password"),
        frappe._("Sign out"),
    )
    return page(frappe.utils.get_fullname(), body)


def _printview() -> Response:
    from frappe.www.printview import get_page

    return get_page()


OWN: dict[str, Callable[[], Response]] = {
    "message": _prepared_message,
    "me": _me,
    "printview": _printview,
}
