"""From a `Message Channel` to what sends: vendors with the hospital's keys, the host's own mail and notices."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import frappe
from frappe.utils import escape_html, get_url

from medaffairs.messaging import addresses, rules
from medaffairs.messaging.vendors import dingtalk, sms, wecom
from medaffairs.messaging.vendors.base import Endpoint, Notice, Tokens, VendorError

Sender = Callable[[Any], str]


def sender(channel: Any) -> Sender:
    """What sends an `Outbound Message` by a channel and returns the number of the message there.

    What it returns raises `VendorError` when the message was not taken.
    """
    if channel.kind == rules.IN_APP:
        return _notify
    if channel.kind == rules.EMAIL:
        return _mail
    if channel.kind == rules.ROBOT:
        robot = dingtalk.Robot(
            _endpoint(channel, dingtalk.OLD_API), _secret(channel, "robot_token"), _secret(channel)
        )
        return lambda message: robot.send(_notice(message), _known([addresses.mobile_of(message.recipient)]))
    if channel.kind in rules.BY_MOBILE:
        gateway = _text_messages(channel)
        return lambda message: gateway.send(_notice(message), _mobile(message))
    app = application(channel)
    return lambda message: app.send(_notice(message), [_account(app, channel, message.recipient)])


def application(channel: Any) -> dingtalk.App | wecom.App:
    """The application of a channel of DingTalk or WeCom."""
    tokens = Tokens(_kept, _keep)
    if channel.kind == rules.WECOM:
        return wecom.App(
            _endpoint(channel, wecom.API), channel.corp_id or "", _secret(channel), channel.agent_id or "0", tokens
        )  # fmt: skip
    new = Endpoint(
        channel.new_api_url or dingtalk.NEW_API, channel.timeout_seconds or 10, (_secret(channel),)
    )
    return dingtalk.App(
        _endpoint(channel, dingtalk.OLD_API), new, channel.app_key or "", _secret(channel), channel.agent_id or "0", tokens
    )  # fmt: skip


def _text_messages(channel: Any) -> sms.Aliyun | sms.Gateway:
    make = sms.Aliyun if channel.kind == rules.ALIYUN else sms.Gateway
    base = sms.ALIYUN if channel.kind == rules.ALIYUN else ""
    return make(_endpoint(channel, base), channel.app_key or "", _secret(channel), channel.sign_name or "")


def _endpoint(channel: Any, public: str) -> Endpoint:
    secrets = (_secret(channel), _secret(channel, "robot_token"))
    return Endpoint(channel.base_url or public, channel.timeout_seconds or 10, secrets)


def _secret(channel: Any, field: str = "app_secret") -> str:
    return channel.get_password(field, raise_exception=False) or ""


def _notice(message: Any) -> Notice:
    link = get_url(f"/medaffairs/go/{message.name}")
    parameters = frappe.parse_json(message.parameters or "{}")
    # The key names the recipient: vendors get a number that does not.
    number = hashlib.sha256(message.message_key.encode()).hexdigest()[:32]
    return Notice(message.title, message.text, link, number, parameters, message.vendor_template or "")


def _account(app: dingtalk.App | wecom.App, channel: Any, user: str) -> str:
    """The person's account at the vendor, found by the mobile number the first time and kept."""
    provider = addresses.PROVIDER[channel.kind]
    known = frappe.db.get_value("External Account", {"user": user, "provider": provider}, "external_id")
    if known:
        return known
    found = app.user_of_mobile(addresses.mobile_of(user))
    if not found:
        raise VendorError("", frappe._("{0} knows nobody with this mobile number").format(frappe._(provider)))
    bind(user, provider, found, "Mobile Number")
    return found


def bind(user: str, provider: str, external_id: str, by: str, union_id: str = "") -> str:
    """Keeps whose account of a vendor is whose; its name. An account belongs to one user."""
    name = f"{provider}-{external_id}"
    if not frappe.db.exists("External Account", name):
        frappe.get_doc(
            doctype="External Account", user=user, provider=provider, external_id=external_id, bound_by=by,
            union_id=union_id,
        ).insert(ignore_permissions=True)  # fmt: skip
    return name


def _mobile(message: Any) -> str:
    number = addresses.mobile_of(message.recipient)
    if not number:
        raise VendorError("", frappe._("{0} has no mobile number").format(message.recipient))
    return number


def _known(numbers: list[str]) -> list[str]:
    return [number for number in numbers if number]


def _notify(message: Any) -> str:
    """A notice in the system itself."""
    doc = frappe.get_doc(
        doctype="Notification Log", for_user=message.recipient, subject=escape_html(message.title), type="Alert",
        email_content=escape_html(message.text), document_type=message.reference_doctype,
        document_name=message.reference_name, from_user=message.owner,
    ).insert(ignore_permissions=True)  # fmt: skip
    return doc.name


def _mail(message: Any) -> str:
    """A mail in the queue of the host."""
    link = get_url(f"/medaffairs/go/{message.name}")
    text = escape_html(message.text).replace("\n", "<br>")
    try:
        frappe.sendmail(
            recipients=[frappe.db.get_value("User", message.recipient, "email")], subject=message.title,
            message=f'<p>{text}</p><p><a href="{link}">{frappe._("Open")}</a></p>',
            reference_doctype=message.doctype, reference_name=message.name,
        )  # fmt: skip
    except frappe.OutgoingEmailError as error:
        raise VendorError("", str(error), again=True) from None
    return ""


def _kept(key: str) -> str | None:
    return frappe.cache.get_value(f"medaffairs:token:{key}", expires=True)


def _keep(key: str, token: str, seconds: int) -> None:
    frappe.cache.set_value(f"medaffairs:token:{key}", token, expires_in_sec=seconds)
