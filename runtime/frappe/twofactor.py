"""The second factor of signing in: a code of an authenticator app (TOTP), or one that is sent by e-mail.

Signing in takes two requests then: the first proves the password and gets a `tmp_id`, the second brings `tmp_id` and
`otp`. Nothing but the user's name waits between the two; the password is never kept.
"""

from __future__ import annotations

import hmac
import secrets
import time
from typing import Any
from urllib.parse import quote

import frappe
from frappe import _
from frappe._sign_in import own_address
from frappe.utils import cint, sha256_hash

#: Where the secrets stand: defaults of nobody, encrypted with the site's key.
PARENT_FOR_DEFAULTS = "__2fa"
#: Seconds between the password and the code.
APP_SECONDS, MAIL_SECONDS = 180, 300
#: Seconds for which one code of an app is valid.
STEP = 30


class ExpiredLoginException(frappe.AuthenticationError):
    """The code came too late, or twice."""


def get_default(key: str) -> str | None:
    """A value that is kept for the second factor."""
    filters = {"parent": PARENT_FOR_DEFAULTS, "defkey": key}
    return frappe.db.get_value("DefaultValue", filters, "defvalue")


def set_default(key: str, value: Any) -> None:
    """Keeps a value."""
    frappe.defaults.set_default(key, value, PARENT_FOR_DEFAULTS)


def clear_default(key: str) -> None:
    """Forgets a value."""
    frappe.db.delete("DefaultValue", {"parent": PARENT_FOR_DEFAULTS, "defkey": key})


# -- who needs it


def toggle_two_factor_auth(state: bool, roles: list[str] | None = None) -> None:
    """Marks roles as needing a second factor, or no longer."""
    for role in roles or []:
        frappe.db.set_value("Role", role, "two_factor_auth", cint(state))


def two_factor_is_enabled(user: str | None = None) -> bool:
    """Whether the site asks for a second factor; with a user, whether it asks him."""
    if not cint(frappe.get_system_settings("enable_two_factor_auth")):
        return False
    if not user:
        return True
    if cint(frappe.get_system_settings("bypass_2fa_for_retricted_ip_users")):
        from frappe.auth import get_restricted_ip_list

        allowed = get_restricted_ip_list(user)
        if any((frappe.local.request_ip or "").startswith(prefix) for prefix in allowed):
            return False
    return two_factor_is_enabled_for_(user)


def two_factor_is_enabled_for_(user: Any) -> bool:
    """Whether one of the user's roles needs a second factor. Administrator is never asked."""
    name = user if isinstance(user, str) else user.name
    if name in frappe.STANDARD_USERS:
        return False
    return bool(
        frappe.db.exists(
            "Role", {"name": ("in", frappe.get_roles(name)), "two_factor_auth": 1, "disabled": 0}
        )
    )


def should_run_2fa(user: str) -> bool:
    """Whether signing in goes on with a code."""
    return two_factor_is_enabled(user=user)


# -- the first step


def authenticate_for_2factor(user: str) -> None:
    """Puts `verification` and `tmp_id` into the answer; the second request brings both back."""
    secret = get_otpsecret_for_(user)
    verification = get_verification_obj(user, None, secret)
    tmp_id = secrets.token_hex(16)
    waiting = {"user": user, "method": verification.pop("_method")}
    if "_code" in verification:
        waiting["code"] = sha256_hash(verification.pop("_code"))
    seconds = APP_SECONDS if waiting["method"] == "OTP App" else MAIL_SECONDS
    frappe.cache.set_value(f"2fa::{tmp_id}", waiting, expires_in_sec=seconds)
    frappe.local.response["verification"] = verification
    frappe.local.response["tmp_id"] = tmp_id


def get_otpsecret_for_(user: str) -> str:
    """The user's secret, made when it is missing."""
    import pyotp

    from frappe.utils.password import decrypt, encrypt

    stored = get_default(f"{user}_otpsecret")
    if stored:
        return decrypt(stored)
    secret = pyotp.random_base32()
    set_default(f"{user}_otpsecret", encrypt(secret))
    frappe.db.commit()
    return secret


