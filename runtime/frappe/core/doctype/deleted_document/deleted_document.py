"""What was deleted, and how it comes back."""

from __future__ import annotations

import json

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cint
from frappe.utils.typing_validations import parsed


class DeletedDocument(Document):
    """A copy of a deleted document."""


@frappe.whitelist(methods=["POST"])
def restore(name: str, alert: bool = True) -> None:
    """Puts a deleted document back; a new name is given where its DocType gives names by chance.

    :raises frappe.DocumentAlreadyRestored: when that was done before
    """
    kept = frappe.get_doc("Deleted Document", name)
    if cint(kept.restored):
        frappe.throw(_("Document {0} Already Restored").format(name), exc=frappe.DocumentAlreadyRestored)
    kept.check_permission("write")
    values = json.loads(kept.data)
    if cint(values.get("docstatus")) == 2:
        values["docstatus"] = 0
    doc = frappe.get_doc(values)
    doc.insert()
    doc.add_comment("Edit", _("restored {0} as {1}").format(kept.deleted_name, doc.name))
    kept.db_set({"new_name": str(doc.name), "restored": 1})
    if alert:
        frappe.msgprint(_("Document Restored"))


@frappe.whitelist(methods=["POST"])
def bulk_restore(docnames: str | list) -> dict[str, list[str]]:
    """Puts several documents back; says which came back, which had before and which could not."""
    outcome: dict[str, list[str]] = {"restored": [], "invalid": [], "failed": []}
    for name in parsed(docnames, list, "docnames"):
        try:
            frappe.db.savepoint("restoring")
            restore(name, alert=False)
            outcome["restored"].append(name)
        except frappe.DocumentAlreadyRestored:
            frappe.clear_last_message()
            outcome["invalid"].append(name)
        except frappe.ValidationError:
            frappe.clear_last_message()
            frappe.db.rollback(save_point="restoring")
            outcome["failed"].append(name)
    return outcome
