"""The queue of outgoing mail as the scheduler and the readers of mail use it."""

from __future__ import annotations

import smtplib
from datetime import timedelta
from typing import Any

import frappe
from frappe import _
from frappe.email.queue_builder import QueueBuilder, get_unsubcribed_url, get_unsubscribe_message
from frappe.utils import cint, get_first_day, markdown, nowdate

__all__ = ["flush", "get_emails_sent_this_month", "get_emails_sent_today", "get_queue", "get_unsubcribed_url",
           "get_unsubscribe_message", "sendmail", "unsubscribe"]  # fmt: skip

#: Minutes that a message waits after its first, second, … failed attempt.
PAUSES = (1, 5, 15)
BATCH = 500


def sendmail(
    recipients: Any = None,
    sender: str = "",
    subject: str = "No Subject",
    message: str = "No Message",
    as_markdown: bool = False,
    delayed: bool = True,
    reference_doctype: str | None = None,
    reference_name: str | None = None,
    unsubscribe_method: str | None = None,
    unsubscribe_params: dict | None = None,
    unsubscribe_message: str | None = None,
    add_unsubscribe_link: int = 1,
    attachments: Any = None,
    content: str | None = None,
    doctype: str | None = None,
    name: str | None = None,
    reply_to: str | None = None,
    queue_separately: bool = False,
    cc: Any = None,
    bcc: Any = None,
    message_id: str | None = None,
    in_reply_to: str | None = None,
    send_after: Any = None,
    expose_recipients: str | None = None,
    send_priority: int = 1,
    communication: str | None = None,
    retry: int = 1,
    now: bool | None = None,
    read_receipt: Any = None,
    is_notification: bool = False,
    inline_images: list | None = None,
    template: str | None = None,
    args: dict | None = None,
    header: Any = None,
    print_letterhead: bool = False,
    with_container: bool = False,
    email_read_tracker_url: str | None = None,
) -> Any:
    """Puts a mail into the queue, from which the scheduler sends it; with `now` or without `delayed` it goes at once.

    :return: the record; None when each receiver has one of his own; an empty list when nobody is left
    :raises frappe.OutgoingEmailError: when the site has no account that sends
    """
    message, text_content = _words(message, content, template, args or {}, as_markdown)
    builder = QueueBuilder(
        recipients=recipients, sender=sender, subject=subject, message=message, text_content=text_content,
        reference_doctype=doctype or reference_doctype, reference_name=name or reference_name,
        unsubscribe_method=unsubscribe_method, unsubscribe_params=unsubscribe_params,
        unsubscribe_message=unsubscribe_message, add_unsubscribe_link=add_unsubscribe_link, attachments=attachments,
        reply_to=reply_to, cc=cc, bcc=bcc, message_id=message_id, in_reply_to=in_reply_to, send_after=send_after,
        expose_recipients=expose_recipients, send_priority=send_priority, communication=communication,
        read_receipt=read_receipt, queue_separately=queue_separately, is_notification=is_notification,
        inline_images=inline_images, header=header, print_letterhead=print_letterhead, with_container=with_container,
    )  # fmt: skip
    return builder.process(send_now=bool(now) or not delayed)


def _words(
    message: str, content: str | None, template: str | None, args: dict, as_markdown: bool
) -> tuple[str, str | None]:
    """What a mail says as HTML and, where its template says it, as text."""
    text = None
    if template:
        message, text = _from_template(template, args)
    message = content or message
    return markdown(message) if as_markdown else message, text


def _from_template(template: str, args: dict) -> tuple[str, str | None]:
    from jinja2 import TemplateNotFound

    html = frappe.get_template(f"templates/emails/{template}.html").render(args)
    try:
        return html, frappe.get_template(f"templates/emails/{template}.txt").render(args)
    except TemplateNotFound:
        return html, None


def get_queue() -> list[Any]:
    """Messages that may go out now: urgent ones first, those that failed after their pause."""
    now = frappe.utils.now_datetime()
    rows = frappe.get_all(
        "Email Queue",
        filters={"status": ("in", ("Not Sent", "Partially Sent"))},
        or_filters=[["send_after", "is", "not set"], ["send_after", "<=", now]],
        fields=["name", "sender", "retry", "modified"],
        order_by="priority desc, retry asc, creation asc",
        limit_page_length=BATCH,
    )
    return [
        row
        for row in rows
        if not row.retry or frappe.utils.get_datetime(row.modified) + _pause(row.retry) <= now
    ]


def _pause(retry: int) -> timedelta:
    return timedelta(minutes=PAUSES[min(retry, len(PAUSES)) - 1])


def flush() -> None:
    """Sends what waits in the queue; what fails keeps its reason and is tried again."""
    if frappe.are_emails_muted():
        frappe.msgprint(_("Emails are muted"))
        return
    if cint(frappe.db.get_default("suspend_email_queue")):
        return
    from frappe.email.doctype.email_queue.email_queue import EmailQueue
    from frappe.email.sending import give_back_abandoned

    give_back_abandoned()
    servers: dict[str, Any] = {}
    dead: set[str] = set()
    try:
        for row in get_queue():
            record = EmailQueue.find(row.name)
            key = record.email_account or record.sender
            if key in dead:
                continue
            try:
                if key not in servers:
                    servers[key] = record.get_email_account(raise_error=True).get_smtp_server()
                record.send(servers[key])
            except Exception as error:
                frappe.log_error(
                    title="Email Queue", reference_doctype="Email Queue", reference_name=row.name
                )
                frappe.db.commit()
                # A server that cannot be reached fails for all; each would wait for its time-out in turn.
                if not isinstance(error, smtplib.SMTPResponseException | smtplib.SMTPRecipientsRefused):
                    dead.add(key)
    finally:
        for server in servers.values():
            server.quit()


def get_emails_sent_this_month(email_account: str | None = None) -> int:
    """How many messages have gone out this month."""
    return _sent_since(get_first_day(nowdate()), email_account)


def get_emails_sent_today(email_account: str | None = None) -> int:
    """How many messages have gone out today."""
    return _sent_since(nowdate(), email_account)


def _sent_since(day: Any, account: str | None) -> int:
    filters: dict[str, Any] = {"status": "Sent", "creation": (">=", day)}
    if account:
        filters["email_account"] = account
    return frappe.db.count("Email Queue", filters)


@frappe.whitelist(allow_guest=True)
def unsubscribe(doctype: str, name: str, email: str) -> None:
    """A reader of a mail wants no more about this document; the link in his mail is signed."""
    from frappe.utils.verified_command import verify_request

    if not frappe.flags.in_test and not verify_request():
        return
    known = {"email": email, "reference_doctype": doctype, "reference_name": name}
    if not frappe.db.exists("Email Unsubscribe", known):
        frappe.get_doc(doctype="Email Unsubscribe", **known).insert(ignore_permissions=True)
    # A link is followed by GET, and what it asks for is to last.
    frappe.local.flags.commit = True
    frappe.respond_as_web_page(
        _("Unsubscribed"),
        _("{0} has left the conversation in {1} {2}").format(
            *(frappe.bold(frappe.utils.escape_html(text)) for text in (email, _(doctype), name))
        ),
        indicator_color="green",
    )
