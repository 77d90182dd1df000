"""Setting a new password: by the old one, or by a link that is good once and for a while."""

from __future__ import annotations

import secrets
from typing import Any

import frappe
from frappe import _
from frappe._sign_in import own_address
from frappe.core.doctype.user import password_policy
from frappe.rate_limiter import rate_limit
from frappe.utils import add_to_date, cint, get_datetime, now_datetime, sha256_hash, today


def make_link(user: str, password_expired: bool = False) -> str:
    """A new link; the one before is worth nothing from now on. Only its hash is stored."""
    key = secrets.token_hex(28)
    values = {"reset_password_key": sha256_hash(key), "last_reset_password_key_generated_on": now_datetime()}
    frappe.db.set_value("User", user, values)
    return own_address(f"/update-password?key={key}" + ("&password_expired=true" if password_expired else ""))


def send_link(user: str, link: str) -> None:
    """Sends a link to its user."""
    address = frappe.db.get_value("User", user, "email") or user
    text = _("Open this page to set a new password: {0}").format(link)
    frappe.sendmail(recipients=[address], subject=_("Password Reset"), message=text, delayed=False)


def _reset_limit() -> int:
    return cint(frappe.get_system_settings("password_reset_limit")) or 3


@frappe.whitelist(allow_guest=True, methods=["POST"])
@rate_limit(limit=_reset_limit, seconds=60 * 60)
def reset_password(user: str) -> None:
    """Sends a link to set a new password; the answer never says whether there is such a user."""
    if user not in frappe.STANDARD_USERS and frappe.db.get_value("User", user, "enabled"):
        try:
            frappe.get_doc("User", user).reset_password(send_email=True)
        except Exception:
            # Whoever asks learns nothing; the administrator reads it in the log.
            frappe.db.rollback()
            frappe.clear_messages()
            frappe.log_error(title="Password Reset")
    message = _("If this account exists, a mail with a link is on its way.")
    frappe.msgprint(message, title=_("Password Email Sent"))


@frappe.whitelist(allow_guest=True, methods=["POST"])
def update_password(
    new_password: str, logout_all_sessions: int = 0, key: str | None = None, old_password: str | None = None
) -> str:
    """Changes a password by its old one, or by the key of a link, which signs in unless a second factor is needed.

    :returns: the address to go to, or the reason why the link is worth nothing (status 410)
    :raises frappe.AuthenticationError: for a wrong old password
    :raises frappe.ValidationError: for a password that is too weak
    """
    from frappe.utils import password as passwords

    if key:
        user, reason = _user_of_key(key)
        if user is None:
            frappe.local.response["http_status_code"] = 410
            return reason
    else:
        user = _user_of_old_password(old_password)
    password_policy.check(new_password, user)
    everywhere = cint(logout_all_sessions) or cint(frappe.get_system_settings("logout_on_password_reset"))
    passwords.update_password(user, new_password, logout_all_sessions=bool(everywhere))
    values = {"reset_password_key": None, "last_reset_password_key_generated_on": None}
    frappe.db.set_value("User", user, {**values, "last_password_reset_date": today()})
    return _go_on(user)


def _go_on(user: str) -> str:
    from frappe.twofactor import should_run_2fa
    from frappe.website.utils import get_home_page

    target: Any = frappe.db.get_value("User", user, "redirect_url")
    if target:
        frappe.db.set_value("User", user, "redirect_url", None)
    if frappe.session.user != user:
        if should_run_2fa(user):
            return "/login"
        frappe.local.login_manager.login_as(user)
    from frappe.utils.response import local_target

    return local_target(target, default="/" + get_home_page())


def _user_of_old_password(old_password: str | None) -> str:
    from frappe.auth import get_login_attempt_tracker
    from frappe.utils.password import check_password

    user = frappe.session.user
    if user == "Guest" or not old_password:
        frappe.throw(_("The password is needed, or a link to reset it."), frappe.AuthenticationError)
    tracker = get_login_attempt_tracker(f"old::{user}")
    try:
        check_password(user, old_password)
    except frappe.AuthenticationError:
        tracker.add_failure_attempt()
        raise
    tracker.add_success_attempt()
    return user


def _user_of_key(key: str) -> tuple[str | None, str]:
    fields = ["name", "enabled", "last_reset_password_key_generated_on"]
    row = frappe.db.get_value("User", {"reset_password_key": sha256_hash(key)}, fields, as_dict=True)
    if not row or not cint(row.enabled):
        return None, _("The reset password link has either been used before or is invalid")
    seconds = cint(frappe.get_system_settings("reset_password_link_expiry_duration"))
    made = row.last_reset_password_key_generated_on
    if seconds and (not made or now_datetime() > get_datetime(add_to_date(made, seconds=seconds))):
        return None, _("The reset password link has been expired")
    return row.name, ""


@frappe.whitelist(allow_guest=True)
def test_password_strength(
    new_password: str, key: str | None = None, old_password: str | None = None, user_data: Any = None
) -> dict[str, Any]:
    """How strong a password is (`score` 0 to 4) and whether the site takes it; nothing where it does not ask."""
    if not cint(frappe.get_system_settings("enable_password_policy")):
        return {}
    user = frappe.session.user if frappe.session.user != "Guest" else ""
    strong = password_policy.is_strong(new_password, user)
    advice = [] if strong else [password_policy.advice()]
    feedback = {"password_policy_validation_passed": strong, "suggestions": advice, "warning": ""}
    return {"score": password_policy.score(new_password), "feedback": feedback}


@frappe.whitelist(methods=["POST"])
def verify_password(password: str) -> None:
    """Whether it is the user's own password.

    :raises frappe.AuthenticationError: when it is not
    """
    _user_of_old_password(password)
