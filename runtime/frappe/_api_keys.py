"""Signing in by an API key: `Authorization: token key:secret`, or `Basic` with the same."""

from __future__ import annotations

import base64
import contextlib
import time

import frappe
from frappe.utils import cint
from frappe.utils.caching import NEWS, learn

#: How long a checked API secret is believed without decrypting it again. A changed secret changes the key.
SECRET_SECONDS = 5.0
_checked: dict[tuple[str, str, str], tuple[float, str, str]] = {}


def given_credentials() -> tuple[str, str]:
    """Scheme and credentials of the header, empty when it is none of ours."""
    scheme, _, credentials = frappe.get_request_header("Authorization", "").partition(" ")
    ours = scheme.lower() in {"token", "basic"} and credentials
    return (scheme.lower(), credentials.strip()) if ours else ("", "")


def _parts(scheme: str, credentials: str) -> tuple[str, str]:
    if scheme == "basic":
        credentials = base64.b64decode(credentials, validate=True).decode()
    key, _, secret = credentials.partition(":")
    return key, secret


def read_ahead() -> None:
    """Reads whose key the header names before anything else is read, and with it what others have changed."""
    with contextlib.suppress(ValueError):
        key, secret = _parts(*given_credentials())
        if key and secret:
            _row_of(key)


def validate_api_key(scheme: str, credentials: str) -> None:
    """Takes a key and its secret.

    :raises frappe.AuthenticationError: for a key that is wrong
    """
    try:
        key, secret = _parts(scheme, credentials)
    except ValueError:
        raise frappe.InvalidAuthorizationToken(frappe._("Failed to decode token")) from None
    if not key or not secret:
        raise frappe.InvalidAuthorizationToken(frappe._("Invalid token"))
    user, language = _user_of(key, secret)
    from frappe.translate import requested_language, site_language

    form = frappe.local.form_dict
    frappe.set_user(user)
    frappe.local.form_dict = form
    frappe.local.lang = requested_language() or language or site_language()
    frappe.local.request_cache.pop("roles", None)


def _user_of(key: str, secret: str) -> tuple[str, str | None]:
    """User and language of an API key; the stored secret is compared in constant time."""
    import hmac

    from frappe.utils.password import decrypt

    row = _row_of(key)
    if row is None or not cint(row[1]):
        raise frappe.AuthenticationError
    name, _, stored, language = row[:4]
    known = _checked.get((frappe.local.site, key, stored))
    if known is None or known[0] < time.monotonic():
        known = (time.monotonic() + SECRET_SECONDS, decrypt(stored), name)
        if len(_checked) > 1000:
            _checked.clear()
        _checked[(frappe.local.site, key, stored)] = known
    if not hmac.compare_digest(known[1].encode(), secret.encode()):
        raise frappe.AuthenticationError
    return name, language


def _row_of(key: str) -> tuple | None:
    """Who has an API key, with the stored secret; read once per request."""
    rows = frappe.local.request_cache.setdefault("api keys", {})
    if key not in rows:
        found = frappe.db.sql(
            f"select u.`name`, u.`enabled`, a.`password`, u.`language`, {NEWS} from `tabUser` u join `__Auth` a"
            " on a.`doctype` = 'User' and a.`name` = u.`name` and a.`fieldname` = 'api_secret' where u.`api_key` = %s",
            (key,),
        )
        rows[key] = found[0] if found else None
        if found:
            learn(*found[0][-2:])
    return rows[key]
