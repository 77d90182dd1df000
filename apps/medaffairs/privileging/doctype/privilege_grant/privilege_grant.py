"""What the ledger says of one privilege, for lists and people."""

import frappe
from frappe.model.document import Document


class PrivilegeGrant(Document):
    """A privilege; it changes by events only."""

    def validate(self) -> None:
        """Only the ledger writes.

        :raises frappe.PermissionError: for anybody else
        """
        if not self.flags.from_ledger:
            frappe.throw(
                frappe._("A privilege is changed by granting, suspending or revoking"), frappe.PermissionError
            )

    def on_trash(self) -> None:
        """A privilege is revoked, never deleted.

        :raises frappe.PermissionError: always
        """
        frappe.throw(frappe._("A privilege is revoked, never deleted"), frappe.PermissionError)
