"""HL7 Delivery: written by the outbox alone."""

import frappe
from frappe.model.document import Document


class HL7Delivery(Document):
    """A message on its way to one system, with its receipt."""

    def validate(self) -> None:
        """Only the outbox writes.

        :raises frappe.PermissionError: for anybody else
        """
        if not self.flags.from_outbox:
            frappe.throw(frappe._("Deliveries are written by the system alone"), frappe.PermissionError)

    def on_trash(self) -> None:
        """Nothing is dropped: a delivery ends acknowledged or in the list of failed ones.

        :raises frappe.PermissionError: always
        """
        frappe.throw(frappe._("Deliveries are written by the system alone"), frappe.PermissionError)
