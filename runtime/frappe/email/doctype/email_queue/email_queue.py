"""The queue of outgoing mail: one record per message, one row in it per receiver."""

from __future__ import annotations

import json
from typing import Any

import frappe
from frappe import _
from frappe.email.queue_builder import QueueBuilder
from frappe.model.document import Document
from frappe.utils import cint, now_datetime
from frappe.utils.typing_validations import parsed

#: Failed attempts after which a message is set aside, unless the site's `email_retry_limit` says otherwise.
RETRY_LIMIT = 3

__all__ = [
    "EmailQueue",
    "QueueBuilder",
    "bulk_retry",
    "get_email_retry_limit",
    "send_mail",
    "send_now",
    "toggle_sending",
]


class EmailQueue(Document):
    """A message on its way."""

    def on_trash(self) -> None:
        """Only who looks after the whole site deletes what was sent in its name.

        :raises frappe.PermissionError: for anybody else
        """
        if frappe.session.user != "Administrator":
            frappe.throw(_("Only Administrator can delete Email Queue"))

    @classmethod
    def new(cls, doc_data: dict, ignore_permissions: bool = False) -> EmailQueue:
        """A new record; `recipients` are plain addresses."""
        values = dict(doc_data)
        people = [entry for entry in values.pop("recipients", []) if entry]
        rows = [{"recipient": entry, "status": "Not Sent"} for entry in people]
        doc = frappe.get_doc({"doctype": "Email Queue", **values, "recipients": rows})
        doc.insert(ignore_permissions=ignore_permissions)
        return doc

    @classmethod
    def find(cls, name: str) -> EmailQueue:
        """A record by its name."""
        return frappe.get_doc("Email Queue", name)

    @classmethod
    def find_one_by_filters(cls, **kwargs: Any) -> EmailQueue | None:
        """A record by its values."""
        name = frappe.db.get_value("Email Queue", kwargs, "name")
        return cls.find(name) if name else None

    def update_db(self, commit: bool = False, **kwargs: Any) -> None:
        """Writes fields past the document's checks."""
        frappe.db.set_value("Email Queue", self.name, kwargs)
        self.update(kwargs)
        if commit:
            frappe.db.commit()

    def update_status(self, status: str, commit: bool = False, **kwargs: Any) -> None:
        """Writes how far it has come."""
        self.update_db(status=status, commit=commit, **kwargs)

    @property
    def cc(self) -> list[str]:
        """Who gets a copy."""
        return [part.strip() for part in (self.show_as_cc or "").split(",") if part.strip()]

    @property
    def to(self) -> list[str]:
        """Who is addressed."""
        return [row.recipient for row in self.recipients if row.recipient not in self.cc]

    @property
    def attachments_list(self) -> list[dict[str, Any]]:
        """What is attached when it is sent: files and prints."""
        return json.loads(self.attachments) if self.attachments else []

    def get_email_account(self, raise_error: bool = False) -> Any:
        """The account that sends it."""
        from frappe.email.doctype.email_account.email_account import EmailAccount

        if self.email_account and frappe.db.exists("Email Account", self.email_account):
            return frappe.get_cached_doc("Email Account", self.email_account)
        return EmailAccount.find_outgoing(match_by_email=self.sender, _raise_error=raise_error)

    def is_to_be_sent(self) -> bool:
        """Whether somebody still waits for it."""
        return self.status in {"Not Sent", "Partially Sent"}

    def can_send_now(self) -> bool:
        """Whether it may go out at this moment."""
        stopped = cint(frappe.db.get_default("suspend_email_queue")) or frappe.are_emails_muted()
        return not stopped and self.is_to_be_sent()

    def send(self, smtp_server_instance: Any = None) -> None:
        """Sends it to everybody who has not got it.

        :raises Exception: what went wrong; the record says it, too
        """
        from frappe.email.sending import send

        if self.can_send_now():
            send(self, smtp_server_instance)

    @frappe.whitelist()
    def retry_sending(self) -> None:
        """Lets a message that was set aside go out with the next ones."""
        self.check_permission()
        if self.status == "Error":
            self.update_db(status="Not Sent", retry=0, error=None)

    @staticmethod
    def clear_old_logs(days: int = 30) -> None:
        """Forgets messages older than a number of days."""
        limit = frappe.utils.add_days(now_datetime(), -cint(days))
        names = frappe.get_all(
            "Email Queue", {"modified": ("<", limit), "status": ("!=", "Sending")}, pluck="name"
        )
        for start in range(0, len(names), 500):
            part = names[start : start + 500]
            frappe.db.delete("Email Queue Recipient", {"parent": ("in", part)})
            frappe.db.delete("Email Queue", {"name": ("in", part)})


def get_email_retry_limit() -> int:
    """How many failed attempts a message has."""
    return cint(frappe.local.conf.get("email_retry_limit")) or RETRY_LIMIT


def send_mail(email_queue_name: str, smtp_server_instance: Any = None) -> None:
    """Sends one message of the queue."""
    EmailQueue.find(email_queue_name).send(smtp_server_instance)


@frappe.whitelist(methods=["POST"])
def send_now(name: str) -> None:
    """Sends one message at once; what fails is in its record."""
    record = EmailQueue.find(name)
    record.check_permission()
    try:
        record.send()
    except Exception as error:
        frappe.log_error(title="Email Queue", reference_doctype="Email Queue", reference_name=name)
        frappe.msgprint(_("Failed to send: {0}").format(str(error)), indicator="red")


@frappe.whitelist(methods=["POST"])
def bulk_retry(queues: Any) -> None:
    """Lets messages that were set aside go out again."""
    frappe.only_for("System Manager")
    for name in parsed(queues, list, "queues"):
        EmailQueue.find(name).retry_sending()


@frappe.whitelist(methods=["POST"])
def toggle_sending(enable: Any) -> None:
    """Holds the queue, or lets it go on."""
    frappe.only_for("System Manager")
    frappe.db.set_default("suspend_email_queue", 0 if frappe.utils.sbool(enable) else 1)
