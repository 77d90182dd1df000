"""Dispute Circulation: made, answered and taken back by `medaffairs.dispute.circulation` alone."""

import frappe
from frappe.model.document import Document

from medaffairs.organization import deadlines


class DisputeCirculation(Document):
    """A case that somebody is given to read, with his reply."""

    def validate(self) -> None:
        """Nobody writes one by hand.

        :raises frappe.PermissionError: for whoever tries
        """
        if not self.flags.ignore_permissions:
            frappe.throw(
                frappe._("Circulations are made and answered on the page of the case"), frappe.PermissionError
            )

    def on_update(self) -> None:
        """The clock of the reply."""
        deadlines.follow(self)

    def deadline_people(self, clock: str) -> list[str]:
        """The reader owes a reply."""
        return [self.reader]
