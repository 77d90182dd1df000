"""Messages to a user inside the system, and by mail where he wants them so."""

from __future__ import annotations

from typing import Any

import frappe
from frappe import _
from frappe.desk.doctype.notification_settings.notification_settings import (
    is_email_notifications_enabled_for_type,
    is_notifications_enabled,
)
from frappe.model.document import Document
from frappe.utils import escape_html, get_url_to_form, strip_html


class NotificationLog(Document):
    """A message."""

    def after_insert(self) -> None:
        """Open pages hear of it; a mail follows where the user wants one."""
        frappe.publish_realtime("notification", after_commit=True, user=self.for_user)
        set_notifications_as_unseen(self.for_user)
        if not is_email_notifications_enabled_for_type(self.for_user, self.type):
            return
        try:
            send_notification_email(self)
        except Exception:
            # The message stands in the system; a mail that cannot be written must not take it back.
            frappe.log_error(title=_("Failed to send notification email"), reference_doctype=self.doctype)


def get_title(doctype: str, docname: Any, title_field: str | None = None) -> str:
    """What a document is called: its title, else its name."""
    field = title_field or frappe.get_meta(doctype).get_title_field()
    return docname if field == "name" else frappe.db.get_value(doctype, docname, field) or docname


def get_title_html(title: Any) -> str:
    """A title as it stands in a message."""
    return f'<b class="subject-title">{escape_html(title)}</b>'


def enqueue_create_notification(users: list[str] | str, doc: dict | Any) -> None:
    """Writes a message to each of the users, named by user or mail address.

    Written at once, so that it is lasting exactly when the action is that it tells of.
    """
    if frappe.flags.in_install or (frappe.flags.in_import and not frappe.flags.in_test):
        return
    people = [part.strip() for part in users.split(",")] if isinstance(users, str) else users
    make_notification_logs(frappe._dict(doc), [person for person in people if person])


def make_notification_logs(doc: Any, users: list[str]) -> None:
    """Messages to those users who exist, are enabled, want messages, and did not cause it themselves."""
    for user in _known(users):
        if not is_notifications_enabled(user):
            continue
        if user == doc.from_user and doc.type not in {"Alert", "Energy Point"}:
            continue
        log = frappe.new_doc("Notification Log")
        log.update(doc)
        log.for_user = user
        log.insert(ignore_permissions=True)


def _known(users: list[str]) -> list[str]:
    if not users:
        return []
    by_address = frappe.get_all(
        "User",
        filters={"enabled": 1},
        or_filters=[["name", "in", users], ["email", "in", users]],
        pluck="name",
        order_by="name asc",
    )
    return list(dict.fromkeys(by_address))


def send_notification_email(doc: Any) -> None:
    """Puts the message into the mail queue."""
    from frappe.email.doctype.email_account.email_account import EmailAccount

    address = frappe.db.get_value("User", doc.for_user, "email")
    # A site without an account sends no mail at all: that is no failure of this message.
    if not address or not EmailAccount.find_outgoing():
        return
    header = {
        "Mention": _("New Mention"), "Assignment": _("Assignment Update"), "Share": _("New Document Shared"),
        "Energy Point": _("Energy Point Update"),
    }  # fmt: skip
    link = doc.link or (doc.document_type and get_url_to_form(doc.document_type, doc.document_name))
    frappe.sendmail(
        recipients=[address], subject=strip_html(doc.subject or ""), template="new_notification",
        args={"body_content": doc.subject, "description": doc.email_content, "doc_link": link},
        header=[header.get(doc.type, _("New Notification")), "orange"],
    )  # fmt: skip


@frappe.whitelist()
def get_notification_logs(limit: int = 20) -> dict:
    """The user's newest messages, and who they come from."""
    rows = frappe.get_all(
        "Notification Log",
        filters={"for_user": frappe.session.user},
        fields=["*"],
        order_by="creation desc",
        limit_page_length=min(frappe.utils.cint(limit) or 20, 100),
    )
    users = {row.from_user for row in rows if row.from_user}
    return {"notification_logs": rows, "user_info": {user: _info(user) for user in users}}


def _info(user: str) -> dict:
    row = (
        frappe.db.get_value("User", user, ["email", "user_image", "time_zone"], as_dict=True)
        or frappe._dict()
    )
    return {"fullname": frappe.utils.get_fullname(user), "image": row.user_image, "name": user, "email": row.email,
            "time_zone": row.time_zone}  # fmt: skip


@frappe.whitelist(methods=["POST"])
def mark_as_read(docname: str) -> None:
    """Notes that the user has read a message of his."""
    if docname and frappe.db.get_value("Notification Log", docname, "for_user") == frappe.session.user:
        frappe.db.set_value("Notification Log", docname, "read", 1, update_modified=False)


@frappe.whitelist(methods=["POST"])
def mark_all_as_read() -> None:
    """Notes that the user has read all his messages."""
    frappe.db.set_value(
        "Notification Log", {"for_user": frappe.session.user, "read": 0}, "read", 1, update_modified=False
    )


@frappe.whitelist(methods=["POST"])
def trigger_indicator_hide() -> None:
    """Other pages of the user take the mark of new messages away."""
    frappe.publish_realtime("indicator_hide", user=frappe.session.user)


def set_notifications_as_unseen(user: str) -> None:
    """There is something new for the user."""
    frappe.db.set_value("Notification Settings", user, "seen", 0, update_modified=False)


def get_permission_query_conditions(user: str | None = None) -> str:
    """One's own messages."""
    user = user or frappe.session.user
    if user == "Administrator":
        return ""
    return f"(`tabNotification Log`.`for_user` = {frappe.db.escape(user)})"


def has_permission(doc: NotificationLog, ptype: str = "read", user: str | None = None) -> bool:
    """As the list says."""
    return (user or frappe.session.user) in ("Administrator", doc.for_user, doc.owner)
