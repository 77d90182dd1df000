"""The ledger's rows: written by the ledger alone, never changed."""

import frappe
from frappe.model.document import Document


class PrivilegeEvent(Document):
    """One change of a privilege, with the time it takes effect and the time it was recorded."""

    def validate(self) -> None:
        """Only the ledger writes, and only new rows.

        :raises frappe.PermissionError: for anybody else
        """
        if not self.flags.from_ledger or not self.is_new():
            frappe.throw(frappe._("The ledger of privileges cannot be changed"), frappe.PermissionError)

    def on_trash(self) -> None:
        """Nothing leaves the ledger.

        :raises frappe.PermissionError: always
        """
        frappe.throw(frappe._("The ledger of privileges cannot be changed"), frappe.PermissionError)
