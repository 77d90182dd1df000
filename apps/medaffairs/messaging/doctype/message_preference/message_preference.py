"""Message Preference: everybody chooses for himself."""

import frappe
from frappe.model.document import Document

from medaffairs.messaging import rules


class MessagePreference(Document):
    """A channel that somebody does not want for a kind of message."""

    def validate(self) -> None:
        """One's own preferences only; what is in the system itself cannot be muted."""
        user = frappe.session.user
        others = user == "Administrator" or "Medical Affairs Manager" in frappe.get_roles(user)
        if self.user != user and not others:
            frappe.throw(frappe._("Preferences are everybody's own"), frappe.PermissionError)
        if frappe.db.get_value("Message Channel", self.channel, "kind") == rules.IN_APP:
            frappe.throw(frappe._("Messages in the system cannot be muted"))
        same = {
            "user": self.user,
            "channel": self.channel,
            "category": self.category,
            "name": ("!=", self.name),
        }
        if frappe.db.exists("Message Preference", same):
            frappe.throw(frappe._("This channel is muted already"), frappe.DuplicateEntryError)
