"""Message Template: the words keep what may identify a patient inside of the system."""

import frappe
from frappe.model.document import Document

from medaffairs.messaging import rules


class MessageTemplate(Document):
    """What people are told when something happens."""

    def validate(self) -> None:
        """Placeholders are well formed, private ones stay inside, a channel is named once."""
        private = [name.strip() for name in (self.private_places or "").split(",") if name.strip()]
        for field, sentence, values in rules.template_faults(
            self.title, self.body, self.outside_text, private
        ):
            label = frappe._(self.meta.get_label(field))
            frappe.throw(f"{label}: {frappe._(sentence).format(*values)}")
        named = [row.channel for row in self.channels]
        if len(named) != len(set(named)):
            frappe.throw(frappe._("A channel is named twice"))
