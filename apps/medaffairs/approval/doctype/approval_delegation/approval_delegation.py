"""Delegations: who decides in whose place, and for how long."""

import frappe
from frappe.model.document import Document
from frappe.utils import get_datetime, now_datetime

from medaffairs.approval import rules

MAY_FOR_OTHERS = "Medical Affairs Manager"


class ApprovalDelegation(Document):
    """Somebody's part in approvals, handed to another for a period."""

    def validate(self) -> None:
        """One's own part only, except by the medical-affairs manager; the period runs forward."""
        before = self.get_doc_before_save()
        owners = {self.from_user, before.from_user if before else self.from_user}
        user = frappe.session.user
        for_others = user == "Administrator" or MAY_FOR_OTHERS in frappe.get_roles(user)
        fault = rules.delegation_fault(user, for_others, owners, self.to_user)
        if fault:
            frappe.throw(frappe._(fault), frappe.PermissionError)
        if get_datetime(self.to_time) <= get_datetime(self.from_time):
            frappe.throw(frappe._("The delegation must end after it begins"))
        if not frappe.db.get_value("User", {"name": self.to_user, "enabled": 1, "user_type": "System User"}):
            frappe.throw(frappe._("{0} has no account that could decide").format(self.to_user))
        if before and before.status == "Cancelled":
            frappe.throw(frappe._("A cancelled delegation cannot be changed"))
        self.status = rules.period_state(
            self.status if before else None,
            get_datetime(self.from_time),
            get_datetime(self.to_time),
            now_datetime(),
        )
