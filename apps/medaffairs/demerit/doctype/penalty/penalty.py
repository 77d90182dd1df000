"""Penalty: made and changed by scoring and its steps, never by hand (F61)."""

import frappe
from frappe.model.document import Document


class Penalty(Document):
    """What follows from somebody's points."""

    def validate(self) -> None:
        """Nobody writes it.

        :raises frappe.PermissionError: for whoever saves past scoring and steps
        """
        if not self.flags.ignore_permissions:
            frappe.throw(frappe._("Penalties follow from records and rules"), frappe.PermissionError)
