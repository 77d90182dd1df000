"""Brings what waits in the outbox to people. A message is claimed, sent and settled in three transactions.

A process that dies between claim and settlement leaves its message claimed; the next run sends it again under the same number,
so that somebody may be told a thing twice where the vendor knows no numbers, but never not at all. A channel that fails delays only itself.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any, NamedTuple

import frappe
from frappe.utils import cint, get_datetime, get_time, now_datetime

from medaffairs.messaging import channels, claims, outbox, rules
from medaffairs.messaging.outbox import DOCTYPE
from medaffairs.messaging.vendors.base import VendorError

MOST_AT_ONCE = 200
# A run ends after so many seconds; what is left is the next one's, which comes every minute.
LONGEST_RUN = 240


class Run(NamedTuple):
    """One run of the delivery: under which name it claims messages, and until when it goes on (`time.monotonic`)."""

    claimant: str
    until: float

    @property
    def over(self) -> bool:
        """Whether its time has passed."""
        return time.monotonic() >= self.until


def deliver_due() -> int:
    """Sends what is due, by all channels in turn until nothing is left; how many messages were sent. Commits after every message."""
    count = 0
    names = frappe.get_all("Message Channel", filters={"enabled": 1}, pluck="name", order_by="name")
    with claims.Claimant() as claimant:
        run = Run(claimant.name, time.monotonic() + LONGEST_RUN)
        while names and not run.over:
            answers = {name: _deliver_safely(name, run) for name in names}
            count += sum(sent for sent, _ in answers.values())
            names = [name for name, (_, more) in answers.items() if more]
    return count


def _deliver_safely(name: str, run: Run) -> tuple[int, bool]:
    try:
        return _deliver_channel(frappe.get_doc("Message Channel", name), run)
    except Exception:
        frappe.db.rollback()
        frappe.log_error(title=f"Message Channel {name}")
        frappe.db.commit()
        return 0, False


def _deliver_channel(channel: Any, run: Run) -> tuple[int, bool]:
    """Some of what waits for a channel: how many were sent, and whether to go on with it."""
    waiting = _due(channel)
    if not waiting:
        return 0, False
    send = channels.sender(channel)
    count = 0
    for name in waiting:
        if run.over:
            break
        message = _claim(name, channel, run.claimant)
        if message is None:
            continue
        error = _attempt(message, channel, send)
        frappe.db.commit()
        if error is None:
            count += 1
        elif error.away:
            # Each of the others would wait for its time-out too, and all other channels behind them.
            return count, False
    return count, count > 0


def _due(channel: Any) -> list[str]:
    """The messages to send now, oldest first, urgent ones before, within what the vendor lets pass in a minute."""
    now = now_datetime()
    most = MOST_AT_ONCE
    if cint(channel.per_minute):
        sent = frappe.db.count(
            DOCTYPE, {"channel": channel.name, "sent_at": (">", now - timedelta(minutes=1))}
        )
        most = min(most, cint(channel.per_minute) - sent)
    if most <= 0:
        return []
    return frappe.get_all(
        DOCTYPE,
        filters={"channel": channel.name, "status": ("in", rules.WAITING), "not_before": ("<=", now)},
        order_by="urgent desc, name asc",
        pluck="name",
        limit_page_length=most,
    )


def _claim(name: str, channel: Any, claimant: str) -> Any:
    """Takes a message for this process; None when it is not to be sent now, or somebody else has it."""
    now = now_datetime()
    message = frappe.get_doc(DOCTYPE, name, for_update=True)
    if (
        message.status == rules.SENDING
        and message.claimed_until
        and get_datetime(message.claimed_until) > now
        and not claims.is_dead(message.claimed_by or "")
    ):
        frappe.db.commit()
        return None
    if message.status not in rules.WAITING:
        frappe.db.commit()
        return None
    reason = _obsolete(message, now)
    quiet = rules.allowed_from(
        now, _clock(channel.quiet_from), _clock(channel.quiet_to), bool(message.urgent)
    )
    if reason:
        changes = {"status": rules.CANCELLED, "error": reason}
    elif quiet > now:
        changes = {"status": rules.QUEUED, "not_before": quiet}
    else:
        claimed = now + timedelta(seconds=rules.CLAIM_SECONDS + cint(channel.timeout_seconds))
        changes = {
            "status": rules.SENDING,
            "claimed_until": claimed,
            "claimed_by": claimant,
            "attempts": cint(message.attempts) + 1,
        }
    message.db_set(changes)
    frappe.db.commit()
    return message if changes["status"] == rules.SENDING else None


def _clock(value: Any) -> Any:
    return get_time(value) if value else None


def _obsolete(message: Any, now: Any) -> str:
    if message.expires_at and get_datetime(message.expires_at) < now:
        return frappe._("Expired before it could be sent")
    if frappe.db.exists(DOCTYPE, {"series": message.series, "status": rules.READ}):
        return frappe._("Read before it was sent")
    if not frappe.db.get_value("User", message.recipient, "enabled"):
        return frappe._("The recipient's account is disabled")
    return ""


def _attempt(message: Any, channel: Any, send: channels.Sender) -> VendorError | None:
    """One attempt; what went wrong, or None when the message was sent."""
    try:
        number = send(message)
    except Exception as error:
        frappe.db.rollback()
        if not isinstance(error, VendorError):
            frappe.log_error(title=f"{DOCTYPE} {message.name}")
            error = VendorError("", f"{type(error).__name__}: {error}", again=True)
        _failed(message, channel, str(error), error.again)
        return error
    now = now_datetime()
    message.db_set(
        {
            "status": rules.SENT,
            "sent_at": now,
            "vendor_id": number[:140],
            "error": None,
            "claimed_until": None,
        }
    )
    channel.db_set({"last_sent_at": now, "last_error": None}, update_modified=False)
    return None


def _failed(message: Any, channel: Any, words: str, again: bool) -> None:
    attempts = cint(message.attempts)
    if again and attempts < max(cint(channel.max_attempts), 1):
        wait = rules.retry_seconds(attempts, message.message_key)
        changes = {"status": rules.QUEUED, "not_before": now_datetime() + timedelta(seconds=wait)}
    else:
        changes = {"status": rules.FAILED}
    message.db_set({**changes, "error": words[:500], "claimed_until": None})
    channel.db_set("last_error", words[:500], update_modified=False)
    if changes["status"] == rules.FAILED:
        _hurry(message)


def _hurry(message: Any) -> None:
    """Where one channel has failed for good, those that would have come later come now."""
    rows = frappe.get_all(
        DOCTYPE,
        filters={"series": message.series, "status": rules.QUEUED, "attempts": 0, "not_before": (">", now_datetime())},
        pluck="name",
    )  # fmt: skip
    for name in rows:
        frappe.db.set_value(DOCTYPE, name, "not_before", now_datetime())


def fetch_receipts() -> int:
    """Asks who has read what: notices in the system, and work notices of DingTalk of the last three days; how many."""
    found = _read_inside()
    since = now_datetime() - timedelta(days=3)
    for name in frappe.get_all(
        "Message Channel", filters={"enabled": 1, "kind": rules.DINGTALK}, pluck="name"
    ):
        rows = frappe.get_all(
            DOCTYPE,
            filters={
                "channel": name,
                "status": rules.SENT,
                "sent_at": (">", since),
                "vendor_id": ("is", "set"),
            },
            fields=["name", "vendor_id", "recipient"],
            limit_page_length=MOST_AT_ONCE,
            order_by="sent_at desc",
        )
        app = channels.application(frappe.get_doc("Message Channel", name)) if rows else None
        for row in rows:
            account = frappe.db.get_value(
                "External Account", {"user": row.recipient, "provider": "DingTalk"}, "external_id"
            )
            try:
                if account in app.readers(row.vendor_id):
                    found += outbox.mark_read([row.name])
            except VendorError as error:
                # Receipts are asked for again next time; one that is missing must not hide the others.
                frappe.logger("medaffairs.messaging").info("no receipt of %s: %s", row.name, error)
                if error.away:
                    break
        frappe.db.commit()
    return found


def _read_inside() -> int:
    message, notice = frappe.qb.DocType(DOCTYPE), frappe.qb.DocType("Notification Log")
    rows = (
        frappe.qb.from_(message)
        .join(notice)
        .on(message.vendor_id == notice.name)
        .where((message.kind == rules.IN_APP) & (message.status == rules.SENT) & (notice.read == 1))
        .select(message.name)
        .limit(5000)
    ).run()
    count = outbox.mark_read([str(row[0]) for row in rows])
    frappe.db.commit()
    return count
