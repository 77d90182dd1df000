"""Mail that people write about a document."""

from __future__ import annotations

from typing import Any

import frappe
from frappe import _
from frappe.utils import cint, get_formatted_email, parse_addr, validate_email_address


@frappe.whitelist(methods=["POST"])
def make(
    doctype: str | None = None,
    name: str | int | None = None,
    content: str | None = None,
    subject: str | None = None,
    sent_or_received: str = "Sent",
    sender: str | None = None,
    sender_full_name: str | None = None,
    recipients: Any = None,
    communication_medium: str = "Email",
    send_email: Any = False,
    print_html: str | None = None,
    print_format: str | None = None,
    attachments: Any = None,
    send_me_a_copy: Any = False,
    cc: Any = None,
    bcc: Any = None,
    read_receipt: Any = None,
    print_letterhead: Any = True,
    email_template: str | None = None,
    communication_type: str | None = None,
    send_after: Any = None,
    print_language: str | None = None,
    now: Any = False,
    **kwargs: Any,
) -> dict[str, str]:
    """Keeps a message with its document, and mails it if asked.

    :raises frappe.PermissionError: for a document that the user may not send mail about
    :raises frappe.InvalidEmailAddressError: for an address that is none
    """
    if not doctype or not name or not frappe.has_permission(doctype, "email", name):
        frappe.throw(
            _("You are not allowed to send emails related to: {0} {1}").format(_(doctype or ""), name),
            frappe.PermissionError,
        )
    people, copies, hidden = (_joined(entry) for entry in (recipients, cc, bcc))
    sender = _sender(sender)
    comm = frappe.get_doc(
        doctype="Communication", subject=subject, content=content, sender=parse_addr(sender)[1],
        sender_full_name=sender_full_name, recipients=people, cc=copies or None, bcc=hidden or None,
        communication_medium=communication_medium, sent_or_received=sent_or_received, reference_doctype=doctype,
        reference_name=name, email_template=email_template, read_receipt=cint(read_receipt), send_after=send_after,
        has_attachment=int(bool(attachments)), communication_type=communication_type or "Communication",
    ).insert(ignore_permissions=True)  # fmt: skip
    if cint(send_email) and people:
        files = [*_attachments(attachments), *_print(doctype, name, print_format, print_html, print_language)]
        comm.send_email(sender=sender, attachments=files, send_me_a_copy=cint(send_me_a_copy), now=cint(now),
                        print_letterhead=cint(print_letterhead))  # fmt: skip
    return {"name": comm.name, "emails_not_sent_to": ""}


def _joined(people: Any) -> str:
    """Addresses as one text, after each was looked at."""
    text = ", ".join(people) if isinstance(people, list | tuple) else people or ""
    for entry in frappe.utils.split_emails(text):
        validate_email_address(entry, throw=True)
    return text


def _sender(sender: str | None) -> str:
    """Who writes: the user, or whom an administrator lets speak."""
    own = get_formatted_email(frappe.session.user)
    may_choose = frappe.session.user == "Administrator" or "System Manager" in frappe.get_roles()
    return sender if sender and may_choose else own


def _attachments(attachments: Any) -> list[dict[str, Any]]:
    """Files by their names; the user must be able to read each of them."""
    found = []
    for entry in frappe.parse_json(attachments) or []:
        fid = entry if isinstance(entry, str) else entry.get("fid") or entry.get("name")
        file = frappe.get_doc("File", fid if fid else {"file_url": entry["file_url"]})
        file.check_permission("read")
        found.append({"fid": file.name})
    return found


def _print(
    doctype: str, name: Any, print_format: str | None, html: str | None, lang: str | None
) -> list[dict]:
    if not (print_format or html):
        return []
    # What a caller sends as `print_html` is not printed: only what is stored counts.
    frappe.has_permission(doctype, "print", name, throw=True)
    return [
        {
            "print_format_attachment": 1,
            "doctype": doctype,
            "name": name,
            "print_format": print_format,
            "lang": lang,
        }
    ]


def queue_communication(
    comm: Any,
    sender: str | None = None,
    attachments: list | None = None,
    send_me_a_copy: int = 0,
    now: int = 0,
    print_letterhead: int = 1,
    is_notification: bool = False,
    **more: Any,
) -> Any:
    """Puts a kept message into the mail queue."""
    copies = comm.cc or ""
    if send_me_a_copy and sender:
        copies = f"{copies}, {parse_addr(sender)[1]}".strip(", ")
    record = frappe.sendmail(
        recipients=comm.recipients, cc=copies, bcc=comm.bcc, sender=sender or "", subject=comm.subject,
        content=comm.content, reference_doctype=comm.reference_doctype, reference_name=comm.reference_name,
        attachments=attachments, message_id=comm.message_id, communication=comm.name, expose_recipients="header",
        read_receipt=comm.read_receipt, send_after=comm.send_after, delayed=not now, now=bool(now),
        is_notification=is_notification, print_letterhead=bool(print_letterhead),
        unsubscribe_message=None if is_notification else _("Leave this conversation"), **more,
    )  # fmt: skip
    if record and record.doctype == "Email Queue":
        comm.db_set({"message_id": record.message_id, "delivery_status": "Sending"}, update_modified=False)
    return record
