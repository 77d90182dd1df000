"""Signing in: by password, by the cookie of a session, by an API key."""

from __future__ import annotations

import base64
import binascii
import datetime
import time
from typing import Any

import frappe
from frappe.sessions import Session, clear_sessions, delete_session, expiry_seconds
from frappe.utils import cint

SAFE_HTTP_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
UNSAFE_HTTP_METHODS = frozenset({"POST", "PUT", "DELETE", "PATCH"})
#: How long a checked API secret is believed without decrypting it again. A changed secret changes the key.
SECRET_SECONDS = 5.0
_checked: dict[tuple[str, str, str], tuple[float, str, str]] = {}


class HTTPRequest:
    """Who asks: binds address, cookies, session and language to the request."""

    def __init__(self) -> None:
        request = frappe.local.request
        frappe.local.request_ip = _address(request)
        frappe.local.cookie_manager = CookieManager()
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
        if given != saved:
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
            self.login()
        else:
            sid = frappe.local.request.cookies.get("sid")
            frappe.local.session_obj = Session(sid=sid)
            self.user = frappe.local.session.user

    @staticmethod
    def _wants_to_sign_in() -> bool:
        request = frappe.local.request
        return frappe.local.form_dict.get("cmd") == "login" or request.path.rstrip("/") == "/api/method/login"

    def login(self) -> None:
        """Signs in by the request's `usr` and `pwd`."""
        frappe.local.session_obj = Session()
        self.authenticate()
        self.post_login()

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
        tracker = Attempts(name or user)
        tracker.refuse_when_locked()
        from frappe.utils.password import check_password

        try:
            self.user = check_password(name or user, pwd)
        except frappe.AuthenticationError:
            tracker.failed()
            self.fail(frappe._("Invalid login credentials"), user=user)
        if not cint(frappe.db.get_value("User", self.user, "enabled")):
            tracker.failed()
            self.fail(frappe._("User disabled or missing"), user=user)
        tracker.succeeded()

    def login_as(self, user: str) -> None:
        """Starts a session for a user whom the caller has checked."""
        self.user = user
        self.post_login()

    def post_login(self, session_end: Any = None, audit_user: Any = None) -> None:
        """Starts the session, tells the apps, sets the cookies."""
        self.run_trigger("on_login")
        row = frappe.db.get_value("User", self.user, ["full_name", "user_type", "user_image"], as_dict=True)
        self.full_name, self.user_type = row.full_name or self.user, row.user_type
        if cint(frappe.get_system_settings("deny_multiple_sessions")):
            clear_sessions(self.user)
        frappe.local.session_obj = Session(user=self.user)
        frappe.local.request_cache.clear()
        self.set_user_info()
        _note("Login", "Success", self.user, f"{self.full_name} logged in")
        self.run_trigger("on_session_creation")
        frappe.local.flags.commit = True

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
        _note("Login", "Failed", str(user or "")[:140], message)
        frappe.db.commit()
        frappe.local.flags.disable_traceback = True
        raise frappe.AuthenticationError(message)

    def logout(self, arg: Any = "", user: str | None = None) -> None:
        """Ends the session."""
        user = user or frappe.session.user
        self.run_trigger("on_logout")
        if user == frappe.session.user:
            delete_session(frappe.session.sid)
            frappe.local.cookie_manager.delete_cookie(
                ["full_name", "user_id", "sid", "user_image", "system_user"]
            )
            frappe.local.session_obj.be_guest()
            _note("Logout", "Success", user, f"{user} logged out")
        else:
            clear_sessions(user)

    def login_as_guest(self) -> None:
        """Nobody has signed in."""
        frappe.local.session_obj.be_guest()


def _note(operation: str, status: str, user: str, subject: str) -> None:
    log = frappe.get_doc(
        doctype="Activity Log", operation=operation, status=status, subject=subject[:140], user=user,
        ip_address=frappe.local.request_ip, full_name=user,
    )  # fmt: skip
    log.flags.ignore_links = True
    log.insert(ignore_permissions=True)


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


