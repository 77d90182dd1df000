"""Complaint Notice: the register of notices, each kept as it was issued (F57)."""

import frappe
from frappe.model.document import Document
from frappe.utils import getdate, nowdate

from medaffairs.dispute import notices, rules
from medaffairs.organization.validation import rules_apply


class ComplaintNotice(Document):
    """A notice that a complainant got."""

    def before_insert(self) -> None:
        """Its text comes from the template and the complaint, whatever was sent."""
        complaint = frappe.get_doc(rules.COMPLAINT, self.complaint)
        complaint.check_permission("read")
        self.update(notices.filled(complaint, self.template))
        self.issued_on, self.issued_by = nowdate(), frappe.session.user

    def validate(self) -> None:
        """It was delivered when it had been issued."""
        if self.delivered_on:
            with rules_apply():
                rules.check_moments(
                    [("Delivered On", getdate(self.delivered_on))], frappe.utils.now_datetime()
                )
            if getdate(self.delivered_on) < getdate(self.issued_on):
                frappe.throw(
                    frappe._("{0} must not lie before {1}").format(
                        frappe._("Delivered On"), frappe._("Issued On")
                    )
                )
        before = self.get_doc_before_save()
        if before is not None and (before.body, before.title) != (self.body, self.title):
            frappe.throw(frappe._("A notice that was issued keeps its text"), frappe.PermissionError)
