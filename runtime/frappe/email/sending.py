"""A message of the queue goes out: to each receiver by himself, and nobody gets it twice.

Each receiver's row is made lasting as soon as the mail server has taken the message for him. Whoever dies between the
server's answer and that moment leaves one receiver of whom nobody knows: he gets the message a second time, the only
repetition there can be (SMTP has no way to ask).
"""

from __future__ import annotations

import os
import re
import smtplib
from collections.abc import Callable
from email import message_from_string
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any

import frappe
from frappe import _
from frappe.email.email_body import (
    CC_MESSAGE,
    OPEN_CHECK,
    POLICY,
    RECIPIENT,
    UNSUBSCRIBE_LINK,
    UNSUBSCRIBE_URL,
    attach,
)
from frappe.email.queue_builder import get_unsubcribed_url
from frappe.utils import cint, get_datetime, get_hook_method, now_datetime
from frappe.utils.worker import is_abandoned, name_of_process

#: Seconds after which nobody believes in a sender on another machine.
LEASE_SECONDS = 900
_SENDER = "Sending: "


def send(record: Any, server: Any = None) -> None:
    """Sends a message to everybody who has not got it; each step is lasting at once.

    :raises Exception: what went wrong, after the record has kept it
    """
    own = get_hook_method("override_email_send")
    if frappe.flags.in_test and not own:
        _keep(record)
        return
    if not _claim(record):
        return
    if own:
        _hand_over(record, own)
        return
    own_server = server is None
    try:
        account = record.get_email_account(raise_error=True)
        server = server or account.get_smtp_server()
        _deliver_to_all(record, account, server)
    except Exception as error:
        frappe.db.rollback()
        _note_failure(record, error)
        raise
    finally:
        if own_server and server is not None:
            server.quit()
    _finish(record, "Sent", error=None)


def _hand_over(record: Any, send_one: Callable) -> None:
    """An app sends instead of the host, by its `override_email_send`: to each receiver the finished message."""
    try:
        account = record.get_email_account()
        for row in record.recipients:
            if row.status == "Sent":
                continue
            message = message_for(record, row.recipient, account).as_bytes(policy=POLICY)
            send_one(record, record.sender, row.recipient, message)
            row.db_set({"status": "Sent", "error": None}, update_modified=False)
            record.update_db(modified=now_datetime(), commit=True)
    except Exception as error:
        frappe.db.rollback()
        _note_failure(record, error)
        raise
    _finish(record, "Sent", error=None)


def _keep(record: Any) -> None:
    """In tests nothing leaves the house: the message is kept where a test looks for it."""
    account = record.get_email_account()
    for row in record.recipients:
        if row.status != "Sent":
            frappe.flags.sent_mail = message_for(record, row.recipient, account).as_bytes(policy=POLICY)
            row.db_set("status", "Sent", update_modified=False)
    record.update_db(status="Sent")


def _claim(record: Any) -> bool:
    """Makes the message this process's own; False when another was faster."""
    status = frappe.db.get_value("Email Queue", record.name, "status", for_update=True)
    if status not in {"Not Sent", "Partially Sent"}:
        frappe.db.commit()
        return False
    # The rows as they are now: another process may have sent some since this record was read.
    record.reload()
    record.update_db(status="Sending", error=_SENDER + name_of_process(os.getpid()), commit=True)
    return True


def give_back_abandoned() -> int:
    """Lets messages go out whose sender died over them; how many there were."""
    count = 0
    rows = frappe.get_all("Email Queue", {"status": "Sending"}, ["name", "error", "modified"])
    for row in rows:
        sender = (row.error or "").removeprefix(_SENDER)
        until = get_datetime(row.modified).timestamp() + LEASE_SECONDS
        gone = is_abandoned(sender, until) if sender.count(":") >= 2 else until < now_datetime().timestamp()
        if not gone:
            continue
        current = frappe.db.get_value("Email Queue", row.name, ["status", "error"], as_dict=True, for_update=True)  # fmt: skip
        if current and (current.status, current.error) == ("Sending", row.error):
            some = frappe.db.exists("Email Queue Recipient", {"parent": row.name, "status": "Sent"})
            values = {"status": "Partially Sent" if some else "Not Sent", "error": None}
            frappe.db.set_value("Email Queue", row.name, values)
            count += 1
        frappe.db.commit()
    return count


