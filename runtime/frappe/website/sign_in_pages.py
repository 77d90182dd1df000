"""The pages of signing in: password, code, a new password, the QR code of an authenticator app. No script."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from markupsafe import Markup
from werkzeug.wrappers import Response

import frappe
from frappe.utils.response import local_target
from frappe.website.pages import message, page, same_origin


def _login() -> Response:
    """The sign-in form, and what it sends."""
    form, request = frappe.local.form_dict, frappe.local.request
    target = local_target(form.get("redirect-to"))
    if request.method == "POST":
        return _sign_in(target)
    if frappe.session.user != "Guest":
        return Response(status=302, headers={"Location": target})
    return _login_form(target)


def _login_form(target: str, wrong: str = "", status: int = 200) -> Response:
    title = frappe._("Sign in")
    body = Markup(
        '<h1>{title}</h1>{wrong}<form method="post" action="/login">'
        '<label>{user}<input name="usr" autocomplete="username" required autofocus></label>'
        '<label>{pwd}<input name="pwd" type="password" autocomplete="current-password" required></label>'
        '<input type="hidden" name="redirect-to" value="{target}"><button>{title}</button></form>'
        '<p><a href="/forgot-password">{forgot}</a></p>'
    ).format(
        title=title,
        wrong=_wrong(wrong),
        user=frappe._("User name"),
        pwd=frappe._("Password"),
        target=target,
        forgot=frappe._("Forgot Password?"),
    )
    return page(title, body, status)


def _wrong(text: str) -> Markup:
    return Markup('<p class="wrong" role="alert">{}</p>').format(text) if text else Markup("")


def _code_form(target: str, tmp_id: str, prompt: str, wrong: str = "", status: int = 200) -> Response:
    """Asks for the second factor."""
    title = frappe._("Verification")
    body = Markup(
        '<h1>{title}</h1>{wrong}<p>{prompt}</p><form method="post" action="/login">'
        '<label>{code}<input name="otp" inputmode="numeric" autocomplete="one-time-code" maxlength="8" required autofocus></label>'
        '<input type="hidden" name="tmp_id" value="{tmp_id}">'
        '<input type="hidden" name="redirect-to" value="{target}"><button>{title}</button></form>'
    ).format(
        title=title,
        wrong=_wrong(wrong),
        prompt=prompt or frappe._("Enter the code that your authenticator app shows."),
        code=frappe._("Verification Code"),
        tmp_id=tmp_id,
        target=target,
    )
    return page(title, body, status)


def _sign_in(target: str) -> Response:
    if not same_origin():
        return message(400, frappe._("Invalid Request"), frappe._("Please sign in on this page."))
    manager, tmp_id = frappe.local.login_manager, str(frappe.local.form_dict.get("tmp_id") or "")
    try:
        finished = manager.login() is not False
    except (frappe.AuthenticationError, frappe.SecurityException) as error:
        from frappe.twofactor import waiting_user

        wrong = str(error) or frappe._("Invalid login credentials")
        if tmp_id and waiting_user(tmp_id):
            return _code_form(target, tmp_id, "", wrong, 401)
        return _login_form(target, wrong, 401)
    answer = frappe.local.response
    if not finished:
        frappe.local.session_obj.be_guest()
        if answer.get("redirect_to"):
            return Response(status=303, headers={"Location": _path_of(answer.redirect_to)})
        return _code_form(target, answer.tmp_id, answer.verification.get("prompt") or "")
    if target == "/":
        target = answer.get("home_page") or "/"
    return Response(status=303, headers={"Location": target})


def _path_of(address: str) -> str:
    """The part of one of our own addresses that is good on whatever name the browser knows us by."""
    from urllib.parse import urlsplit

    parts = urlsplit(address)
    return local_target(f"{parts.path}?{parts.query}")


def _forgot_password() -> Response:
    """Asks for a link to set a new password."""
    from frappe.core.doctype.user.password_reset import reset_password

    title = frappe._("Reset Password")
    if frappe.local.request.method == "POST" and same_origin():
        try:
            reset_password(user=str(frappe.local.form_dict.get("user") or "")[:140])
        except frappe.RateLimitExceededError as error:
            return message(429, title, str(error))
        frappe.clear_messages()
        text = frappe._("If this account exists, a mail with a link is on its way.")
        return message(200, title, text)
    body = Markup(
        '<h1>{title}</h1><form method="post" action="/forgot-password">'
        '<label>{user}<input name="user" autocomplete="username" required autofocus></label>'
        "<button>{title}</button></form>"
    ).format(title=title, user=frappe._("User name"))
    return page(title, body)


def _update_password() -> Response:
    """Sets a password by the key of a mail, or by the old password."""
    form = frappe.local.form_dict
    if frappe.local.request.method == "POST" and same_origin():
        return _set_password(form)
    return _password_form(form.get("key"), bool(form.get("password_expired")))


def _set_password(form: Any) -> Response:
    from frappe.core.doctype.user.password_reset import update_password

    key = str(form.get("key") or "") or None
    try:
        answer = update_password(
            new_password=str(form.get("new_password") or ""),
            key=key,
            old_password=str(form.get("old_password") or "") or None,
            logout_all_sessions=1,
        )
    except (frappe.ValidationError, frappe.AuthenticationError, frappe.SecurityException) as error:
        frappe.db.rollback()
        return _password_form(key, False, str(error), 401)
    if frappe.local.response.get("http_status_code") == 410:
        return message(410, frappe._("Set Password"), answer)
    return Response(status=303, headers={"Location": answer})


def _password_form(key: Any, expired: bool, wrong: str = "", status: int = 200) -> Response:
    title = frappe._("Set Password")
    if expired and not wrong:
        wrong = frappe._("The password of your account has expired.")
    proof = (
        Markup('<input type="hidden" name="key" value="{}">').format(key)
        if key
        else Markup('<label>{}<input name="old_password" type="password" required></label>').format(
            frappe._("Old Password")
        )
    )
    body = Markup(
        '<h1>{title}</h1>{wrong}<form method="post" action="/update-password">{proof}<label>{new}'
        '<input name="new_password" type="password" autocomplete="new-password" minlength="8" required></label>'
        "<button>{title}</button></form>"
    ).format(title=title, wrong=_wrong(wrong), proof=proof, new=frappe._("New Password"))
    return page(title, body, status)


def _qrcode() -> Response:
    """What an authenticator app scans; the address comes by mail and is good for some minutes.

    :raises frappe.PermissionError: for an address that is old or made up
    """
    from urllib.parse import parse_qs, urlsplit

    from frappe.twofactor import get_qr_svg_code, qrcode_of

    known = qrcode_of(frappe.local.form_dict.get("k"))
    title = frappe._("Authenticator App")
    if known is None:
        return message(403, title, frappe._("This page is no longer valid. Please sign in again."))
    secret = parse_qs(urlsplit(known["uri"]).query)["secret"][0]
    body = Markup(
        "<h1>{}</h1><p>{}</p>{}<p>{}</p><p><code>{}</code></p>"
    ).format(
        title,
        frappe._(
            "Scan this code with your authenticator app, then enter the code that it shows on the sign-in page."
        ),
        Markup(get_qr_svg_code(known["uri"])),  # noqa: S704 - drawn by the library from our own address
        frappe._("Without a camera, type this key into the app:"),
        " ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
    )
    return page(title, body)


OWN: dict[str, Callable[[], Response]] = {
    "login": _login,
    "forgot-password": _forgot_password,
    "update-password": _update_password,
    "qrcode": _qrcode,
}
