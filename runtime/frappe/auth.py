"""Signing in: by password, by the cookie of a session, by an API key."""

from __future__ import annotations

import datetime
import hmac
from typing import Any

import frappe
from frappe._api_keys import given_credentials, read_ahead, validate_api_key
from frappe._sign_in import (
    USERS_OF_AN_ADDRESS,
    LoginAttemptTracker,
    get_login_attempt_tracker,
    get_restricted_ip_list,
    password_is_old,
    validate_hour,
    validate_ip_address,
)
from frappe.core.doctype.activity_log.activity_log import add_authentication_log
from frappe.sessions import Session, clear_sessions, delete_session, end_sessions, expiry_seconds
from frappe.utils import cint

__all__ = [
    "LoginAttemptTracker",
    "get_login_attempt_tracker",
    "get_restricted_ip_list",
    "validate_ip_address",
]

SAFE_HTTP_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
UNSAFE_HTTP_METHODS = frozenset({"POST", "PUT", "DELETE", "PATCH"})


class HTTPRequest:
    """Who asks: binds address, cookies, session and language to the request."""

    def __init__(self) -> None:
        request = frappe.local.request
        frappe.local.request_ip = _address(request)
        frappe.local.cookie_manager = CookieManager()
        read_ahead()
        frappe.local.login_manager = LoginManager()
        self.set_lang()
        self.validate_csrf_token()

    def set_lang(self) -> None:
        """The language of the answer."""
        from frappe.translate import get_language

        if frappe.local.request.headers.get("Authorization"):
            # Whose key it is, and his language, is known a moment later.
            return
        session = frappe.local.session_obj
        known = session.language if session is not None and not frappe.local.form_dict.get("_lang") else None
        frappe.local.lang = known or get_language()

    def validate_csrf_token(self) -> None:
        """Refuse a write from a page that is not ours.

        :raises frappe.CSRFTokenError: when the session's token is missing
        """
        request = frappe.local.request
        session = frappe.local.session
        if request.method not in UNSAFE_HTTP_METHODS or frappe.local.conf.get("ignore_csrf"):
            return
        saved = session.data.get("csrf_token")
        if frappe.local.login_manager.signed_in:
            # The session is as old as this request: no page can know its token yet.
            return
        if session.user == "Guest" or not saved or request.headers.get("Authorization"):
            return
        if request.path.strip("/") in {"login", "update-password"}:
            # These forms stand on the host's own pages, which look at the origin themselves.
            return
        given = request.headers.get("X-Frappe-CSRF-Token") or frappe.local.form_dict.get("csrf_token")
        frappe.local.form_dict.pop("csrf_token", None)
        if not hmac.compare_digest(str(given or "").encode(), str(saved).encode()):
            frappe.local.flags.disable_traceback = True
            frappe.throw(frappe._("Invalid Request"), frappe.CSRFTokenError)


def _address(request: Any) -> str:
    forwarded = request.headers.get("X-Forwarded-For")
    if forwarded and frappe.local.conf.get("behind_proxy"):
        return forwarded.split(",")[0].strip()
    return request.remote_addr or "127.0.0.1"


