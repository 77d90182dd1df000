"""Where a person is reached: by which of the hospital's channels, at which address."""

from __future__ import annotations

import frappe

from medaffairs.messaging import rules

PROVIDER = {rules.DINGTALK: "DingTalk", rules.WECOM: "WeCom"}


def of(user: str) -> dict[str, str]:
    """Channel → address, for every enabled channel that reaches a user.

    Where the vendor finds people by their mobile number, that is the address until the account is known.
    """
    enabled = frappe.db.get_value("User", user, ["enabled", "email"], as_dict=True)
    if not enabled or not enabled.enabled:
        return {}
    mobile = mobile_of(user)
    accounts = {
        row.provider: row.external_id
        for row in frappe.get_all(
            "External Account", filters={"user": user}, fields=["provider", "external_id"]
        )
    }
    found = {}
    for channel in frappe.get_all("Message Channel", filters={"enabled": 1}, fields=["name", "kind"]):
        address = _address(channel.kind, user, enabled.email, mobile, accounts)
        if address:
            found[channel.name] = address
    return found


def mobile_of(user: str) -> str:
    """The mobile number of a user: that of his file, else that of his account."""
    return (
        frappe.db.get_value("Practitioner", {"user": user}, "mobile")
        or frappe.db.get_value("User", user, "mobile_no")
        or ""
    )


def _address(kind: str, user: str, email: str, mobile: str, accounts: dict[str, str]) -> str:
    if kind == rules.IN_APP:
        return user
    if kind == rules.EMAIL:
        # Accounts that were made without a mailbox have an address of the reserved domains (RFC 2606).
        return "" if email.endswith((".example", ".invalid", ".test", "@example.com")) else email
    if kind in PROVIDER:
        return accounts.get(PROVIDER[kind]) or mobile
    return mobile
