"""What `frappe.sendmail` is asked for becomes a message in the queue."""

from __future__ import annotations

import json
from typing import Any

import frappe
from frappe import _
from frappe.email.email_body import UNSUBSCRIBE_URL, addresses, get_email, get_message_id
from frappe.utils import cint, get_datetime, validate_email_address

UNSUBSCRIBE_METHOD = "/api/method/frappe.email.queue.unsubscribe"


class QueueBuilder:
    """One call of `frappe.sendmail`, checked and made into records."""

    def __init__(
        self,
        recipients: Any = None,
        sender: str | None = None,
        subject: str | None = None,
        message: str | None = None,
        text_content: str | None = None,
        reference_doctype: str | None = None,
        reference_name: str | None = None,
        unsubscribe_method: str | None = None,
        unsubscribe_params: dict | None = None,
        unsubscribe_message: str | None = None,
        attachments: Any = None,
        reply_to: str | None = None,
        cc: Any = None,
        bcc: Any = None,
        message_id: str | None = None,
        in_reply_to: str | None = None,
        send_after: Any = None,
        expose_recipients: str | None = None,
        send_priority: int = 1,
        communication: str | None = None,
        read_receipt: Any = None,
        queue_separately: bool = False,
        is_notification: bool = False,
        add_unsubscribe_link: int = 1,
        inline_images: list | None = None,
        header: Any = None,
        print_letterhead: bool = False,
        with_container: bool = False,
        email_read_tracker_url: str | None = None,
    ) -> None:
        self.ask = frappe._dict(
            sender=sender, subject=subject, message=message, text_content=text_content, reply_to=reply_to,
            reference_doctype=reference_doctype, reference_name=reference_name, unsubscribe_message=unsubscribe_message,
            unsubscribe_method=unsubscribe_method or UNSUBSCRIBE_METHOD, unsubscribe_params=unsubscribe_params,
            message_id=message_id, in_reply_to=in_reply_to, send_after=send_after, expose_recipients=expose_recipients,
            send_priority=send_priority, communication=communication, read_receipt=read_receipt,
            queue_separately=queue_separately, is_notification=is_notification, header=header,
            add_unsubscribe_link=cint(add_unsubscribe_link), inline_images=inline_images, with_container=with_container,
            print_letterhead=print_letterhead,
        )  # fmt: skip
        self._to, self._cc, self._bcc = recipients, cc, bcc
        self.attachments = attachments or []

    # -- who gets it

    def final_recipients(self) -> list[str]:
        """Who is addressed, without those who want no mail."""
        gone = self._unsubscribed()
        return [entry for entry in addresses(self._to) if _bare(entry) not in gone]

    def final_cc(self) -> list[str]:
        """Who gets a copy that all see."""
        gone = self._unsubscribed()
        return [entry for entry in addresses(self._cc) if _bare(entry) not in gone]

    def _unsubscribed(self) -> set[str]:
        rows = frappe.get_all("Email Unsubscribe", {"global_unsubscribe": 1}, pluck="email")
        if self.ask.reference_doctype and self.ask.reference_name:
            rows += frappe.get_all(
                "Email Unsubscribe",
                {"reference_doctype": self.ask.reference_doctype, "reference_name": self.ask.reference_name},
                pluck="email",
            )
        return {entry.lower() for entry in rows if entry}

    # -- how it is sent

    def process(self, send_now: bool = False) -> Any:
        """Puts the message into the queue, and sends it at once if told to.

        :return: the record; None when each receiver has one of his own; an empty list when nobody is left
        """
        try:
            people, copies, hidden = self.final_recipients(), self.final_cc(), addresses(self._bcc)
            if self.ask.sender:
                validate_email_address(self.ask.sender, True)
        except frappe.InvalidEmailAddressError:
            # A wrong address is reported, and whoever saves a document besides goes on.
            frappe.log_error(title="Invalid email address", message=f"{self._to} {self._cc} {self._bcc} {self.ask.sender}")  # fmt: skip
            return []
        if not (people or copies):
            return []
        if not self.ask.queue_separately:
            record = self._queue(people, copies, hidden)
            if send_now:
                record.send()
            return record
        for entry in people:
            record = self._queue([entry], copies, hidden)
            if send_now:
                record.send()
        return None

    def _queue(self, people: list[str], copies: list[str], hidden: list[str]) -> Any:
        from frappe.email.doctype.email_account.email_account import EmailAccount
        from frappe.email.doctype.email_queue.email_queue import EmailQueue

        account = EmailAccount.find_outgoing(match_by_email=self.ask.sender, _raise_error=True)
        sender = self.ask.sender or account.default_sender
        message_id = (self.ask.message_id or get_message_id()).strip("<>")
        files, later = self._split_attachments()
        ask = self.ask
        everybody = list(dict.fromkeys([*people, *copies, *hidden]))
        return EmailQueue.new(
            {
                "priority": ask.send_priority, "attachments": json.dumps(later), "message_id": message_id, "sender": sender,
                "message": self._message(people, copies, account, sender, message_id, files), "recipients": everybody,
                "reference_doctype": ask.reference_doctype, "reference_name": ask.reference_name,
                "add_unsubscribe_link": ask.add_unsubscribe_link, "unsubscribe_method": ask.unsubscribe_method,
                "unsubscribe_param": json.dumps(ask.unsubscribe_params) if ask.unsubscribe_params else None,
                "expose_recipients": ask.expose_recipients, "communication": ask.communication,
                "send_after": get_datetime(ask.send_after) if ask.send_after else None,
                "show_as_cc": ",".join(copies),
                "email_account": account.name if account.is_exists_in_db() else None, "status": "Not Sent",
            },
            ignore_permissions=True,
        )  # fmt: skip

    def _message(
        self, people: list, copies: list, account: Any, sender: str, message_id: str, files: list
    ) -> str:
        ask = self.ask
        message = get_email(
            people, sender=sender, msg=ask.message or "", subject=ask.subject or "", text_content=ask.text_content,
            attachments=files, reply_to=ask.reply_to, cc=copies, email_account=account, header=ask.header,
            expose_recipients=ask.expose_recipients, inline_images=ask.inline_images, message_id=message_id,
            unsubscribe_link=self._unsubscribe_link(), with_container=ask.with_container,
            more_headers={
                "In-Reply-To": f"<{ask.in_reply_to.strip('<>')}>" if ask.in_reply_to else "",
                "Disposition-Notification-To": sender if ask.read_receipt else "",
                "isnotification": "<notification>" if ask.is_notification else "",
            },
        )  # fmt: skip
        return message.as_string()

    def _split_attachments(self) -> tuple[list[dict], list[dict]]:
        """Contents go into the message at once; files and prints are looked up when it is sent."""
        now, later = [], []
        for entry in self.attachments:
            if isinstance(entry, str):
                entry = {"fid": entry}
            if entry.get("fcontent") is not None:
                now.append(entry)
            elif entry.get("fid") or entry.get("file_url"):
                later.append({key: entry[key] for key in ("fid", "file_url") if entry.get(key)})
            elif cint(entry.get("print_format_attachment")):
                lang = entry.get("lang") or frappe.local.lang
                later.append(
                    {"print_letterhead": self.ask.print_letterhead, **entry, "lang": lang, "print_format_attachment": 1}
                )  # fmt: skip
        return now, later

    def _unsubscribe_link(self) -> Any:
        ask = self.ask
        if not (ask.add_unsubscribe_link and ask.unsubscribe_message and ask.reference_doctype):
            return None
        return get_unsubscribe_message(ask.unsubscribe_message, ask.expose_recipients)


