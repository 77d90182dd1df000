"""Insurance Claim: what the liability insurance is asked to pay, and pays (F53)."""

import frappe
from frappe.utils import flt

from medaffairs.dispute.cases import Case


class InsuranceClaim(Case):
    """A claim for a dispute."""

    def validate(self) -> None:
        """It belongs to a dispute that its writer may read; no more is paid than was approved."""
        if self.is_new():
            frappe.get_doc("Medical Dispute", self.dispute).check_permission("read")
        self.patient_name = frappe.db.get_value("Medical Dispute", self.dispute, "patient_name")
        if flt(self.approved_amount) and flt(self.paid_amount) > flt(self.approved_amount):
            frappe.throw(
                frappe._("{0} must not be above {1}").format(
                    frappe._("Amount Paid"), frappe._("Amount Approved")
                )
            )
        super().validate()
