"""Signing in by an API key: `Authorization: token key:secret`, or `Basic` with the same."""

from __future__ import annotations

import base64
import binascii
import time

import frappe
from frappe.utils import cint

#: How long a checked API secret is believed without decrypting it again. A changed secret changes the key.
SECRET_SECONDS = 5.0
_checked: dict[tuple[str, str, str], tuple[float, str, str]] = {}


def validate_api_key(scheme: str, credentials: str) -> None:
    """Takes a key and its secret.

    :raises frappe.AuthenticationError: for a key that is wrong
    """
    if scheme == "basic":
        try:
            credentials = base64.b64decode(credentials, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise frappe.InvalidAuthorizationToken(frappe._("Failed to decode token")) from None
    key, _, secret = credentials.partition(":")
    if not key or not secret:
        raise frappe.InvalidAuthorizationToken(frappe._("Invalid token"))
    user, language = _user_of(key, secret)
    from frappe.translate import requested_language

    form = frappe.local.form_dict
    frappe.set_user(user)
    frappe.local.form_dict = form
    frappe.local.lang = requested_language() or language or frappe.local.conf.get("lang") or _site_language()
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