def _deliver_to_all(record: Any, account: Any, server: Any) -> None:
    refused: Exception | None = None
    for row in record.recipients:
        if row.status == "Sent":
            continue
        message = message_for(record, row.recipient, account)
        address = parseaddr(row.recipient)[1]
        try:
            server.session.sendmail(
                parseaddr(str(message["From"]))[1], [address], message.as_bytes(policy=POLICY)
            )
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError) as error:
            # One receiver whom the server does not take must not keep the mail from the others.
            refused = error
            row.db_set("error", str(error), update_modified=False, commit=True)
            continue
        row.db_set({"status": "Sent", "error": None}, update_modified=False)
        # A sign of life for those on other machines who wonder whether this process still works.
        record.update_db(modified=now_datetime(), commit=True)
    if refused:
        raise refused


def _note_failure(record: Any, error: Exception) -> None:
    """Counts the attempt; after the last one the message is set aside and its author is told."""
    from frappe.email.doctype.email_queue.email_queue import get_email_retry_limit

    some = any(row.status == "Sent" for row in record.recipients)
    if cint(record.retry) < get_email_retry_limit():
        status = "Partially Sent" if some else "Not Sent"
        _finish(record, status, error=frappe.get_traceback(), retry=cint(record.retry) + 1)
        return
    _finish(record, "Error", error=frappe.get_traceback())
    _tell_author(record)


def _tell_author(record: Any) -> None:
    from frappe.desk.doctype.notification_log.notification_log import enqueue_create_notification

    message = message_from_string(record.message, policy=POLICY)
    subject = _("Failed to send email with subject: {0}").format(
        frappe.utils.escape_html(str(message["Subject"]))
    )
    enqueue_create_notification(
        record.owner,
        {"type": "Alert", "document_type": "Email Queue", "document_name": record.name, "subject": subject,
         "from_user": "Administrator"},
    )  # fmt: skip
    frappe.db.commit()


def _finish(record: Any, status: str, **values: Any) -> None:
    if record.communication and status in {"Sent", "Error"}:
        frappe.db.set_value(
            "Communication", record.communication, "delivery_status", status, update_modified=False
        )
    record.update_db(status=status, commit=True, **values)


# -- the message as one receiver gets it


def message_for(record: Any, recipient: str, account: Any) -> EmailMessage:
    """The message with its marks filled for one receiver, and what is attached to it."""
    message = message_from_string(record.message, policy=POLICY)
    # As an address the mark cannot be read; its letters are what is left of it.
    if RECIPIENT.strip("<>") in str(message["To"] or ""):
        del message["To"]
        message["To"] = recipient
    marks = _marks(record, recipient)
    for part in message.walk():
        if part.get_content_maintype() == "text" and not part.is_attachment():
            text = part.get_content()
            filled = re.sub("|".join(map(re.escape, marks)), lambda found: marks[found[0]], text)
            if filled != text:
                part.set_content(filled, subtype=part.get_content_subtype(), cte="quoted-printable")
    for entry in record.attachments_list:
        name, content = _content_of(entry)
        attach(message, name, content)
    return message


def _marks(record: Any, recipient: str) -> dict[str, str]:
    marks = {RECIPIENT: recipient, UNSUBSCRIBE_LINK: "", OPEN_CHECK: "", CC_MESSAGE: _who_else(record)}
    params = frappe.parse_json(record.unsubscribe_param) if record.unsubscribe_param else None
    marks[UNSUBSCRIBE_URL] = get_unsubcribed_url(
        record.reference_doctype, record.reference_name, parseaddr(recipient)[1], record.unsubscribe_method or "", params
    ) if cint(record.add_unsubscribe_link) and record.reference_doctype else ""  # fmt: skip
    return marks


def _who_else(record: Any) -> str:
    if record.expose_recipients != "footer":
        return ""
    people = ", ".join(frappe.utils.escape_html(parseaddr(entry)[1]) for entry in record.to)
    copies = ", ".join(frappe.utils.escape_html(parseaddr(entry)[1]) for entry in record.cc)
    if copies:
        return _("This email was sent to {0} and copied to {1}").format(people, copies)
    return _("This email was sent to {0}").format(people)


def _content_of(entry: dict[str, Any]) -> tuple[str, bytes]:
    """Name and bytes of a file or of a print, looked up when the message goes out."""
    if cint(entry.get("print_format_attachment")):
        wanted = {key: entry[key] for key in _PRINT_KEYS if entry.get(key) is not None}
        made = frappe.attach_print(**wanted, print_letterhead=bool(entry.get("print_letterhead")))
        return made["fname"], made["fcontent"]
    wanted = {"name": entry["fid"]} if entry.get("fid") else {"file_url": entry["file_url"]}
    file = frappe.get_doc("File", wanted)
    content = file.get_content()
    return file.file_name, content.encode() if isinstance(content, str) else content


_PRINT_KEYS = ("doctype", "name", "print_format", "file_name", "html", "lang", "password", "letterhead")
