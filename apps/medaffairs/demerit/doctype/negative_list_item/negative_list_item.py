"""Negative List Item: free to change in a draft, fixed in a version that is or was in force."""

import frappe
from frappe.model.document import Document
from frappe.utils import flt

FREE = {"disabled"}


class NegativeListItem(Document):
    """What is forbidden, and how many points it costs."""

    def validate(self) -> None:
        """Items of a version in force can be disabled and nothing else."""
        if flt(self.points) <= 0:
            frappe.throw(frappe._("{0}: an item costs at least a tenth of a point").format(self.item_code))
        if self._is_draft():
            return
        before = self.get_doc_before_save()
        changed = {
            field.fieldname
            for field in self.meta.get("fields")
            if before is not None and self.has_value_changed(field.fieldname)
        }
        if before is None or changed - FREE:
            frappe.throw(
                frappe._("The version {0} is in force: its items do not change. Begin a new version.").format(
                    self.version
                )
            )

    def on_trash(self) -> None:
        """Only items of a draft are deleted.

        :raises frappe.ValidationError: for others
        """
        if not self._is_draft():
            frappe.throw(frappe._("Items of a version that was in force stay on record"))

    def _is_draft(self) -> bool:
        if frappe.flags.in_install or frappe.flags.in_migrate:
            return True
        return frappe.db.get_value("Negative List Version", self.version, "status") == "Draft"
