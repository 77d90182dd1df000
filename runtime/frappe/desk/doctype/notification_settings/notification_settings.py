"""What a user wants to be told, and whether by mail as well."""

from __future__ import annotations

import frappe
from frappe.model.document import Document

#: Kinds of messages that are sent by mail, and the setting of each.
_MAIL_SETTINGS = {"Mention": "enable_email_mention", "Assignment": "enable_email_assignment", "Share": "enable_email_share",
                  "Energy Point": "enable_email_energy_point", "Event Reminders": "enable_email_event_reminders"}  # fmt: skip


class NotificationSettings(Document):
    """One user's wishes; the record has the user's name."""

    def on_update(self) -> None:
        """Open pages of the user follow."""
        frappe.publish_realtime("update_user_notifications", user=self.name, after_commit=True)


def _wishes(user: str) -> frappe._dict:
    fields = ["enabled", "enable_email_notifications", *_MAIL_SETTINGS.values()]
    # Who has never said anything wants everything.
    return frappe.db.get_value("Notification Settings", user, fields, as_dict=True) or frappe._dict.fromkeys(
        fields, 1
    )


def is_notifications_enabled(user: str) -> bool:
    """Whether a user wants messages at all."""
    return bool(_wishes(user).enabled)


def is_email_notifications_enabled(user: str) -> bool:
    """Whether a user wants messages by mail."""
    return bool(_wishes(user).enable_email_notifications)


def is_email_notifications_enabled_for_type(user: str, notification_type: str) -> bool:
    """Whether a user wants one kind of messages by mail; alerts stay inside the system."""
    if notification_type not in _MAIL_SETTINGS or not is_email_notifications_enabled(user):
        return False
    return bool(_wishes(user)[_MAIL_SETTINGS[notification_type]])


def create_notification_settings(user: str) -> None:
    """The record of a new user, with everything switched on."""
    if not frappe.db.exists("Notification Settings", user):
        doc = frappe.get_doc(doctype="Notification Settings", name=user, user=user)
        doc.insert(ignore_permissions=True, ignore_if_duplicate=True)


def follow_user(doc: Document, method: str) -> None:
    """A user's wishes come and go with him."""
    if method == "after_insert":
        create_notification_settings(doc.name)
        return
    frappe.db.delete(
        "Notification Subscribed Document", {"parent": doc.name, "parenttype": "Notification Settings"}
    )
    frappe.db.delete("Notification Settings", {"name": doc.name})


def toggle_notifications(user: str, enable: bool = False, ignore_permissions: bool = False) -> None:
    """Switches a user's messages on or off."""
    if frappe.db.exists("Notification Settings", user):
        doc = frappe.get_doc("Notification Settings", user)
        doc.enabled = int(enable)
        doc.save(ignore_permissions=ignore_permissions)


@frappe.whitelist()
def get_subscribed_documents() -> list[str]:
    """DocTypes whose open records the user wants counted; empty when he has chosen none."""
    return frappe.get_all(
        "Notification Subscribed Document",
        {"parent": frappe.session.user, "parenttype": "Notification Settings"},
        pluck="document",
    )


@frappe.whitelist(methods=["POST"])
def set_seen_value(value: int, user: str) -> None:
    """Notes that a user has looked at his messages; for others it does nothing."""
    if user == frappe.session.user or "System Manager" in frappe.get_roles():
        frappe.db.set_value("Notification Settings", user, "seen", value, update_modified=False)


def get_permission_query_conditions(user: str | None = None) -> str:
    """One's own wishes; a System Manager sees all."""
    user = user or frappe.session.user
    if user == "Administrator" or "System Manager" in frappe.get_roles(user):
        return ""
    return f"(`tabNotification Settings`.`name` = {frappe.db.escape(user)})"


def has_permission(doc: NotificationSettings, ptype: str = "read", user: str | None = None) -> bool:
    """As the list says."""
    user = user or frappe.session.user
    return user in ("Administrator", doc.name) or "System Manager" in frappe.get_roles(user)
