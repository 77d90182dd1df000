"""Negative List Version: put in force and retired by its own steps."""

import frappe
from frappe.model.document import Document

FIXED = ("status", "effective_from", "effective_to")


class NegativeListVersion(Document):
    """A version of the negative list."""

    def validate(self) -> None:
        """Its state and dates follow from putting versions in force."""
        self.item_count = (
            frappe.db.count("Negative List Item", {"version": self.name}) if not self.is_new() else 0
        )
        if self.flags.putting_in_force or frappe.flags.in_install or frappe.flags.in_migrate:
            return
        before = self.get_doc_before_save()
        for field in FIXED:
            self.set(field, before.get(field) if before else {"status": "Draft"}.get(field))

    def on_trash(self) -> None:
        """Only a draft is deleted, with its items.

        :raises frappe.ValidationError: once it was in force
        """
        if self.status != "Draft":
            frappe.throw(frappe._("A version that was in force stays on record"))
        for name in frappe.get_all("Negative List Item", filters={"version": self.name}, pluck="name"):
            frappe.delete_doc("Negative List Item", name)