def get_verification_method() -> str:
    """How the site asks for the code."""
    return frappe.get_system_settings("two_factor_method") or "OTP App"


def get_verification_obj(user: str, token: Any, otp_secret: str) -> dict[str, Any]:
    """What the sign-in page tells: the method, whether the app has been set up, whether a message is on its way.

    :raises frappe.ValidationError: for a method that this site cannot use
    """
    method, issuer = get_verification_method(), frappe.get_system_settings("otp_issuer_name") or "Frappe"
    if method == "OTP App":
        return {**process_2fa_for_otp_app(user, otp_secret, issuer), "_method": "OTP App"}
    if method == "Email":
        code = f"{secrets.randbelow(10**6):06d}"
        return {**process_2fa_for_email(user, code, otp_secret, issuer), "_method": "Email", "_code": code}
    frappe.throw(_("Verification codes cannot be sent by {0} here").format(_(method)))
    return {}


def process_2fa_for_otp_app(user: str, otp_secret: str, otp_issuer: str) -> dict[str, Any]:
    """Asks for the app's code; who has no app yet gets a mail that leads to the QR code."""
    if get_default(f"{user}_otplogin"):
        return {"method": "OTP App", "setup": True}
    import pyotp

    link = get_link_for_qrcode(
        user, pyotp.TOTP(otp_secret).provisioning_uri(name=user, issuer_name=otp_issuer)
    )
    _send(
        user,
        _("One Time Password (OTP) Registration Code from {}").format(otp_issuer),
        _("Open this page and scan the code with your authenticator app: {0}").format(link),
    )
    prompt = _("A mail with instructions is on its way to you. Keep this page open and come back to it.")
    return {"token_delivery": True, "prompt": prompt, "method": "Email", "setup": True}


def process_2fa_for_email(
    user: str, token: Any, otp_secret: str, otp_issuer: str, method: str = "Email"
) -> dict[str, Any]:
    """Sends a code."""
    subject = _("Login Verification Code from {}").format(otp_issuer)
    _send(user, subject, _("Your verification code is {0}").format(token))
    prompt = _("A verification code has been sent to your e-mail address.")
    return {"token_delivery": True, "prompt": prompt, "method": "Email", "setup": True}


def _send(user: str, subject: str, text: str) -> None:
    address = frappe.db.get_value("User", user, "email") or user
    frappe.sendmail(recipients=[address], subject=subject, message=text, delayed=False)


# -- the second step


def waiting_user(tmp_id: Any) -> str | None:
    """The user who has given his password under this number; None when it is old, used or made up."""
    return (_waiting(tmp_id) or {}).get("user")


def _waiting(tmp_id: Any) -> dict[str, Any] | None:
    return frappe.cache.get_value(f"2fa::{tmp_id}") if isinstance(tmp_id, str) and tmp_id else None


def confirm_otp_token(login_manager: Any, otp: Any = None, tmp_id: Any = None) -> bool:
    """Whether the code is right; it is good once. Wrong ones count as failed attempts to sign in.

    :raises ExpiredLoginException: when the first step is too long ago
    :raises frappe.SecurityException: after too many attempts
    :raises frappe.AuthenticationError: for a wrong code
    """
    from frappe.auth import get_login_attempt_tracker

    form = frappe.local.form_dict
    otp, tmp_id = otp if otp is not None else form.get("otp"), tmp_id or form.get("tmp_id")
    waiting = _waiting(tmp_id)
    if waiting is None:
        raise ExpiredLoginException(_("Login session expired, refresh page to retry"))
    user = waiting["user"]
    tracker = get_login_attempt_tracker(f"otp::{user}")
    if not _is_right(waiting, str(otp or "").strip()):
        tracker.add_failure_attempt()
        login_manager.fail(_("Incorrect Verification code"), user)
    used = frappe.cache.make_key(f"2fa_used::{tmp_id}")
    if frappe.cache.incrby(used, 1) > 1:
        raise ExpiredLoginException(_("Login session expired, refresh page to retry"))
    frappe.cache.expire(used, MAIL_SECONDS)
    frappe.cache.delete_value(f"2fa::{tmp_id}")
    tracker.add_success_attempt()
    if waiting["method"] == "OTP App" and not get_default(f"{user}_otplogin"):
        set_default(f"{user}_otplogin", 1)
    return True


