"""Headers of answers, and what the site's configuration makes of them."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def configure(grounds):
    """Sets a key of the site's configuration; afterwards it is as before."""
    path = grounds["folder"] / "host.test" / "site_config.json"
    before = path.read_text()

    def write(**values) -> None:
        path.write_text(json.dumps({**json.loads(before), **values}))

    yield write
    path.write_text(before)


def test_a_page_may_not_be_framed_or_run_foreign_scripts(send):
    _status, text = send("Guest", "GET", "/login")
    for header in ("frame-ancestors 'self'", "object-src 'none'", "X-Content-Type-Options: nosniff", "X-Frame-Options: SAMEORIGIN", "Referrer-Policy: same-origin"):  # fmt: skip
        assert header in text
    assert "unsafe-inline' 'self" not in text and "script-src 'self';" in text


def test_the_site_may_set_its_own(send, configure):
    configure(
        http_headers={
            "Content-Security-Policy": "default-src 'none'",
            "X-Frame-Options": "DENY",
            "X-Extra": "a\r\nSet-Cookie: b=c",
        }
    )
    _status, text = send("Guest", "GET", "/login")
    assert "Content-Security-Policy: default-src 'none'" in text and "X-Frame-Options: DENY" in text
    assert "\nSet-Cookie: b" not in text
    _status, text = send("Guest", "GET", "/api/method/ping")
    assert "default-src" not in text


def test_the_site_may_leave_one_out(send, configure):
    configure(http_headers={"X-Frame-Options": None})
    assert "X-Frame-Options" not in send("Guest", "GET", "/login")[1]


def test_the_site_s_limit_is_told_and_kept(send, configure):
    configure(rate_limit={"limit": 0.000001, "window": 3600})
    status, text = send("Guest", "GET", "/login")
    assert status == 200
    for header in (
        "X-RateLimit-Limit: 1",
        "X-RateLimit-Remaining: 0",
        "X-RateLimit-Used: ",
        "X-RateLimit-Reset: ",
    ):
        assert header in text
    status, text = send("Guest", "GET", "/login")
    assert status == 429 and "Retry-After: " in text


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/%0d%0aSet-Cookie:a=b",
        "javascript:alert(1)",
    ],
)
def test_no_redirect_leads_away(send, target):
    from urllib.parse import quote

    status, text = send("own@host.test", "GET", f"/login?redirect-to={quote(target)}")
    location = next(line for line in text.splitlines() if line.startswith("Location: "))
    assert status == 302 and "evil" not in location and "\nSet-Cookie: a" not in text


def test_a_reset_link_never_names_a_host_that_only_the_caller_knows(site):
    import frappe
    from frappe.core.doctype.user.password_reset import make_link
    from werkzeug.test import EnvironBuilder
    from werkzeug.wrappers import Request

    for host, expected in (
        ("evil.example", "host.test"),
        ("host.test", "host.test"),
        ("localhost:8000", "localhost:8000"),
    ):
        frappe.local.request = Request(EnvironBuilder(base_url=f"http://{host}").get_environ())
        assert make_link("clerk@host.test").startswith(f"http://{expected}/update-password?key=")
    frappe.local.request = None
