"""Dispute Warning: a department tells early of a dispute that may come (F44–F46)."""

import frappe

from medaffairs.dispute.cases import Case


class DisputeWarning(Case):
    """A warning, from its report to what became of it."""

    def before_insert(self) -> None:
        """It names who reports it, and his department unless another one is named."""
        super().before_insert()
        person = frappe.db.get_value(
            "Practitioner", {"user": frappe.session.user}, ["name", "department"], as_dict=True
        )
        self.reporter = person.name if person else None
        if person and not self.department:
            self.department = person.department
