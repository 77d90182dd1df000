"""Messages to a user inside the system."""

from __future__ import annotations

import frappe
from frappe.model.document import Document


class NotificationLog(Document):
    """A message."""


@frappe.whitelist()
def get_notification_logs(limit: int = 20) -> dict:
    """The user's newest messages."""
    rows = frappe.get_all(
        "Notification Log",
        filters={"for_user": frappe.session.user},
        fields=["name", "subject", "read", "creation", "document_type", "document_name", "from_user", "type"],
        order_by="creation desc",
        limit_page_length=min(limit, 100),
    )
    users = {row.from_user for row in rows if row.from_user}
    return {
        "notification_logs": rows,
        "user_info": {user: {"fullname": frappe.utils.get_fullname(user)} for user in users},
    }


@frappe.whitelist(methods=["POST"])
def mark_as_read(docname: str) -> None:
    """Notes that the user has read a message of his."""
    if frappe.db.get_value("Notification Log", docname, "for_user") == frappe.session.user:
        frappe.db.set_value("Notification Log", docname, "read", 1, update_modified=False)


@frappe.whitelist(methods=["POST"])
def mark_all_as_read() -> None:
    """Notes that the user has read all his messages."""
    frappe.db.set_value(
        "Notification Log", {"for_user": frappe.session.user, "read": 0}, "read", 1, update_modified=False
    )


def get_permission_query_conditions(user: str | None = None) -> str:
    """One's own messages."""
    user = user or frappe.session.user
    if user == "Administrator":
        return ""
    return f"(`tabNotification Log`.`for_user` = {frappe.db.escape(user)})"


def has_permission(doc: NotificationLog, ptype: str = "read", user: str | None = None) -> bool:
    """As the list says."""
    return (user or frappe.session.user) in {"Administrator", doc.for_user, doc.owner}
