"""Saved View: a list as somebody wants to see it again."""

import frappe
from frappe.model.document import Document


class SavedView(Document):
    """Conditions, columns, order and kind of a list, for its owner, a role or everybody."""

    def on_update(self) -> None:
        """A list opens with one view of a person, so the one chosen before steps back."""
        if not self.is_default:
            return
        mine = {"document_type": self.document_type, "owner": self.owner, "is_default": 1}
        for name in frappe.get_all("Saved View", filters={**mine, "name": ("!=", self.name)}, pluck="name"):
            frappe.db.set_value("Saved View", name, "is_default", 0)
