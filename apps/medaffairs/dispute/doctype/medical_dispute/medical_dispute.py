"""Medical Dispute: filed, handled, settled (F52–F54)."""

import frappe

from medaffairs.approval import guard
from medaffairs.dispute import rules
from medaffairs.dispute.cases import Case


class MedicalDispute(Case):
    """A dispute about treatment."""

    def validate(self) -> None:
        """What was paid is the sum of its parts; its way of settlement is switched by a step."""
        self.paid_amount = rules.paid_altogether(self.hospital_paid, self.insurance_paid, self.personal_paid)
        before = self.get_doc_before_save()
        if (
            before is not None
            and not guard.is_stepping(self)
            and before.workflow_state not in rules.OWN
            and before.route != self.route
        ):
            frappe.throw(
                frappe._("{0} is switched by a step").format(frappe._("Way of Settlement")),
                frappe.PermissionError,
            )
        super().validate()