class LoginManager:
    """Takes a sign-in, or takes a session up again."""

    def __init__(self) -> None:
        self.user: str | None = None
        self.full_name = ""
        self.user_type = ""
        self.signed_in = self._wants_to_sign_in()
        if self.signed_in:
            if self.login() is False:
                frappe.local.session_obj.be_guest()
        else:
            sid = frappe.local.request.cookies.get("sid")
            frappe.local.session_obj = Session(sid=sid)
            self.user = frappe.local.session.user

    @staticmethod
    def _wants_to_sign_in() -> bool:
        request = frappe.local.request
        return frappe.local.form_dict.get("cmd") == "login" or request.path.rstrip("/") == "/api/method/login"

    def login(self) -> bool | None:
        """Signs in by `usr` and `pwd`, or by `tmp_id` and `otp`. False when something is still missing.

        :raises frappe.AuthenticationError: when it is refused
        """
        from frappe import twofactor

        frappe.local.session_obj = Session()
        if cint(frappe.get_system_settings("disable_user_pass_login")):
            frappe.throw(
                frappe._("Login with username and password is not allowed."), frappe.AuthenticationError
            )
        if frappe.local.form_dict.get("tmp_id"):
            self._confirm()
        else:
            self.authenticate()
            if twofactor.should_run_2fa(self.user):
                twofactor.authenticate_for_2factor(self.user)
                return False
        if self.force_user_to_reset_password():
            link = frappe.get_doc("User", self.user).reset_password(send_email=False, password_expired=True)
            frappe.local.response.update({"redirect_to": link, "message": "Password Reset"})
            frappe.local.flags.commit = True
            return False
        self.post_login()
        return None

    def _confirm(self) -> None:
        """The second step: whoever gave the password now gives the code."""
        from frappe import twofactor

        user = twofactor.waiting_user(frappe.local.form_dict.tmp_id)
        if user is None:
            self.fail(frappe._("Login session expired, refresh page to retry"))
        twofactor.confirm_otp_token(self)
        if not cint(frappe.db.get_value("User", user, "enabled")):
            self.fail(frappe._("User disabled or missing"), user=user)
        self.user = user

    def force_user_to_reset_password(self) -> bool:
        """Whether the password is so old that it must be changed first."""
        return password_is_old(self.user)

    def authenticate(self, user: str | None = None, pwd: str | None = None) -> None:
        """Checks name and password.

        :raises frappe.AuthenticationError: when they are wrong
        :raises frappe.SecurityException: after too many attempts
        """
        user = user or frappe.local.form_dict.get("usr")
        pwd = pwd or frappe.local.form_dict.get("pwd")
        frappe.local.form_dict.pop("pwd", None)
        if not (isinstance(user, str) and isinstance(pwd, str) and user and pwd):
            self.fail(frappe._("Incomplete login details"), user=user)
        name = find_user(user)
        trackers = (
            get_login_attempt_tracker(name or user),
            get_login_attempt_tracker(f"ip::{frappe.local.request_ip}", factor=USERS_OF_AN_ADDRESS),
        )
        from frappe.utils.password import check_password

        try:
            self.user = check_password(name or user, pwd)
            wrong = not cint(frappe.db.get_value("User", self.user, "enabled"))
            reason = frappe._("User disabled or missing")
        except frappe.AuthenticationError:
            wrong, reason = True, frappe._("Invalid login credentials")
        if wrong:
            for tracker in trackers:
                tracker.add_failure_attempt()
            self.fail(reason, user=user)
        trackers[0].add_success_attempt()

    def login_as(self, user: str) -> None:
        """Starts a session for a user whom the caller has checked."""
        self.user = user
        self.post_login()

    def post_login(self, session_end: Any = None, audit_user: Any = None) -> None:
        """Starts the session, tells the apps, sets the cookies."""
        self.run_trigger("on_login")
        validate_ip_address(self.user)
        validate_hour(self.user)
        row = frappe.db.get_value("User", self.user, ["full_name", "user_type", "user_image"], as_dict=True)
        self.full_name, self.user_type = row.full_name or self.user, row.user_type
        self.clear_active_sessions()
        frappe.local.session_obj = Session(user=self.user)
        frappe.local.request_cache.clear()
        self.set_user_info()
        add_authentication_log(frappe._("{0} logged in").format(self.full_name), self.user)
        self.run_trigger("on_session_creation")
        frappe.local.flags.commit = True

    def clear_active_sessions(self) -> None:
        """Where a user may not be signed in everywhere at once, his oldest sessions end."""
        if cint(frappe.local.conf.get("deny_multiple_sessions")) or cint(
            frappe.get_system_settings("deny_multiple_sessions")
        ):
            allowed = cint(frappe.db.get_value("User", self.user, "simultaneous_sessions")) or 1
            end_sessions(self.user, keep=allowed - 1)

    def set_user_info(self) -> None:
        """Cookies, and what the answer says."""
        from frappe.website.utils import get_home_page

        cookies = frappe.local.cookie_manager
        cookies.init_cookies()
        system = self.user_type == "System User"
        cookies.set_cookie("system_user", "yes" if system else "no")
        frappe.local.response["message"] = "Logged In" if system else "No App"
        frappe.local.response["home_page"] = "/" + get_home_page()
        frappe.local.response["full_name"] = self.full_name
        cookies.set_cookie("full_name", self.full_name)
        cookies.set_cookie("user_id", self.user)

    def run_trigger(self, event: str = "on_login") -> None:
        """Calls the apps' hooks."""
        for method in frappe.get_hooks(event) or []:
            frappe.call(frappe.get_attr(method), login_manager=self)

    def fail(self, message: str, user: Any = None) -> None:
        """Refuses, and keeps a note of it.

        :raises frappe.AuthenticationError: always
        """
        frappe.local.response["message"] = message
        add_authentication_log(message, str(user or "")[:140], status="Failed")
        frappe.db.commit()
        frappe.local.flags.disable_traceback = True
        raise frappe.AuthenticationError(message)

    def logout(self, arg: Any = "", user: str | None = None) -> None:
        """Ends the session."""
        user = user or frappe.session.user
        self.run_trigger("on_logout")
        if user == frappe.session.user:
            delete_session(frappe.session.sid, user, reason="User Manually Logged Out")
            frappe.local.cookie_manager.delete_cookie(
                ["full_name", "user_id", "sid", "user_image", "system_user"]
            )
            frappe.local.session_obj.be_guest()
        else:
            clear_sessions(user, force=True)

    def login_as_guest(self) -> None:
        """Nobody has signed in."""
        frappe.local.session_obj.be_guest()


