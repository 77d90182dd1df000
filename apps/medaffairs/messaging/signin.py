"""Signing in with an account of the hospital's DingTalk or WeCom organization.

The browser is sent to the vendor with a random state that a cookie of this browser must bring back; what comes back is a code
that only the hospital's secret turns into a person. Only users who exist, and whose account is bound or whose mobile number is
theirs alone, come in.
"""

import hmac
import secrets
from typing import Any
from urllib.parse import quote

import frappe
from frappe.rate_limiter import rate_limit
from frappe.utils import get_url, now_datetime

from medaffairs.messaging import addresses, channels, rules
from medaffairs.messaging.vendors import wecom
from medaffairs.messaging.vendors.base import VendorError
from medaffairs.messaging.vendors.dingtalk import Identity

KINDS = {"DingTalk": rules.DINGTALK, "WeCom": rules.WECOM}
COOKIE, STATE_SECONDS = "medaffairs_sign_in", 600
CALLBACK = "/api/method/medaffairs.messaging.signin.callback"
START = "/medaffairs"


@frappe.whitelist(allow_guest=True, methods=["GET"])
def providers() -> list[dict[str, str]]:
    """Which accounts may sign in: what the sign-in page offers."""
    kinds = {kind: provider for provider, kind in KINDS.items()}
    rows = frappe.get_all(
        "Message Channel",
        filters={"enabled": 1, "allow_sign_in": 1, "kind": ("in", list(kinds))},
        fields=["kind", "corp_id"],
        order_by="kind",
    )
    return [{"provider": kinds[row.kind], "organization": row.corp_id or ""} for row in rows]


@frappe.whitelist(allow_guest=True, methods=["GET"])
@rate_limit(limit=60, seconds=60)
def begin(provider: str, inside: bool = False, to: str = START) -> None:
    """Sends the browser to the vendor's page.

    :param inside: the page was opened inside the vendor's own app
    :param to: the page of ours to open afterwards
    """
    channel = _channel(provider)
    state = secrets.token_urlsafe(24)
    frappe.cache.set_value(
        f"medaffairs:sign_in:{state}",
        {"provider": provider, "to": _own_page(to)},
        expires_in_sec=STATE_SECONDS,
    )
    frappe.local.cookie_manager.set_cookie(
        COOKIE, state, httponly=True, samesite="Lax", max_age=STATE_SECONDS
    )
    app = channels.application(channel)
    redirect = get_url(CALLBACK)
    if isinstance(app, wecom.App) and inside:
        address = app.in_app_address(redirect, state, channel.in_app_url or wecom.IN_APP_PAGE)
    else:
        own = {"page": channel.sign_in_url} if channel.sign_in_url else {}
        address = app.sign_in_address(redirect, state, **own)
    _go(address)


@frappe.whitelist(allow_guest=True, methods=["GET"])
@rate_limit(limit=60, seconds=60)
def callback(state: str = "", code: str = "", authCode: str = "") -> None:
    """Where the vendor sends the browser back to; signs in and opens the page, or says why not.

    :param authCode: DingTalk's name for the code
    """
    known = _take_state(state)
    if known is None:
        _refuse(frappe._("This sign-in has expired or was begun elsewhere. Please begin again."))
        return
    channel = _channel(known["provider"])
    app = channels.application(channel)
    try:
        given = authCode or code
        identity = app.user_of_code(given) if isinstance(app, wecom.App) else app.user_of_sign_in(given)
    except VendorError as error:
        frappe.logger("medaffairs.messaging").info("sign-in refused: %s", error)
        _refuse(
            frappe._("{0} did not confirm the sign-in. Please try again.").format(frappe._(known["provider"]))
        )
        return
    _enter(known["provider"], identity, known["to"])


@frappe.whitelist(allow_guest=True, methods=["POST"])
@rate_limit(limit=60, seconds=60)
def inside(provider: str, code: str) -> dict[str, str]:
    """Signs in who has opened the page inside DingTalk, with the code that DingTalk gave the page (免登).

    :raises frappe.AuthenticationError: when the vendor or we know nobody by it
    """
    app = channels.application(_channel(provider))
    try:
        identity = app.user_of_code(code)
    except VendorError:
        identity = Identity("")
    user = _user_of(provider, identity)
    if not user:
        frappe.throw(frappe._("This account belongs to no user here"), frappe.AuthenticationError)
    frappe.local.login_manager.login_as(user)
    return {"user": user}


def _channel(provider: str) -> Any:
    name = frappe.db.get_value(
        "Message Channel", {"kind": KINDS.get(provider, ""), "enabled": 1, "allow_sign_in": 1}, "name"
    )
    if not name:
        frappe.throw(
            frappe._("Signing in with {0} is not set up").format(provider[:40]), frappe.DoesNotExistError
        )
    return frappe.get_doc("Message Channel", name)


def _own_page(address: str) -> str:
    """A page of the face and nothing else: no other site, no other scheme."""
    is_ours = address == START or address.startswith(f"{START}/")
    return address if is_ours and "\\" not in address and "//" not in address else START


def _take_state(state: str) -> dict[str, str] | None:
    """What a state stands for; each is good once, in the browser that began."""
    cookie = frappe.request.cookies.get(COOKIE) or ""
    frappe.local.cookie_manager.delete_cookie(COOKIE)
    if not state or not hmac.compare_digest(state.encode(), cookie.encode()):
        return None
    key = f"medaffairs:sign_in:{state}"
    known = frappe.cache.get_value(key, expires=True)
    frappe.cache.delete_value(key)
    return known


def _enter(provider: str, identity: Identity, to: str) -> None:
    user = _user_of(provider, identity)
    if not user:
        _refuse(
            frappe._(
                "This account belongs to no user here. Sign in with your password and ask the administrator to bind it."
            )
        )
        return
    frappe.local.login_manager.login_as(user)
    # The session must be lasting before the browser follows.
    frappe.db.commit()
    _go(to)


def _user_of(provider: str, identity: Identity) -> str:
    """The user of an account, bound before or found by a mobile number that only he has."""
    if not identity.external_id:
        return ""
    account = frappe.db.get_value(
        "External Account",
        {"provider": provider, "external_id": identity.external_id},
        ["name", "user"],
        as_dict=True,
    )
    user = account.user if account else _only_user_of(identity.mobile)
    if not user or not frappe.db.get_value("User", user, "enabled"):
        return ""
    name = (
        account.name
        if account
        else channels.bind(user, provider, identity.external_id, "Mobile Number", identity.union_id)
    )
    frappe.db.set_value("External Account", name, "last_sign_in", now_datetime(), update_modified=False)
    return user


def _only_user_of(mobile: str) -> str:
    digits = "".join(filter(str.isdigit, mobile))[-11:]
    if len(digits) != 11:
        return ""
    users = {
        *frappe.get_all("Practitioner", filters={"mobile": digits, "user": ("is", "set")}, pluck="user"),
        *frappe.get_all("User", filters={"mobile_no": digits}, pluck="name"),
    }
    return users.pop() if len(users) == 1 and addresses.mobile_of(next(iter(users))) == digits else ""


def _refuse(words: str) -> None:
    _go(f"{START}/login?problem={quote(words)}")


def _go(address: str) -> None:
    frappe.local.response["type"] = "redirect"
    frappe.local.response["location"] = address
