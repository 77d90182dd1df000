"""Medical Complaint: from its receipt to answer, end and archive (F48–F50)."""

import frappe

from medaffairs.dispute import rules
from medaffairs.dispute.cases import Case


class MedicalComplaint(Case):
    """A complaint of a patient or a relative."""

    def validate(self) -> None:
        """Whether several departments are concerned decides how long an answer may take."""
        others = {row.department for row in self.other_departments} - {self.department}
        self.several_departments = int(bool(others))
        self._keep_mode()
        super().validate()

    def _keep_mode(self) -> None:
        """How it is handled is chosen with the draft and switched by a step, so that every switch is on record."""
        from medaffairs.approval import guard

        before = self.get_doc_before_save()
        if before is None or guard.is_stepping(self) or before.workflow_state in rules.OWN:
            return
        if before.mode != self.mode:
            frappe.throw(
                frappe._("{0} is switched by a step").format(frappe._("Handling Mode")),
                frappe.PermissionError,
            )