def _bare(entry: str) -> str:
    return validate_email_address(entry).lower()


def get_unsubscribe_message(unsubscribe_message: str | None, expose_recipients: str | None) -> frappe._dict:
    """The line at a mail's end by which its reader stops it, in HTML and as text."""
    words = frappe.utils.escape_html(unsubscribe_message or _("Unsubscribe"))
    more = "" if unsubscribe_message else " " + _("to stop receiving emails of this type")
    html = (
        f'<div class="email-unsubscribe"><!--cc_message--><div><a href="{UNSUBSCRIBE_URL}" target="_blank">{words}</a>'
        f"{more}</div></div>"
    )
    shown = "<!--cc_message-->" if expose_recipients == "footer" else ""
    return frappe._dict(html=html, text=f"\n{shown}\n{unsubscribe_message or words}: {UNSUBSCRIBE_URL}\n")


def get_unsubcribed_url(
    reference_doctype: str | None,
    reference_name: str | None,
    email: str,
    unsubscribe_method: str,
    unsubscribe_params: dict | None,
) -> str:
    """The signed address by which one receiver stops a mail."""
    from frappe.utils.verified_command import get_signed_params

    params = {"email": email, "doctype": reference_doctype or "", "name": reference_name or ""}
    params |= unsubscribe_params or {}
    return frappe.utils.get_url(f"{unsubscribe_method}?{get_signed_params(params)}")