def _is_right(waiting: dict[str, Any], otp: str) -> bool:
    if not (otp.isascii() and otp.isdigit() and len(otp) <= 8):
        return False
    if waiting["method"] == "Email":
        return hmac.compare_digest(waiting["code"], sha256_hash(otp))
    import pyotp

    secret, now = get_otpsecret_for_(waiting["user"]), int(time.time())
    app = pyotp.TOTP(secret, interval=STEP)
    for moment in (now, now - STEP):  # the code before is still taken: typing takes time
        if app.verify(otp, for_time=moment):
            return _claim(secret, moment // STEP)
    return False


def _claim(secret: str, step: int) -> bool:
    """Whether this code is used for the first time; of two requests at the same moment one wins."""
    key = frappe.cache.make_key(f"2fa_code::{sha256_hash(secret)}::{step}")
    first = frappe.cache.incrby(key, 1) == 1
    frappe.cache.expire(key, STEP * 4)
    return first


# -- the page with the QR code


def get_link_for_qrcode(user: str, totp_uri: str) -> str:
    """An address that shows the QR code for a while."""
    key = secrets.token_hex(20)
    seconds = cint(frappe.get_system_settings("lifespan_qrcode_image")) or 240
    frappe.cache.set_value(f"2fa_qrcode::{key}", {"user": user, "uri": totp_uri}, expires_in_sec=seconds)
    return own_address(f"/qrcode?k={quote(key)}")


def qrcode_of(key: Any) -> dict[str, str] | None:
    """User and address behind a link; None when it is old or made up, or the app has been set up since."""
    known = frappe.cache.get_value(f"2fa_qrcode::{key}") if isinstance(key, str) and key else None
    return None if known is None or get_default(f"{known['user']}_otplogin") else known


def get_qr_svg_code(totp_uri: str) -> str:
    """The QR code as an SVG element."""
    import segno

    return segno.make(totp_uri, error="m").svg_inline(scale=5, border=2)


# -- starting anew


@frappe.whitelist(methods=["POST"])
def reset_otp_secret(user: str) -> None:
    """Forgets a user's secret: the next sign-in sets the app up anew. One's own, or anybody's for a System Manager.

    :raises frappe.PermissionError: for somebody else's
    """
    if frappe.session.user != user:
        frappe.only_for("System Manager", message=True)
    if not cint(frappe.get_system_settings("enable_two_factor_auth")):
        frappe.throw(_("You have to enable Two Factor Auth from System Settings."))
    clear_default(f"{user}_otpsecret")
    clear_default(f"{user}_otplogin")
    address = frappe.db.get_value("User", user, "email")
    if address:
        subject = _("One Time Password (OTP) secret reset")
        _tell(
            address,
            subject,
            _("Your secret has been reset. If it was not you, ask your administrator at once."),
        )
    frappe.msgprint(_("OTP Secret has been reset. Re-registration will be required on next login."))


def _tell(address: str, subject: str, text: str) -> None:
    """A mail that may fail: the secret is reset all the same."""
    try:
        frappe.sendmail(recipients=[address], subject=subject, message=text)
    except Exception:
        frappe.clear_last_message()
        frappe.logger("frappe.auth").exception("no mail about a reset secret")


def disable() -> None:
    """Nobody is asked for a second factor any more."""
    frappe.db.set_single_value("System Settings", "enable_two_factor_auth", 0)
