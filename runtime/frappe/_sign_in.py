"""What refuses a sign-in beside a wrong password: too many attempts, a foreign address, the wrong hour."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.utils import cint, now_datetime

#: A ward, a clinic or a proxy shares one address: it waits after so many times the attempts of one user.
USERS_OF_AN_ADDRESS = 20


def own_address(path: str) -> str:
    """An address for a mail with a secret in it: never under a name that only the caller has put into his request.

    The configuration's `host_name` decides; else the request's host where it is the site's own name or this machine.
    """
    request = frappe.local.request
    if request is not None and not frappe.local.conf.get("host_name"):
        name = request.host.rsplit(":", 1)[0].strip("[]").lower()
        if name not in {frappe.local.site, "localhost", "127.0.0.1", "::1"}:
            return f"{request.scheme}://{frappe.local.site}{path}"
    return frappe.utils.get_url(path)


class LoginAttemptTracker:
    """Counts failed attempts of a user or an address; after too many, `lock_interval` seconds must pass."""

    def __init__(
        self,
        key: str,
        max_consecutive_login_attempts: int = 3,
        lock_interval: int = 5 * 60,
        *,
        user_name: str | None = None,
    ) -> None:
        self.key = f"login_failed::{str(user_name or key).lower()[:140]}"
        self.max_failed_logins = max_consecutive_login_attempts
        self.lock_interval = lock_interval

    @property
    def login_failed_count(self) -> int:
        """Failed attempts that count."""
        return cint(frappe.cache.get_value(self.key))

    def add_failure_attempt(self) -> None:
        """One more; the waiting time begins anew."""
        frappe.cache.incrby(frappe.cache.make_key(self.key), 1)
        frappe.cache.expire(frappe.cache.make_key(self.key), self.lock_interval)

    def add_success_attempt(self) -> None:
        """Counting begins anew."""
        frappe.cache.delete_value(self.key)

    def is_user_allowed(self) -> bool:
        """Whether an attempt may be made now."""
        return not self.max_failed_logins or self.login_failed_count < self.max_failed_logins


def get_login_attempt_tracker(
    key: str, raise_locked_exception: bool = True, factor: int = 1
) -> LoginAttemptTracker:
    """The tracker of a user or an address, by the site's settings; `factor` times as many attempts are free.

    :raises frappe.SecurityException: while the waiting time runs, unless told otherwise
    """
    limit = cint(frappe.get_system_settings("allow_consecutive_login_attempts"))
    seconds = cint(frappe.get_system_settings("allow_login_after_fail")) or 60
    tracker = LoginAttemptTracker(key, limit * factor, seconds)
    if raise_locked_exception and not tracker.is_user_allowed():
        frappe.local.flags.disable_traceback = True
        frappe.throw(
            frappe._("Your account has been locked and will resume after {0} seconds").format(seconds),
            frappe.SecurityException,
        )
    return tracker


def get_restricted_ip_list(user: Any) -> list[str]:
    """Beginnings of the addresses from which a user may sign in; empty: from everywhere."""
    text = frappe.db.get_value("User", user, "restrict_ip") if isinstance(user, str) else user.restrict_ip
    return [part.strip() for part in str(text or "").split(",") if part.strip()]


def validate_ip_address(user: str) -> None:
    """Refuse a user who comes from an address that is not his.

    :raises frappe.AuthenticationError: then
    """
    allowed = get_restricted_ip_list(user)
    if not allowed or is_allowed_from(user, allowed):
        return
    frappe.throw(frappe._("Access not allowed from this IP Address"), frappe.AuthenticationError)


def is_allowed_from(user: str, allowed: list[str]) -> bool:
    """Whether the request's address is one of the user's, or his second factor stands for it."""
    address = frappe.local.request_ip or ""
    if any(address.startswith(prefix) for prefix in allowed):
        return True
    from frappe.twofactor import two_factor_is_enabled, two_factor_is_enabled_for_

    if not (two_factor_is_enabled() and two_factor_is_enabled_for_(user)):
        return False
    return bool(
        cint(frappe.get_system_settings("bypass_restrict_ip_check_if_2fa_enabled"))
        or cint(frappe.db.get_value("User", user, "bypass_restrict_ip_check_if_2fa_enabled"))
    )


def validate_hour(user: str) -> None:
    """Refuse a user outside the hours of the day that are his.

    :raises frappe.AuthenticationError: then
    """
    after, before = frappe.db.get_value("User", user, ["login_after", "login_before"]) or (0, 0)
    hour = now_datetime().hour
    if (cint(before) and hour > cint(before)) or (cint(after) and hour < cint(after)):
        frappe.throw(frappe._("Login not allowed at this time"), frappe.AuthenticationError)


def password_is_old(user: str) -> bool:
    """Whether the site demands a new password before anything else."""
    from frappe.utils import date_diff, today

    days = cint(frappe.get_system_settings("force_user_to_reset_password"))
    if not days or user in frappe.STANDARD_USERS:
        return False
    changed = frappe.db.get_value("User", user, "last_password_reset_date")
    return bool(changed) and date_diff(today(), changed) > days