class Attempts:
    """Counts failed sign-ins per user and per address; after too many, both wait."""

    def __init__(self, user: str) -> None:
        self._keys = (f"login_failed::{user.lower()}", f"login_failed_ip::{frappe.local.request_ip}")
        self._limit = cint(frappe.get_system_settings("allow_consecutive_login_attempts"))
        self._seconds = cint(frappe.get_system_settings("allow_login_after_fail")) or 60

    def refuse_when_locked(self) -> None:
        """Refuse while the waiting time runs.

        :raises frappe.SecurityException: then
        """
        if not self._limit:
            return
        limits = (self._limit, self._limit * 20)
        for key, limit in zip(self._keys, limits, strict=True):
            if cint(frappe.cache.get_value(key)) >= limit:
                frappe.local.flags.disable_traceback = True
                frappe.throw(
                    frappe._("Your account has been locked and will resume after {0} seconds").format(
                        self._seconds
                    ),
                    frappe.SecurityException,
                )

    def failed(self) -> None:
        """One more."""
        for key in self._keys:
            frappe.cache.incrby(key, 1)
            frappe.cache.expire(key, self._seconds)

    def succeeded(self) -> None:
        """Counting begins anew."""
        frappe.cache.delete_value(self._keys[0])


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
    header = frappe.get_request_header("Authorization", "")
    scheme, _, credentials = header.partition(" ")
    if scheme.lower() in {"token", "basic"} and credentials:
        _validate_api_key(scheme.lower(), credentials.strip())
    for hook in frappe.get_hooks("auth_hooks") or []:
        frappe.get_attr(hook)()
    if header and frappe.session.user in {"", "Guest"}:
        raise frappe.AuthenticationError
    return


def _validate_api_key(scheme: str, credentials: str) -> None:
    if scheme == "basic":
        try:
            credentials = base64.b64decode(credentials, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise frappe.InvalidAuthorizationToken(frappe._("Failed to decode token")) from None
    key, _, secret = credentials.partition(":")
    if not key or not secret:
        raise frappe.InvalidAuthorizationToken(frappe._("Invalid token"))
    user, language = _user_of(key, secret)
    form = frappe.local.form_dict
    frappe.set_user(user)
    frappe.local.form_dict = form
    frappe.local.lang = form.get("_lang") or language or frappe.local.conf.get("lang") or _site_language()
    frappe.local.request_cache.pop("roles", None)


def _site_language() -> str:
    from frappe.utils.caching import kept

    return kept("site_language", lambda: frappe.get_system_settings("language")) or "en"


def _user_of(key: str, secret: str) -> tuple[str, str | None]:
    """User and language of an API key; the stored secret is compared in constant time."""
    import hmac

    from frappe.utils.password import decrypt

    rows = frappe.db.sql(
        "select u.`name`, u.`enabled`, a.`password`, u.`language` from `tabUser` u join `__Auth` a on a.`doctype` = 'User'"
        " and a.`name` = u.`name` and a.`fieldname` = 'api_secret' where u.`api_key` = %s",
        (key,),
    )
    if not rows or not cint(rows[0][1]):
        raise frappe.AuthenticationError
    name, _, stored, language = rows[0]
    known = _checked.get((frappe.local.site, key, stored))
    if known is None or known[0] < time.monotonic():
        known = (time.monotonic() + SECRET_SECONDS, decrypt(stored), name)
        if len(_checked) > 1000:
            _checked.clear()
        _checked[(frappe.local.site, key, stored)] = known
    if not hmac.compare_digest(known[1].encode(), secret.encode()):
        raise frappe.AuthenticationError
    return name, language


@frappe.whitelist()
def get_logged_user() -> str:
    """The name of the user who asks."""
    return frappe.session.user