def find_user(name: str) -> str | None:
    """The user of a name, an address, a user name or a mobile number, as the settings allow."""
    found = frappe.db.get_value("User", {"name": name})
    if found:
        return found
    if cint(frappe.get_system_settings("allow_login_using_user_name")):
        found = frappe.db.get_value("User", {"username": name})
    if not found and cint(frappe.get_system_settings("allow_login_using_mobile_number")):
        found = frappe.db.get_value("User", {"mobile_no": name})
    return found


class CookieManager:
    """Cookies of the answer."""

    def __init__(self) -> None:
        self.cookies: dict[str, dict[str, Any]] = {}
        self.to_delete: list[str] = []

    def init_cookies(self) -> None:
        """The session's own cookie."""
        if not frappe.local.session.get("sid") or frappe.local.session.sid == "Guest":
            return
        expires = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(
            seconds=max(expiry_seconds(), 86400)
        )
        self.set_cookie("sid", frappe.local.session.sid, expires=expires, httponly=True)

    def set_cookie(
        self,
        key: str,
        value: str,
        expires: Any = None,
        secure: bool = False,
        httponly: bool = False,
        samesite: str = "Lax",
        max_age: int | None = None,
    ) -> None:
        """Sets a cookie; secure on HTTPS."""
        secure = secure or frappe.local.request.scheme == "https"
        self.cookies[key] = {"value": value, "expires": expires, "secure": secure, "httponly": httponly,
                             "samesite": samesite, "max_age": max_age}  # fmt: skip

    def delete_cookie(self, to_delete: Any) -> None:
        """Takes cookies back."""
        self.to_delete.extend([to_delete] if isinstance(to_delete, str) else to_delete)

    def flush_cookies(self, response: Any) -> None:
        """Writes them into the answer."""
        from urllib.parse import quote

        for key, options in self.cookies.items():
            options = dict(options)
            response.set_cookie(key, quote(str(options.pop("value")).encode()), path="/", **options)
        for key in set(self.to_delete):
            response.set_cookie(key, "", expires=0, path="/")


def validate_auth() -> None:
    """Takes the `Authorization` header: `token key:secret`, or `Basic` with the same.

    :raises frappe.AuthenticationError: for a header that is wrong
    """
    scheme, credentials = given_credentials()
    if scheme:
        validate_api_key(scheme, credentials)
    for hook in frappe.get_hooks("auth_hooks") or []:
        frappe.get_attr(hook)()
    if frappe.get_request_header("Authorization") and frappe.session.user in {"", "Guest"}:
        raise frappe.AuthenticationError
    return


@frappe.whitelist()
def get_logged_user() -> str:
    """Who is signed in."""
    return frappe.session.user
