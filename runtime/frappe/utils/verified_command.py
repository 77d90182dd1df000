"""Addresses that nobody but the site can make: what they ask for is signed with the site's key."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any
from urllib.parse import urlencode

import frappe
from frappe import _


def get_signed_params(params: dict[str, Any] | str) -> str:
    """The parameters as a query, signed."""
    text = params if isinstance(params, str) else urlencode(params)
    return f"{text}&_signature={_signature(text)}"


def get_secret() -> str:
    """The site's key for signatures."""
    from frappe.utils.password import get_encryption_key

    return frappe.local.conf.get("secret") or get_encryption_key()


def _signature(text: str) -> str:
    return hmac.new(get_secret().encode(), text.encode(), hashlib.sha256).hexdigest()


def verify_request() -> bool:
    """Whether the current request's address is one that the site has signed; else the answer says that it is not."""
    query = frappe.local.request.query_string.decode() if frappe.local.request is not None else ""
    text, _mark, given = query.rpartition("&_signature=")
    valid = bool(text) and hmac.compare_digest(_signature(text), given)
    if not valid:
        frappe.respond_as_web_page(
            _("Invalid Link"),
            _("This link is invalid or expired. Please make sure you have pasted correctly."),
        )
    return valid


def get_url(cmd: str, params: dict[str, Any], nonce: Any = None, secret: Any = None) -> str:
    """The signed address of a method."""
    return frappe.utils.get_url(f"/api/method/{cmd}?{get_signed_params(params)}")
